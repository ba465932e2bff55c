"""The commands of the documents, each of which is run and must answer as printed."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from transcripts import ANYTHING, blocks, steps

from tools.serving import serving

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
ANSWERED = (README, ROOT / "docs" / "question-answering.md")
PRINTED_ADDRESS = "http://127.0.0.1:8000"
# The commands of blocks of `sh`, and the tests that prove them.
PROVEN_ELSEWHERE = {
    "make run": "the server below is the command that it runs; .ci/run starts from a clean checkout",
    "make test": ".ci/run",
    "make synth": "tests/infra/test_app.py runs python -m infra.app",
    "python3 -m venv .venv": "the Makefile's own steps, run by .ci/run",
    ".venv/bin/python -m pip install --no-deps --requirement requirements/local.txt": "the Makefile's own steps",
    ".venv/bin/python -m pip install --no-deps --editable .": "the Makefile's own steps",
    ".venv/bin/despliegue serve": "the server below",
    ".venv/bin/python -m pip install torch==2.13.0": "the Makefile's own step",
    ".venv/bin/python -m pip install --no-deps --requirement requirements/test.txt": "the Makefile's own step",
    ".venv/bin/despliegue export-hf BecarIA/Longformer-SQuAD-becas-1 --name becas": "tests/commands/test_export_hf.py",
    "source .venv/bin/activate": "Python's own script",
    "source <(despliegue completion bash)": "tests/commands/test_completion.py",
    "source <(despliegue completion zsh)": "tests/commands/test_completion.py",
    "despliegue completion fish > ~/.config/fish/completions/despliegue.fish": "tests/commands/test_completion.py",
}


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder as a reader has it after `make run`, and the address of its server."""

    folder: Path
    address: str
    environment: dict[str, str]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("models", "examples"):
        shutil.copytree(ROOT / name, folder / name)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"}
    environment.pop("DESPLIEGUE_HOME", None)
    with serving(folder, folder / ".despliegue") as server:
        yield Checkout(folder, server.url, environment)


@pytest.mark.skipif(shutil.which("curl") is None, reason="SKIPPED: curl is not installed")
def test_every_command_answers_as_printed(checkout: Checkout) -> None:
    for block in (block for document in ANSWERED for block in blocks(document, "console")):
        for step in steps(block.replace(PRINTED_ADDRESS, checkout.address)):
            # curl's progress is for terminals, as is the progress of training
            run = subprocess.run(
                ["bash", "-c", step.command],
                cwd=checkout.folder,
                env=checkout.environment,
                capture_output=True,
                text=True,
            )
            assert step.is_answered_by(run.stdout), f"{step.command}\nprinted\n{run.stdout}\n{run.stderr}"


def test_every_python_line_answers_as_printed(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout.folder)
    sessions = [session for document in ANSWERED for session in blocks(document, "pycon")]
    assert len(sessions) >= len(ANSWERED)
    for session in sessions:
        text = session.replace(PRINTED_ADDRESS, checkout.address).replace(ANYTHING, "...")
        examples = doctest.DocTestParser().get_doctest(text, {}, "README", str(README), 0)
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        report: list[str] = []
        runner.run(examples, out=report.append)
        assert runner.summarize(verbose=False).failed == 0, "".join(report)


def test_every_shell_command_is_proven_somewhere() -> None:
    documents = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    commands = {
        line.partition(" #")[0].strip()
        for document in documents
        for block in blocks(document, "sh")
        for line in block.splitlines()
        if line.strip()
    }
    assert commands == PROVEN_ELSEWHERE.keys()


def test_documents_link_only_to_files_that_exist() -> None:
    documents = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for document in documents:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
