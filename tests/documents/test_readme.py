"""The commands of the documents, each of which is run and must answer as printed."""

from __future__ import annotations

import doctest
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from transcripts import (
    ANYTHING,
    DOCUMENTS,
    PRINTED_ADDRESS,
    READMES,
    ROOT,
    TUTORIALS,
    Reader,
    anchors,
    blocks,
    promised,
)

from tools.serving import serving

README = READMES[0]
ANSWERED = (README, ROOT / "docs" / "question-answering.md")
# Its answers are those of somebody's AWS account, as are those of docs/first-deployment.md.
OF_AN_ACCOUNT = ROOT / "docs" / "es" / "primer-despliegue.md"
SPANISH = [
    READMES[1],
    *(page for page in sorted((ROOT / "docs" / "es").glob("*.md")) if page not in (*TUTORIALS, OF_AN_ACCOUNT)),
]
# The commands of blocks of `sh`, and the tests that prove them.
PROVEN_ELSEWHERE = {
    "make run": "the server below is the command that it runs; .ci/run starts from a clean checkout",
    "make test": ".ci/run",
    "mkdir ../rents && cd ../rents": "the folder of tests/documents/test_tutorial.py",
    "mkdir ../alquileres && cd ../alquileres": "the same",
    "despliegue serve": "the servers of this test and of test_tutorial.py",
    "make synth": "tests/infra/test_app.py runs python -m infra.app",
    "python3 -m venv .venv": "the Makefile's own steps, run by .ci/run",
    ".venv/bin/python -m pip install --no-deps --requirement requirements/local.txt": "the Makefile's own steps",
    ".venv/bin/python -m pip install --no-deps --editable .": "the Makefile's own steps",
    ".venv/bin/python -m pip install ./client": "the Makefile's own step, which leaves it editable",
    ".venv/bin/despliegue serve": "the server below",
    ".venv/bin/python -m pip install torch==2.13.0": "the Makefile's own step",
    ".venv/bin/python -m pip install --no-deps --requirement requirements/test.txt": "the Makefile's own step",
    ".venv/bin/despliegue export-hf BecarIA/Longformer-SQuAD-becas-1 --name becas": "tests/commands/test_export_hf.py",
    ".venv/bin/despliegue export-hf OWNER/NAME --name opinions": "tests/commands/test_export_hf_texts.py",
    "despliegue predict churn customers.csv --out scored --format csv": "tests/commands/test_predict.py",
    "source .venv/bin/activate": "Python's own script",
    "source <(despliegue completion bash)": "tests/commands/test_completion.py",
    "source <(despliegue completion zsh)": "tests/commands/test_completion.py",
    "despliegue completion fish > ~/.config/fish/completions/despliegue.fish": "tests/commands/test_completion.py",
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The folder as it is after `make run`."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("models", "examples"):
        shutil.copytree(ROOT / name, folder / name)
    with serving(folder, folder / ".despliegue") as server:
        yield Reader(folder, server.url)


@pytest.mark.skipif(shutil.which("curl") is None, reason="SKIPPED: curl is not installed")
def test_every_command_answers_as_printed(reader: Reader) -> None:
    english = [step for document in ANSWERED for step in promised(document)]
    # what a Spanish page has from an English one is proven by that one
    known = {step for document in DOCUMENTS if document not in SPANISH for step in promised(document)}
    spanish = [step for document in SPANISH for step in promised(document) if step not in known]
    for step in (*english, *spanish):
        fault = reader.fault(step)
        assert fault is None, fault


def test_every_python_line_answers_as_printed(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(reader.folder)
    sessions = [session for document in (*ANSWERED, *SPANISH) for session in blocks(document, "pycon")]
    assert len(sessions) >= len(ANSWERED)
    for session in sessions:
        answers_as_printed(session, reader, {})


def test_every_line_of_the_python_client_answers_as_printed(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(reader.folder)
    page = ROOT / "docs" / "client.md"
    names = answers_as_printed("".join(blocks(page, "pycon")), reader, {})
    for program in blocks(page, "python"):
        exec(program.replace(PRINTED_ADDRESS, reader.address), names)  # noqa: S102  a block of this project's own page
    with names["client"] as client:
        assert names["prices"] == client.predict("car-price", names["car"])


def answers_as_printed(session: str, reader: Reader, names: dict[str, Any]) -> dict[str, Any]:
    """The names that a session of Python leaves; it fails where a line answers something else."""
    text = session.replace(PRINTED_ADDRESS, reader.address).replace(ANYTHING, "...")
    examples = doctest.DocTestParser().get_doctest(text, names, "README", str(README), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    report: list[str] = []
    runner.run(examples, out=report.append, clear_globs=False)
    assert runner.summarize(verbose=False).failed == 0, "".join(report)
    return examples.globs


def test_every_shell_command_is_proven_somewhere() -> None:
    commands = {
        line.partition(" #")[0].strip()
        for document in DOCUMENTS
        for block in blocks(document, "sh")
        for line in block.splitlines()
        if line.strip()
    }
    assert commands == PROVEN_ELSEWHERE.keys()


def test_documents_link_only_to_files_that_exist() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_documents_link_only_to_headings_that_exist() -> None:
    for document in DOCUMENTS:
        for path, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", document.read_text(encoding="utf-8")):
            target = document.parent / path if path else document
            assert anchor in anchors(target), f"{document.name} links to {path}#{anchor}"


def test_the_figures_of_the_first_screen_are_those_that_were_measured() -> None:
    measured = (ROOT / "benchmarks" / "RESULTS.md").read_text("utf-8").partition("# Beside other servers: churn\n")[2]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in measured.splitlines() if "|" in line]
    times = {row[0]: (row[3], row[5]) for row in rows[:14]}
    for document in READMES:
        shown = re.findall(r"^\| ([^|]+) \| ([\d.,]+) \| ([\d.,]+) \|$", document.read_text("utf-8"), re.MULTILINE)
        assert len(shown) == 5
        for server, one_row, thousand_rows in shown:
            assert times[server] == (one_row.replace(",", "."), thousand_rows.replace(",", "."))


def test_the_spanish_page_about_aws_has_the_costs_of_the_english_one() -> None:
    idle, busy = re.findall(r"\| \*\*([\d.]+)\*\* \|", (ROOT / "docs" / "aws.md").read_text("utf-8"))[:2]
    spanish = " ".join((ROOT / "docs" / "es" / "aws.md").read_text("utf-8").split())
    assert f"unos {idle.replace('.', ',')} dólares" in spanish
    assert f"y unos {float(busy):.0f} por un mes con un millón de predicciones" in spanish
