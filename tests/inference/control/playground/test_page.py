"""The files of the page: small, whole, and free of what its policy forbids."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from functions.core.history import BY_HAND
from functions.inference.control.playground.page import FOLDER, page_below, page_files, page_policy
from functions.inference.control.playground.script import EXPORT, IMPORT
from functions.inference.delivery import GZIP_LEVEL
from functions.serving.promotion import FIRST
from model_export.gate import PASSED
from tests.conftest import ROOT

BUDGET_BYTES = 65_000
"""What docs/playground.md says; 150,000 would still be quick on a telephone."""
BROWSER_TESTS = Path(__file__).parents[3] / "playground"
MODULES = sorted(FOLDER.glob("*.js"))
JOURNEY = (
    "functions/core/submission.py",
    "functions/core/jobs.py",
    "functions/trainer/worker.py",
    "model_export/training.py",
    "model_export/pipelines/candidate.py",
)
"""The modules that a job passes, as docs/architecture.md tells it."""
STAGE = r'(?:progress\(|\bstage(?:: str)? ?= ?|^PROMOTE = )"(\w+)"'
ASKED = r'\bt\([^()]*?"(\w+\.[\w-]+|waiting|cancel|version)"'


def test_all_files_together_stay_within_the_budget_compressed() -> None:
    bodies = [page_below(""), *(file.body for file in page_files().values())]
    assert sum(len(gzip.compress(body, GZIP_LEVEL)) for body in bodies) <= BUDGET_BYTES


def test_every_module_is_a_part_of_the_script() -> None:
    script = page_files()["playground.js"].body.decode()
    assert [path.name for path in MODULES if f"const {path.stem}_js = " not in script] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_module_keeps_to_what_can_be_joined_and_makes_no_markup(module: Path) -> None:
    source = module.read_text("utf-8")
    imports = [line for line in source.splitlines() if line.startswith("import") and line.endswith(";")]
    exports = [line for line in source.splitlines() if line.startswith("export")]
    assert [line for line in imports if not IMPORT.fullmatch(line)] == []
    assert [line for line in exports if not EXPORT.match(line)] == []
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.cssText", source
    )
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", source)


def test_imported_names_are_exported_and_used() -> None:
    sources = {path.stem: path.read_text("utf-8") for path in MODULES}
    exported = {name: set(EXPORT.findall(source)) for name, source in sources.items()}
    imported = [
        (name, other, one.strip())
        for name, text in sources.items()
        for names, other in IMPORT.findall(text)
        for one in names.split(",")
    ]
    assert [one for one in imported if one[2] not in exported[one[1]]] == []
    assert [one for one in imported if len(re.findall(rf"\b{one[2]}\b", sources[one[0]])) < 2] == []
    wanted = {(other, name) for _, other, name in imported}
    tests = "".join(path.read_text("utf-8") for path in BROWSER_TESTS.glob("*.py"))
    unwanted = {(module, name) for module, names in exported.items() for name in names} - wanted
    assert {(module, name) for module, name in unwanted if name not in tests} == set()


def test_the_languages_have_the_same_words_with_the_same_places() -> None:
    english, spanish = (_words(name) for name in ("words_en", "words_es"))
    assert english.keys() == spanish.keys()
    assert {key: (english[key], spanish[key]) for key in english if english[key] != spanish[key]} == {}


def test_every_key_that_the_modules_ask_for_is_a_word() -> None:
    asked = {key for path in MODULES for key in re.findall(ASKED, path.read_text("utf-8"))}
    assert asked - _words("words_en").keys() == set()


def test_the_reasons_of_every_day_and_the_metrics_of_the_samples_have_words() -> None:
    baked = json.loads((ROOT / "models" / "becas" / "baked" / "manifest.json").read_bytes())
    wanted = {f"reason.{one}" for one in (PASSED, BY_HAND, FIRST)} | {f"metric.{one}" for one in baked["metrics"]}
    assert wanted - _words("words_es").keys() == set()


def test_the_stages_of_a_job_have_words_and_no_others_do() -> None:
    stages = {one for path in JOURNEY for one in re.findall(STAGE, (ROOT / path).read_text("utf-8"), re.MULTILINE)}
    known = {key.removeprefix("stage.") for key in _words("words_en") if key.startswith("stage.")}
    assert known == stages


def test_addresses_are_below_the_base_path_and_named_by_content() -> None:
    page = page_below("/ml").decode()
    for name, file in page_files().items():
        assert f'"/ml/playground/{name}?digest={file.digest}"' in page
    assert "{{" not in page
    assert 'data-base-path="/ml"' in page
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", page)


def test_the_policy_lets_requests_go_to_this_server_and_to_the_buckets_alone() -> None:
    policy = dict(one.split(" ", 1) for one in page_policy(["https://b.s3.eu-west-1.amazonaws.com"]).split("; "))
    assert policy["connect-src"] == "'self' https://b.s3.eu-west-1.amazonaws.com"
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert "unsafe" not in str(policy)


def _words(module: str) -> dict[str, set[str]]:
    """The keys of a language, each with the places in its words."""
    source = (FOLDER / f"{module}.js").read_text("utf-8")
    entries = re.findall(r'^  "([^"]+)": (.+),$', source, re.MULTILINE)
    return {key: set(re.findall(r"\{(\w+)\}", words.removeprefix("{"))) for key, words in entries}
