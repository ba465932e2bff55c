"""Parameters of the Hugging Face protocol: checked as they are documented."""

from __future__ import annotations

from typing import Any

import pytest

from functions.core.errors import InvalidInputError
from functions.core.tasks import TASKS
from functions.inference.protocols.hugging_face.parameters import PARAMETERS_BY_TASK, LabelParameters
from functions.predictors.parameters import parameters_schema, read_parameters

WHOLE = {"type": ["integer", "null"], "minimum": 1}
FLAG = {"type": ["boolean", "null"]}


def test_every_task_of_the_protocol_has_its_parameters() -> None:
    assert set(PARAMETERS_BY_TASK) == {task for task, traits in TASKS.items() if "hugging-face" in traits.protocols}


def test_the_parameters_are_described_with_their_bounds() -> None:
    assert parameters_schema(PARAMETERS_BY_TASK["question-answering"]) == {
        "top_k": {**WHOLE, "maximum": 100},
        "doc_stride": {"type": ["integer", "null"], "minimum": 0},
        "max_answer_len": WHOLE,
        "max_seq_len": WHOLE,
        "max_question_len": WHOLE,
        "handle_impossible_answer": FLAG,
        "align_to_words": FLAG,
    }
    assert parameters_schema(PARAMETERS_BY_TASK["text-classification"]) == {
        "top_k": WHOLE,
        "function_to_apply": {"type": "null"},
    }


@pytest.mark.parametrize(
    ("given", "msg", "kind"),
    [
        ({"top_k": 0}, "a whole number from 1 is expected", "int_type"),
        ({"top_k": "1"}, "a whole number from 1 is expected", "int_type"),
        ({"candidate_labels": []}, "unknown; known: top_k", "extra"),
        ({"function_to_apply": "none"}, "the scores are probabilities already: leave it out", "not_supported"),
    ],
)
def test_what_cannot_be_asked_of_labels(given: dict[str, Any], msg: str, kind: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_parameters(given, LabelParameters)
    (fault,) = caught.value.faults
    assert (fault.loc, fault.msg, fault.type) == (("parameters", next(iter(given))), msg, kind)


def test_no_number_asks_for_every_label() -> None:
    assert read_parameters({"top_k": None, "function_to_apply": None}, LabelParameters).top_k is None
