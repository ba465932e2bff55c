"""Fenced blocks of documents, and commands with the output that they promise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANYTHING = "…"


@dataclass(frozen=True, slots=True)
class Step:
    """A command and its output, in which `…` matches anything."""

    command: str
    expected: str

    def is_answered_by(self, output: str) -> bool:
        pattern = ".*?".join(re.escape(part) for part in self.expected.strip().split(ANYTHING))
        return re.fullmatch(pattern, output.replace("\r\n", "\n").strip(), re.DOTALL) is not None


def blocks(path: Path, language: str) -> list[str]:
    """The contents of the document's fenced blocks in that language, in order."""
    return [body for found, body in FENCE.findall(path.read_text(encoding="utf-8")) if found == language]


def steps(block: str) -> list[Step]:
    """The `$ ` commands of a console block. A command goes on while a quote is open."""
    found: list[Step] = []
    command: list[str] = []
    output: list[str] = []
    for line in block.splitlines():
        if line.startswith("$ ") and not _is_open(command):
            if command:
                found.append(Step("\n".join(command), "\n".join(output)))
            command, output = [line.removeprefix("$ ")], []
        elif _is_open(command):
            command.append(line)
        else:
            output.append(line)
    return [*found, Step("\n".join(command), "\n".join(output))] if command else found


def _is_open(command: list[str]) -> bool:
    return "\n".join(command).count("'") % 2 == 1
