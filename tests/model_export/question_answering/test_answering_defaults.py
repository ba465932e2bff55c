"""A version answers by its training's arguments unless the command says otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.core.errors import CheckpointError
from functions.predictors.question_answering.parameters import AnsweringSettings
from tests.model_export.checkpoints.tiny import LENGTH
from tests.model_export.conftest import Checkpoints

pytest.importorskip("torch", reason="a checkpoint needs torch, which this environment lacks")

from model_export.question_answering.answering_defaults import AnsweringDefaults, AnsweringFlags, answering_defaults
from model_export.question_answering.checkpoints import load_checkpoint

TRAINED = {
    "max_seq_length": 128,
    "doc_stride": 30,
    "max_query_length": 64,
    "max_answer_length": 100,
    "handle_impossible_answer": True,
}


@pytest.fixture(scope="module")
def loaded(checkpoint: Checkpoints) -> Any:
    """A BERT: three special tokens in a window."""
    return load_checkpoint(checkpoint("bert"), trust_pickle=False)


def defaults(loaded: Any, flags: AnsweringFlags | None = None, **args: Any) -> AnsweringDefaults:
    return answering_defaults(replace(loaded, args=args), flags or AnsweringFlags())


def test_without_training_arguments_all_is_as_in_transformers(loaded: Any) -> None:
    assert defaults(loaded, learning_rate=1) == AnsweringDefaults(AnsweringSettings(LENGTH), {})


def test_what_the_training_used_is_taken(loaded: Any) -> None:
    found = defaults(loaded, **TRAINED)
    assert found.settings == AnsweringSettings(128, 64, 100, True, doc_stride=128 - 3 - 64 - 30)
    assert found.taken == {
        "max_length": 128,
        "max_question_len": 64,
        "max_answer_len": 100,
        "handle_impossible_answer": True,
        "doc_stride": 31,
    }


def test_the_threshold_of_the_empty_answer_is_taken(loaded: Any) -> None:
    found = defaults(loaded, null_score_diff_threshold=-1)
    assert found == AnsweringDefaults(
        AnsweringSettings(LENGTH, null_score_diff_threshold=-1), {"null_score_diff_threshold": -1}
    )
    assert defaults(loaded, null_score_diff_threshold=0.0).taken == {}


def test_what_a_flag_names_is_not_taken(loaded: Any) -> None:
    found = defaults(loaded, AnsweringFlags(100, 20, 9, False), **TRAINED)
    assert found == AnsweringDefaults(AnsweringSettings(100, 20, 9, False), {})


def test_an_argument_that_is_none_is_not_taken(loaded: Any) -> None:
    assert defaults(loaded, **dict.fromkeys(TRAINED)) == AnsweringDefaults(AnsweringSettings(LENGTH), {})


@pytest.mark.parametrize(("step", "shared"), [(1, 60), (61, 0), (62, 31), (384, 31)])
def test_a_step_past_the_window_counts_as_half_of_it(loaded: Any, step: int, shared: int) -> None:
    assert defaults(loaded, **{**TRAINED, "doc_stride": step}).settings.doc_stride == shared


@pytest.mark.parametrize("changed", [{"max_seq_length": LENGTH + 1}, {"max_query_length": 126}, {"doc_stride": None}])
def test_an_overlap_of_other_windows_is_not_taken(loaded: Any, changed: dict[str, Any]) -> None:
    found = defaults(loaded, **{**TRAINED, **changed})
    assert found.settings.doc_stride is None
    assert found.settings.max_length == min(changed.get("max_seq_length", 128), LENGTH)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_seq_length", "128"),
        ("max_seq_length", True),
        ("max_answer_length", 0),
        ("max_query_length", 6.5),
        ("doc_stride", -1),
        ("handle_impossible_answer", 1),
    ],
)
def test_arguments_that_make_no_sense_are_refused_by_name(loaded: Any, name: str, value: Any) -> None:
    with pytest.raises(
        CheckpointError, match=rf"model_args.json: {name}: .* is expected, {json.dumps(value)} was found"
    ):
        defaults(loaded, **{**TRAINED, name: value})


def test_windows_without_room_are_refused(loaded: Any) -> None:
    with pytest.raises(CheckpointError, match="max_seq_length is 4, and this model needs at least 5"):
        defaults(loaded, max_seq_length=4)
