"""RESULTS.md in parts, each written by a command of its own."""

from __future__ import annotations

import re
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
COSTS = "# What a prediction costs"
BESIDE_OTHERS = {model: f"# Beside other servers: {model}" for model in ("churn", "car-price")}
BOOSTERS = "# Boosters"
LOAD = "# Under load"
ANSWERS = "# Question answering over long contexts"
RUNTIME = "# On Lambda's runtime"
PARSERS = "# What h11 costs"
STORAGE = "# What object storage costs"
LISTS = "# Lists"
COMMITS = "# Against an earlier commit"
MILLION = "# A million rows"
BATCH = "# A batch of a million rows"
HEADINGS = (
    COSTS,
    *BESIDE_OTHERS.values(),
    COMMITS,
    BOOSTERS,
    LOAD,
    ANSWERS,
    RUNTIME,
    STORAGE,
    LISTS,
    PARSERS,
    MILLION,
    BATCH,
)


def write_part(heading: str, text: str) -> None:
    """Replace the part under a heading by `text`; the other parts stay."""
    parts = {**_read(), heading: text.strip()}
    written = [f"{one}\n\n{parts[one]}" for one in HEADINGS if parts.get(one)]
    RESULTS.write_text("\n\n".join(written) + "\n", encoding="utf-8")


def _read() -> dict[str, str]:
    parts = re.split(r"^(# .*)$", RESULTS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {heading: text.strip() for heading, text in zip(parts[1::2], parts[2::2], strict=True)}
