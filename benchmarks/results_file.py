"""RESULTS.md: what a prediction costs, then the same under load; each part is written by a command of its own."""

from __future__ import annotations

from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
LOAD = "# Under load\n"


def write_costs(text: str) -> None:
    _, heading, load = _read()
    _write(text, heading + load)


def write_load(text: str) -> None:
    costs, _, _ = _read()
    _write(costs, f"{LOAD}\n{text}")


def _read() -> tuple[str, str, str]:
    return RESULTS.read_text(encoding="utf-8").partition(LOAD)


def _write(costs: str, load: str) -> None:
    RESULTS.write_text("\n\n".join(part for part in (costs.strip(), load.strip()) if part) + "\n", encoding="utf-8")
