"""docs/scenarios.md: the frame, a table of all scenarios, and each with its request and answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.scenarios.playing import GROUPS
from tools.scenarios.scenario import Group, Json, Played, Scenario

FRAME = Path(__file__).with_name("frame.md")
PLACE = "<!-- scenarios -->\n"
LINK = re.compile(r"\[#([^\]]+)\]")
WIDTH = 175
SHOWN_ROWS = 3
MOST_ROWS = 20
SIGNIFICANT_DIGITS = 4
VOLATILE = frozenset({"job", "time", "timestamp"})


def render(played: Mapping[str, Played]) -> str:
    """The whole document."""
    linked = LINK.sub(lambda found: _link(found[1]), FRAME.read_text("utf-8"))
    return linked.replace(PLACE, "\n".join(_lines(played)) + "\n")


def _lines(played: Mapping[str, Played]) -> Iterator[str]:
    yield from _table(played)
    for group in GROUPS:
        yield from ("", f"## {group.title}", "", group.text)
        for number, scenario in _numbered(group):
            yield from _section(number, played[scenario.name])


def _link(name: str) -> str:
    """A link to the scenario's own heading, with the anchor that GitHub makes."""
    number = next(number for group in GROUPS for number, scenario in _numbered(group) if scenario.name == name)
    anchor = re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-")
    return f"[{number}](#{number}-{anchor})"


def _table(played: Mapping[str, Played]) -> Iterator[str]:
    yield "## All scenarios"
    yield from ("", "| | scenario | answer | what the test checks |", "|---|---|---|---|")
    for group in GROUPS:
        yield f"| | **{group.title}** | | |"
        for scenario in group.scenarios:
            cells = (_link(scenario.name), scenario.name, played[scenario.name].status, "; ".join(scenario.checks))
            yield f"| {' | '.join(map(str, cells))} |"


def _numbered(group: Group) -> Iterator[tuple[int, Scenario]]:
    before = sum(len(one.scenarios) for one in GROUPS[: GROUPS.index(group)])
    return enumerate(group.scenarios, before + 1)


def _section(number: int, played: Played) -> Iterator[str]:
    scenario = played.scenario
    yield from ("", f"### {number}. {scenario.name}", "", scenario.why, "")
    yield f"`{scenario.method} {scenario.path}`"
    if scenario.body is not None:
        text = scenario.body if isinstance(scenario.body, str) else _shown(scenario.body)
        yield from ("", "```json", text, "```")
    yield from ("", f"{played.status} {played.phrase}", "", "```json", _shown(_stable(played.content)), "```")


def _stable(value: Json, name: str = "") -> Json:
    """A copy of the answer without values that differ from one run to the next, and with rounded figures."""
    if name in VOLATILE:
        return "…"
    if isinstance(value, dict):
        return {key: _stable(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_stable(one, name) for one in value]
    if isinstance(value, float):
        rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
        return int(rounded) if rounded.is_integer() else rounded
    return re.sub(r"\d+\.\d{4,}", lambda found: f"{float(found[0]):.4g}", value) if isinstance(value, str) else value


def _shown(value: Json, indent: str = "") -> str:
    """JSON on one line where it fits, else a line for each part; only the first of many rows."""
    compact = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(indent) + len(compact) <= WIDTH:
        return compact
    inner = indent + "  "
    parts = [f"{inner}{part}" for part in _parts(value, inner)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return "\n".join([opening, ",\n".join(parts), f"{indent}{closing}"])


def _parts(value: dict[str, Any] | list[Any], indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{json.dumps(key)}: {_shown(one, indent)}" for key, one in value.items())
        return
    is_cut = len(value) > MOST_ROWS
    yield from (_shown(one, indent) for one in (value[:SHOWN_ROWS] if is_cut else value))
    if is_cut:
        yield f"… and {len(value) - SHOWN_ROWS} more"
