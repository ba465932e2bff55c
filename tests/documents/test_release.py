"""The version: in one place of the code, and the same in what readers see of a release."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from functions import VERSION

ROOT = Path(__file__).parents[2]


def test_the_package_reads_the_version_where_the_service_has_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"] == {"version": {"attr": "functions.VERSION"}}


def test_the_newest_dated_section_of_the_changelog_is_this_version() -> None:
    sections = re.findall(
        r"^## \[(.+)\](?: - (\d{4}-\d\d-\d\d))?$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert sections[0] == ("Unreleased", "")
    assert sections[1][0] == VERSION
    assert all(date for _, date in sections[1:])


@pytest.mark.parametrize("document", ["README.md", "README.es.md", "docs/server.md"])
def test_documents_name_this_version(document: str) -> None:
    named = re.findall(r"(?:[Vv]ersi[oó]n |despliegue-server:)(\d+\.\d+\.\d+)", (ROOT / document).read_text("utf-8"))
    assert set(named) == {VERSION}


@pytest.mark.parametrize("form", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.md")), ids=lambda form: form.stem)
def test_a_form_for_issues_has_what_github_asks_for(form: Path) -> None:
    head = yaml.safe_load(form.read_text("utf-8").split("---\n")[1])
    assert head.keys() == {"name", "about", "labels"}
