"""pipeline.py: loaded under a name that survives pickling, refused with the file that is wrong."""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline

from functions.core.definition import Definition, SavedPipeline
from functions.core.errors import DefinitionError
from functions.core.schema import Feature, Schema
from model_export.pipelines.pipeline_module import PACKAGE, build_pipeline, load_module, load_pipeline_module

WITH_CLASS = """
class Step:
    def __init__(self, width=1):
        self.width = width

def build_pipeline(*, width=1):
    return Step(width)
"""
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def restored_modules() -> Iterator[None]:
    before = dict(sys.modules)
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]
    sys.modules.update(before)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a folder with a pipeline.py; returns it."""

    def write(text: str, *, name: str = "car-price-x") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "pipeline.py").write_text(text, encoding="utf-8")
        return folder

    return write


def definition_of(folder: Path) -> Definition:
    return Definition(
        name=folder.name,
        task="tabular-regression",
        description="",
        schema=Schema((Feature("a", "number"),), Feature("y", "number")),
        folder=folder,
        digest="",
    )


def test_the_name_follows_from_the_folder(write: Write) -> None:
    module = load_pipeline_module(write(WITH_CLASS))
    assert module.__name__ == "despliegue_models.car_price_x.pipeline"
    assert sys.modules[module.__name__] is module
    assert module.Step.__module__ == module.__name__


def test_objects_of_its_classes_are_pickled_and_read_after_loading_it_again(write: Write) -> None:
    folder = write(WITH_CLASS)
    body = pickle.dumps(build_pipeline(definition_of(folder), {"width": 3}))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]
    with pytest.raises(ModuleNotFoundError):
        pickle.loads(body)  # noqa: S301
    module = load_pipeline_module(folder)
    found = pickle.loads(body)  # noqa: S301
    assert isinstance(found, module.Step)
    assert found.width == 3


def test_models_do_not_share_their_modules(write: Write) -> None:
    one = load_pipeline_module(write(WITH_CLASS, name="one"))
    two = load_pipeline_module(write(WITH_CLASS, name="two"))
    assert one.Step is not two.Step
    assert sys.modules[one.__name__] is one


def test_importing_looks_nowhere_else(write: Write) -> None:
    before = list(sys.path)
    load_pipeline_module(write(WITH_CLASS))
    assert sys.path == before


@pytest.mark.parametrize("args", [{}, {"width": 2}])
def test_arguments_reach_the_pipeline(write: Write, args: dict[str, Any]) -> None:
    assert build_pipeline(definition_of(write(WITH_CLASS)), args).width == args.get("width", 1)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"pipeline\.py is missing: it must define build_pipeline"):
        load_pipeline_module(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def build(", "SyntaxError"),
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_file_that_cannot_be_imported_is_named_with_the_cause(write: Write, text: str, words: str) -> None:
    folder = write(text)
    with pytest.raises(DefinitionError, match="cannot be imported") as caught:
        load_pipeline_module(folder)
    assert str(folder / "pipeline.py") in str(caught.value)
    assert words in str(caught.value)
    assert "despliegue_models.car_price_x.pipeline" not in sys.modules


def test_a_file_without_build_pipeline_is_refused(write: Write) -> None:
    with pytest.raises(DefinitionError, match=r"pipeline\.py does not define build_pipeline"):
        build_pipeline(definition_of(write("A = 1")), {})


def test_arguments_that_do_not_suit_are_refused(write: Write) -> None:
    with pytest.raises(DefinitionError, match="'depth'") as caught:
        build_pipeline(definition_of(write(WITH_CLASS)), {"depth": 3})
    assert "car-price-x" in str(caught.value)


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("raise ValueError('no such width')", "ValueError: no such width"),
        ("return {}['width']", "KeyError: 'width'"),
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("return None.fit", "AttributeError: 'NoneType' object has no attribute 'fit'"),
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
        ("return open('/nowhere/levels.json')", "FileNotFoundError: "),
    ],
)
def test_any_error_in_build_pipeline_is_reported_with_its_line(write: Write, body: str, cause: str) -> None:
    folder = write(f"def inner(width):\n    {body}\n\ndef build_pipeline(*, width=1):\n    return inner(width)\n")
    with pytest.raises(DefinitionError) as caught:
        build_pipeline(definition_of(folder), {"width": 3})
    message = str(caught.value)
    assert message.startswith(f"{folder / 'pipeline.py'}:2: build_pipeline with {{'width': 3}}: {cause}")


def test_an_import_that_fails_is_reported_with_its_line(write: Write) -> None:
    folder = write("import math\n\nmath.nothing\n")
    with pytest.raises(DefinitionError, match=r"pipeline\.py:3 cannot be imported: AttributeError"):
        load_pipeline_module(folder)


@pytest.mark.parametrize("name", ["car-price", "churn"])
def test_the_repositorys_pipelines_are_built_from_their_definitions(name: str, definitions: Any) -> None:
    definition = definitions[name]
    pipeline = build_pipeline(definition, definition.args)
    assert hasattr(pipeline, "fit")
    assert hasattr(pipeline, "predict")


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Definition]:
    """A definition whose [pipeline] is a joblib of a pipeline with a class of its own code."""

    def make(*, sha256: str | None = None) -> Definition:
        folder = tmp_path / "saved-model"
        folder.mkdir()
        (folder / "mine.py").write_text(
            "from sklearn.preprocessing import StandardScaler\nclass Scale(StandardScaler):\n    pass\n"
        )
        scale = load_module(folder / "mine.py").Scale()
        joblib.dump(Pipeline([("scale", scale), ("model", Ridge(alpha=2.0))]), folder / "p.joblib")
        digest = hashlib.sha256((folder / "p.joblib").read_bytes()).hexdigest()
        for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
            del sys.modules[name]
        return replace(definition_of(folder), pipeline=SavedPipeline("p.joblib", sha256 or digest, ("mine.py",)))

    return make


def test_a_saved_pipeline_is_built_with_its_own_classes(saved: Callable[..., Definition]) -> None:
    definition = saved()
    first, second = build_pipeline(definition, {}), build_pipeline(definition, {"model__alpha": 5})
    assert (first["model"].alpha, second["model"].alpha) == (2.0, 5)
    assert type(first["scale"]).__module__ == "despliegue_models.saved_model.mine"
    assert not hasattr(first.fit([[1.0], [2.0]], [1, 2]), "steps_")
    assert not hasattr(build_pipeline(definition, {})["model"], "coef_")


def test_a_pipeline_whose_packages_are_not_installed_is_not_loaded(saved: Callable[..., Definition]) -> None:
    definition = saved()
    lacking = replace(definition, pipeline=replace(definition.pipeline, requires=("no-such-thing==1.0",)))
    with pytest.raises(DefinitionError, match=r"python -m pip install no-such-thing==1\.0"):
        build_pipeline(lacking, {})


def test_a_saved_pipeline_with_another_digest_is_not_loaded(
    saved: Callable[..., Definition], monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = saved(sha256="0" * 64)
    monkeypatch.setattr(joblib, "load", lambda body: pytest.fail("it was loaded"))
    with pytest.raises(DefinitionError, match=r"p\.joblib is not the file whose sha256 is in \[pipeline\]"):
        build_pipeline(definition, {})


def test_a_saved_pipeline_that_is_missing_or_gets_other_arguments_is_refused(saved: Callable[..., Definition]) -> None:
    definition = saved()
    with pytest.raises(DefinitionError, match=r"p\.joblib gives no pipeline with {'depth': 3}: .*Invalid parameter"):
        build_pipeline(definition, {"depth": 3})
    (definition.folder / "mine.py").unlink()
    with pytest.raises(DefinitionError, match=r"mine\.py is missing"):
        build_pipeline(definition, {})
    (definition.folder / "p.joblib").unlink()
    with pytest.raises(DefinitionError, match=r"p\.joblib is missing"):
        build_pipeline(definition, {})
