"""Texts are read whole, cut or refused, and their labels come with the scores of all."""

from __future__ import annotations

import math
from typing import Any, cast

import pytest
from tokenizers import Tokenizer

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError, InvalidInputError, TooLargeError
from functions.predictors.text.labelling import LabellingSettings
from functions.predictors.text.transformer import TextReader, TransformerPredictor
from tests.predictors.asked_texts import SENTENCES
from tests.predictors.question_answering.tiny_answering import TOKENIZERS, tokenizer
from tests.predictors.text.tiny_labels import LABELS, SCHEMA, label_graph, labels_by

SETTINGS = LabellingSettings(16)


def labels_of(predictor: TransformerPredictor, *texts: str) -> list[dict[str, Any]]:
    return [cast(dict[str, Any], one) for one in predictor.predict({"text": [*texts]})]


def test_the_likeliest_label_comes_with_the_scores_of_all() -> None:
    found, other = labels_of(labels_by(SETTINGS), "se cobra en enero", "nada")
    share = math.exp(2) / (math.exp(2) + 1)
    assert found["label"] == "enero"
    assert found["score"] == found["scores"]["enero"] == pytest.approx(share)
    assert other["scores"] == {"enero": 0.5, "otro": 0.5}


def test_scores_of_several_labels_need_not_add_up_to_one() -> None:
    [found] = labels_of(labels_by(LabellingSettings(16, "sigmoid")), "enero")
    assert found["scores"] == {"enero": pytest.approx(1 / (1 + math.exp(-2))), "otro": 0.5}


def test_a_text_that_is_too_long_is_refused_with_its_place_or_cut() -> None:
    text = "a b c d " * 10 + "enero"
    with pytest.raises(InvalidInputError) as refused:
        labels_of(labels_by(SETTINGS), "bien", text)
    [fault] = refused.value.faults
    assert (fault.loc, fault.type) == ((1, "text"), "unreadable")
    assert "tokens are more than 14, which this model reads at once" in fault.msg
    [cut] = labels_of(labels_by(LabellingSettings(16, truncation=True)), text)
    assert cut["scores"] == {"enero": 0.5, "otro": 0.5}


def test_half_a_character_is_refused() -> None:
    with pytest.raises(InvalidInputError) as refused:
        labels_of(labels_by(SETTINGS), "bien", "\ud800")
    assert refused.value.faults[0].loc == (1, "text")


def test_more_tokens_than_the_limit_are_too_large() -> None:
    predictor = labels_by(SETTINGS, limits=Limits(max_tokens=20))
    with pytest.raises(TooLargeError, match="tokens in 10 texts are more than 20: send fewer at once"):
        labels_of(predictor, *["enero"] * 10)
    with pytest.raises(TooLargeError, match="characters"):
        labels_of(predictor, "a" * 1000)


def test_numbers_that_are_not_finite_are_named_by_their_row() -> None:
    with pytest.raises(InvalidInputError) as refused:
        labels_of(labels_by(SETTINGS, weight=float("nan")), "nada", "enero")
    assert refused.value.faults[0].loc == (1,)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_a_text_has_the_tokens_that_its_tokenizer_gives_it(kind: str) -> None:
    reference = Tokenizer.from_buffer(tokenizer(kind))
    for text in (*SENTENCES, "", " "):
        ids, types = TextReader(tokenizer(kind)).read(text, LabellingSettings(1000))
        expected = reference.encode(text)
        assert (ids.tolist(), types.tolist()) == (expected.ids, expected.type_ids)


@pytest.mark.parametrize("damaged", [0, 1, 2])
def test_a_file_that_is_none_of_ours_is_damage(damaged: int) -> None:
    files = [label_graph({}), tokenizer("word_pieces"), SETTINGS.to_json()]
    files[damaged] = b"{}"
    with pytest.raises(DamagedVersionError, match=["model.onnx", "tokenizer.json", "labelling.json"][damaged]):
        TransformerPredictor(files[0], files[1], files[2], SCHEMA, LABELS, Limits())


def test_a_graph_that_takes_what_nothing_gives_is_damage() -> None:
    graph = label_graph({}, inputs=("input_ids", "bbox"))
    with pytest.raises(DamagedVersionError, match="bbox"):
        TransformerPredictor(graph, tokenizer("word_pieces"), SETTINGS.to_json(), SCHEMA, LABELS, Limits())
