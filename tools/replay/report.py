"""Differences as text: by request, with the path, the answer before and the answer after."""

from __future__ import annotations

from collections.abc import Sequence

from tools.replay.differences import Difference
from tools.replay.requests import Request

LONGEST = 300


def report(requests: Sequence[Request], found: Sequence[Difference]) -> str:
    """The differences as lines of text; empty where there is none."""
    by_name = {request.name: request for request in requests}
    lines: list[str] = []
    last = None
    for one in found:
        if one.request != last:
            request, last = by_name[one.request], one.request
            lines += ["", f"{one.request}   [{request.door}] {request.method} {_cut(request.target)}"]
        lines += [f"  {one.path}", f"  - {_cut(one.before)}", f"  + {_cut(one.after)}"]
    return "\n".join(lines)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"
