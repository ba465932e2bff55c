"""A question-answering version out of a registry: read, checked, warmed, asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError, InvalidInputError, TooLargeError
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest
from functions.core.question_answering import SCHEMA
from functions.core.registry import Registry
from functions.core.tasks import TASKS
from functions.predictors.question_answering.parameters import AnsweringParameters
from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
from functions.serving.production import ServedModel
from functions.serving.version import LoadedVersion
from tests.predictors.question_answering.tiny_answering import SETTINGS, graph, tokenizer

Publish = Callable[..., Manifest]
MODEL = "becas"
ASKED = {"question": "¿Cuándo: «ya»?", "context": "Se cobra\nen enero: 1.250,50 € 😀."}
FILES = {
    "model.onnx": graph({}, {}),
    "tokenizer.json": tokenizer("byte_pairs"),
    "answering.json": SETTINGS.to_json(),
}


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(LocalStorage(tmp_path))


@pytest.fixture
def load(registry: Registry, publish: Publish) -> Callable[..., LoadedVersion]:
    """Publishes a version of these files, and loads it."""

    def publish_and_load(limits: Limits | None = None, **files: bytes) -> LoadedVersion:
        manifest = replace(
            publish(registry),
            model=MODEL,
            version=registry.claim(MODEL),
            task="question-answering",
            schema=SCHEMA,
            labels=(),
            limits=limits or Limits(),
            example=ASKED,
        )
        registry.publish(manifest, {**FILES, **{name.replace("_", "."): body for name, body in files.items()}})
        return LoadedVersion.load(registry, MODEL, manifest.version)

    return publish_and_load


def test_its_files_are_the_tasks() -> None:
    assert tuple(FILES) == TASKS["question-answering"].served_files["checkpoint"]


@pytest.mark.parametrize("body", [ASKED, [ASKED, {"question": "x", "context": "y"}], {"instances": [ASKED]}])
def test_well_formed_bodies_are_read_at_once_and_answered(load: Callable[..., LoadedVersion], body: Any) -> None:
    version = load()
    batch = version.read(orjson.dumps(body))
    assert batch is not None
    found = version.predict(batch)
    assert found.warnings == [[] for _ in range(batch.rows)]
    assert [one["answer"] in text for one, text in zip(found.predictions, batch.table["context"], strict=True)]  # type: ignore[index, operator]
    assert found.predictions[0] == version.predict(version.validate([ASKED])).predictions[0]


@pytest.mark.parametrize(
    ("instance", "faults"),
    [
        ({"question": "x"}, [((0, "context"), "missing")]),
        ({"question": "", "context": 3}, [((0, "question"), "string_too_short"), ((0, "context"), "string_type")]),
        ({**ASKED, "answer": "x"}, [((0, "answer"), "extra_forbidden")]),
        ({"question": " ", "context": "\ud800"}, [((0, "question"), "unreadable"), ((0, "context"), "unreadable")]),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_place(
    load: Callable[..., LoadedVersion], instance: dict[str, Any], faults: list[Any]
) -> None:
    version = load()
    with pytest.raises(InvalidInputError) as caught:
        version.predict(version.validate([instance]))
    assert [(one.loc, one.type) for one in caught.value.faults] == faults


def test_its_predictor_answers_with_parameters(load: Callable[..., LoadedVersion]) -> None:
    predictor = load().predictor
    assert isinstance(predictor, QuestionAnsweringPredictor)
    [found] = predictor.answer([ASKED["question"]], [ASKED["context"]], AnsweringParameters(top_k=3))
    assert len(found) == 3


def test_the_limits_are_the_versions(load: Callable[..., LoadedVersion]) -> None:
    version = load(Limits(max_instances=2, max_tokens=120))
    with pytest.raises(TooLargeError, match="3 instances are more than 2"):
        version.validate([ASKED] * 3)
    assert isinstance(version.predictor, QuestionAnsweringPredictor)
    asked = AnsweringParameters(max_question_len=30, doc_stride=0)
    with pytest.raises(TooLargeError, match="tokens in 6 windows are more than 120"):
        version.predictor.answer([ASKED["question"]] * 2, ["😀" * 30] * 2, asked)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_leaves_the_old_version_serving(
    registry: Registry, load: Callable[..., LoadedVersion], name: str
) -> None:
    served = ServedModel(registry, MODEL)
    load()
    registry.promote_now(MODEL, 1, actor="test", pinned=False)
    assert served.current().manifest.version == 1
    with pytest.raises(DamagedVersionError, match=name):
        load(**{name.replace(".", "_"): b"{}"})
    registry.promote_now(MODEL, 2, actor="test", pinned=False)
    assert served.current().manifest.version == 1
