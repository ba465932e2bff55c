"""Fenced blocks of documents, and commands with the output that they promise."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
READMES = (ROOT / "README.md", ROOT / "README.es.md")
DOCUMENTS = (*READMES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md")))
TUTORIALS = (ROOT / "docs" / "tutorial.md", ROOT / "docs" / "es" / "modelo-propio.md")
PRINTED_ADDRESS = "http://127.0.0.1:8000"

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


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader's terminal: the folder it is in, and the address of the server in the other terminal."""

    folder: Path
    address: str

    def run(self, step: Step) -> subprocess.CompletedProcess[str]:
        # the output alone is compared: progress, of curl and of training, is for terminals
        return subprocess.run(
            ["bash", "-c", step.command.replace(PRINTED_ADDRESS, self.address)],
            cwd=self.folder,
            env=_environment(),
            capture_output=True,
            text=True,
        )

    def fault(self, step: Step) -> str | None:
        """What was printed instead, if the step did not answer as the document says."""
        ended = self.run(step)
        if step.is_answered_by(ended.stdout.replace(self.address, PRINTED_ADDRESS)):
            return None
        return f"{step.command}\nprinted\n{ended.stdout}\n{ended.stderr}"


def _environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"}
    environment.pop("DESPLIEGUE_HOME", None)
    return environment


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


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives the document's headings."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    titles = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title) for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def promised(path: Path) -> list[Step]:
    """The steps of all console blocks of the document, in order."""
    return [step for block in blocks(path, "console") for step in steps(block)]


def _is_open(command: list[str]) -> bool:
    return "\n".join(command).count("'") % 2 == 1
