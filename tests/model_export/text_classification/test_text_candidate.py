"""A candidate gives the scores of transformers' pipeline, and int8 passes its gate or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from functions.core.errors import InvalidInputError, ParityError
from tests.model_export.checkpoints.tiny import LABELS, TEXTS
from tests.model_export.text_classification.piped import pipeline_scores
from tests.model_export.text_classification.simple_transformers import (
    LENGTH,
    UNNAMED,
    scores_of_several_labels,
    write_several_labels,
)
from tests.predictors.asked_texts import asked

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from functions.predictors.by_task import open_predictor
from model_export.text_classification import text_candidate
from model_export.text_classification.labelled_texts import LabelledText
from model_export.text_classification.text_candidate import TEXT_SCHEMA, TextExport, prove_text_checkpoint
from model_export.text_classification.text_checkpoints import load_text_checkpoint

TextFolders = Callable[..., Path]


def proven(folder: Path, **request: Any) -> Any:
    checkpoint = load_text_checkpoint(folder, trust_pickle=False)
    return checkpoint, prove_text_checkpoint(checkpoint, TextExport("tiny", **request), lambda stage, share: None)


def labelled(folder: Path) -> list[LabelledText]:
    """Texts with the labels that the model itself gives."""
    _, candidate = proven(folder)
    predictor = open_predictor("text-classification", "checkpoint", candidate.files, TEXT_SCHEMA, candidate.labels)
    found = predictor.predict({"text": TEXTS})
    return [LabelledText(text, frozenset([cast(Any, one)["label"]])) for text, one in zip(TEXTS, found, strict=True)]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # numpy 2 of torch's tensors
@pytest.mark.parametrize(
    ("family", "problem"),
    [("bert", "single_label_classification"), ("xlm-roberta", "multi_label_classification")],
)
def test_200_texts_have_the_scores_of_the_pipeline(text_folder: TextFolders, family: str, problem: str) -> None:
    checkpoint, candidate = proven(text_folder(family, problem), truncation=True)
    predictor = open_predictor("text-classification", "checkpoint", candidate.files, TEXT_SCHEMA, candidate.labels)
    texts = [one.context for one in asked(200)]
    ours = [cast(Any, one) for one in predictor.predict({"text": texts})]
    for one, theirs in zip(ours, pipeline_scores(checkpoint.model, checkpoint.tokenizer, texts), strict=True):
        assert one["scores"] == pytest.approx(theirs, abs=1e-5)
        assert one["score"] == max(one["scores"].values())


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # numpy 2 of torch's tensors
def test_a_model_of_several_labels_has_the_scores_of_simple_transformers(tmp_path: Path) -> None:
    write_several_labels(tmp_path / "bert")
    _, candidate = proven(tmp_path / "bert", truncation=True)
    predictor = open_predictor("text-classification", "checkpoint", candidate.files, TEXT_SCHEMA, candidate.labels)
    texts = [*TEXTS, *(f"{text} {text} {text}" for text in TEXTS)]
    ours = [[cast(Any, one)["scores"][label] for label in UNNAMED] for one in predictor.predict({"text": texts})]
    theirs, uncut = (scores_of_several_labels(tmp_path / "bert", texts, length) for length in (LENGTH, 2 * LENGTH))
    for one, other in zip(ours, theirs, strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    assert theirs[-1] != pytest.approx(uncut[-1], abs=1e-3), "no text was cut"


def test_metrics_are_measured_by_the_code_that_serves(text_folder: TextFolders) -> None:
    texts = labelled(text_folder("bert"))
    _, candidate = proven(text_folder("bert"), texts=texts)
    assert candidate.metrics == {"accuracy": 1.0, "f1": 1.0}
    with pytest.raises(InvalidInputError, match=r"label otra is none of the model's: positivo"):
        proven(text_folder("bert"), texts=[LabelledText("a", frozenset({"otra"}))], evaluation="t.csv")


def test_the_number_of_labels_is_checked_where_a_model_gives_one(text_folder: TextFolders) -> None:
    texts = [LabelledText("a", frozenset(LABELS[:2])), LabelledText("b", frozenset())]
    with pytest.raises(InvalidInputError) as refused:
        proven(text_folder("bert"), texts=texts, evaluation="t.csv")
    assert [fault.loc for fault in refused.value.faults] == [("t.csv", 0, "label"), ("t.csv", 1, "label")]
    _, several = proven(text_folder("bert", "multi_label_classification"), texts=texts, evaluation="t.csv")
    assert several.metrics.keys() == {"accuracy", "f1"}


def test_int8_is_made_where_it_labels_well_enough(text_folder: TextFolders, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = labelled(text_folder("bert"))
    _, exact = proven(text_folder("bert"))
    _, candidate = proven(text_folder("bert"), texts=texts, margin=100.0)
    assert len(candidate.files["model.onnx"]) < len(exact.files["model.onnx"])
    assert candidate.parity.quantized.questions == len(TEXTS)
    right, wrong = {"accuracy": 1.0, "f1": 1.0}, {"accuracy": 0.97, "f1": 0.995}
    measured = iter([right, wrong, wrong, right, right, wrong, wrong, wrong])
    monkeypatch.setattr(text_candidate, "score_labels", lambda predicted, true: next(measured))
    _, in_blocks = proven(text_folder("bert"), texts=texts, margin=1.0)
    assert b"MatMulNBits" in in_blocks.files["model.onnx"]
    with pytest.raises(
        ParityError, match=r"int8 labels 5 texts worse .*: accuracy falls from 1\.0000 to 0\.9700; nothin"
    ):
        proven(text_folder("bert"), texts=texts, margin=1.0)


def test_the_labels_of_the_checkpoint_are_those_of_the_version(text_folder: TextFolders) -> None:
    _, candidate = proven(text_folder("bert"))
    assert candidate.labels == LABELS
    assert candidate.files.keys() == {
        "model.onnx",
        "tokenizer.json",
        "labelling.json",
        "parity.json",
        "performance.json",
    }
