"""requirements/*.txt: parts of requirements/test.txt, each without what its users must not install, and audit.txt."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "requirements"
WHOLE = "test.txt"
AUDIT = "audit.txt"
PARTS = ["inference.txt", "infra.txt", "local.txt", "quick.txt", "training.txt"]


def pins(name: str) -> dict[str, list[str]]:
    """The release and the hashes of each package; markers are left out, because they differ from file to file."""
    lines = (FOLDER / name).read_text("utf-8").replace(" \\\n", "").splitlines()
    words = [line.split() for line in lines if line and not line.startswith("#")]
    return {
        first.partition("==")[0]: [first, *(word for word in more if word.startswith("--hash="))]
        for first, *more in words
    }


def packages(name: str) -> set[str]:
    return set(pins(name))


def test_every_file_is_known_and_made_by_make_lock() -> None:
    assert {path.name for path in FOLDER.glob("*.txt")} == {WHOLE, AUDIT, *PARTS}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert [name for name in (WHOLE, AUDIT, *PARTS) if f"--output-file requirements/{name}\n" not in makefile] == []


@pytest.mark.parametrize("part", PARTS)
def test_a_file_is_a_part_of_what_is_tested(part: str) -> None:
    """No file pins another release, so an environment can grow from one set to the next."""
    whole = pins(WHOLE)
    assert {package: accepted for package, accepted in pins(part).items() if accepted != whole.get(package)} == {}


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("inference.txt", "training.txt"),
        ("training.txt", "local.txt"),
        ("local.txt", "quick.txt"),
        ("local.txt", "infra.txt"),
    ],
)
def test_a_set_holds_the_one_before(smaller: str, larger: str) -> None:
    assert packages(smaller) < packages(larger)


@pytest.mark.parametrize(
    ("name", "foreign"),
    [
        ("quick.txt", {"torch", "transformers", "optimum", "aws-cdk-lib", "cdk-nag", "cfn-lint", "mypy", "ipykernel"}),
        ("infra.txt", {"torch", "transformers", "optimum", "pytest", "moto", "mypy", "hypothesis", "ruff"}),
        (WHOLE, {"torch"}),
    ],
)
def test_a_set_is_without_what_its_users_need_not_install(name: str, foreign: set[str]) -> None:
    assert packages(name) & foreign == set()


def test_the_tools_of_the_audit_are_pinned_by_hash_too() -> None:
    found = pins(AUDIT)
    assert {"pip-audit", "cyclonedx-bom"} <= set(found)
    assert all(re.fullmatch(r"[\w.-]+==\S+", first) and hashes for first, *hashes in found.values())
