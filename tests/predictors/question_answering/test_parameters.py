"""Settings of a version, and the parameters that a request may set."""

from __future__ import annotations

from typing import Any

import pytest

from functions.core.errors import DamagedVersionError, InvalidInputError
from functions.predictors.question_answering.parameters import MOST_ANSWERS, AnsweringParameters, AnsweringSettings

SETTINGS = AnsweringSettings(max_length=512)


def faults(mapping: dict[str, Any]) -> list[tuple[Any, str]]:
    with pytest.raises(InvalidInputError) as caught:
        AnsweringParameters.from_mapping(mapping).resolved(SETTINGS)
    return [(fault.loc, fault.type) for fault in caught.value.faults]


def test_settings_are_read_as_they_were_written() -> None:
    settings = AnsweringSettings(4096, max_question_len=80, handle_impossible_answer=True, doc_stride=0)
    assert AnsweringSettings.from_json(settings.to_json()) == settings


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"max_length": 512, "more": 1}',
        b'{"max_length": 0}',
        b'{"max_length": "512"}',
        b'{"max_length": true}',
        b'{"max_length": 512, "max_question_len": null}',
        b'{"max_length": 512, "handle_impossible_answer": 1}',
        b'{"max_length": 512, "doc_stride": 512}',
        b'{"max_length": 512, "doc_stride": -1}',
        b'{"max_length": 512, "doc_stride": true}',
    ],
)
def test_what_are_no_settings_is_damage(body: bytes) -> None:
    with pytest.raises(DamagedVersionError, match=r"answering\.json"):
        AnsweringSettings.from_json(body)


def test_nothing_asked_is_answered_as_hugging_face_does_with_windows_of_the_models_length() -> None:
    asked = AnsweringParameters.from_mapping({"top_k": None, "doc_stride": None}).resolved(SETTINGS)
    assert (asked.top_k, asked.max_answer_len, asked.align_to_words) == (1, 15, True)
    assert (asked.max_seq_len, asked.doc_stride) == (512, 128)
    assert (asked.max_question_len, asked.handle_impossible_answer) == (64, False)


def test_the_length_of_answers_is_the_models_unless_the_request_has_one() -> None:
    longer = AnsweringSettings(512, max_answer_len=60)
    assert AnsweringParameters().resolved(longer).max_answer_len == 60
    assert AnsweringParameters(max_answer_len=7).resolved(longer).max_answer_len == 7


def test_a_whole_number_may_be_written_with_a_point() -> None:
    parameters = AnsweringParameters.from_mapping({"top_k": 2.0, "max_seq_len": 128.0})
    assert (parameters.top_k, parameters.max_seq_len) == (2, 128)
    assert type(parameters.top_k) is int


def test_windows_share_no_more_than_half() -> None:
    assert AnsweringParameters.from_mapping({"max_seq_len": 100}).resolved(SETTINGS).doc_stride == 50


def test_a_threshold_is_in_the_file_only_where_there_is_one() -> None:
    """An earlier Despliegue, which knows none, serves the other versions."""
    assert b"null_score" not in AnsweringSettings(512).to_json()
    settings = AnsweringSettings(512, null_score_diff_threshold=-1.5)
    assert AnsweringSettings.from_json(settings.to_json()) == settings


def test_a_version_of_an_earlier_despliegue_has_no_overlap() -> None:
    assert AnsweringSettings.from_json(b'{"max_length": 512}').doc_stride is None


@pytest.mark.parametrize(
    ("asked", "shared"), [({}, 300), ({"max_seq_len": 512}, 300), ({"max_seq_len": 100}, 50), ({"doc_stride": 7}, 7)]
)
def test_windows_of_the_models_length_share_the_models_overlap(asked: dict[str, int], shared: int) -> None:
    found = AnsweringParameters.from_mapping(asked).resolved(AnsweringSettings(512, doc_stride=300))
    assert found.doc_stride == shared


@pytest.mark.parametrize("asked", [None, True, False])
def test_no_answer_is_allowed_as_the_model_has_it_unless_the_request_decides(asked: bool | None) -> None:
    parameters = AnsweringParameters.from_mapping({"handle_impossible_answer": asked})
    by_default = AnsweringSettings(512, handle_impossible_answer=True)
    assert parameters.resolved(by_default).handle_impossible_answer is (asked is not False)
    assert parameters.resolved(SETTINGS).handle_impossible_answer is (asked is True)


@pytest.mark.parametrize(("align_to_words", "candidates"), [(True, 16), (False, 3)])
def test_whole_words_need_more_candidates(align_to_words: bool, candidates: int) -> None:
    parameters = AnsweringParameters(top_k=3, align_to_words=align_to_words)
    assert parameters.resolved(SETTINGS).candidates == candidates


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("topk", 3, "extra"),
        ("top_k", True, "int_type"),
        ("top_k", 2.5, "int_type"),
        ("top_k", "2", "int_type"),
        ("top_k", 0, "greater_than_equal"),
        ("top_k", MOST_ANSWERS + 1, "less_than_equal"),
        ("doc_stride", -1, "greater_than_equal"),
        ("doc_stride", 512, "less_than"),
        ("max_answer_len", 0, "greater_than_equal"),
        ("max_seq_len", 0, "greater_than_equal"),
        ("max_seq_len", 513, "less_than_equal"),
        ("max_question_len", 0, "greater_than_equal"),
        ("handle_impossible_answer", 1, "bool_type"),
        ("align_to_words", "true", "bool_type"),
        ("align_to_words", [], "bool_type"),
    ],
)
def test_what_cannot_be_asked_is_reported_with_its_name(name: str, value: object, kind: str) -> None:
    assert faults({name: value}) == [(("parameters", name), kind)]


def test_all_faults_are_reported_at_once() -> None:
    assert faults({"top_k": 0, "answers": 1, "align_to_words": 3, "max_answer_len": 5}) == [
        (("parameters", "top_k"), "greater_than_equal"),
        (("parameters", "answers"), "extra"),
        (("parameters", "align_to_words"), "bool_type"),
    ]


def test_windows_that_share_all_their_tokens_contradict_themselves() -> None:
    assert faults({"max_seq_len": 100, "doc_stride": 100}) == [(("parameters", "doc_stride"), "less_than")]


@pytest.mark.parametrize("name", ["max_answer_len", "max_question_len"])
def test_a_length_may_be_any_number(name: str) -> None:
    asked = AnsweringParameters.from_mapping({name: 10**30}).resolved(SETTINGS)
    assert getattr(asked, name) == 2**63 - 1
