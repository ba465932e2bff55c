"""tokenizer.json numbers texts as transformers does, and the marks of a pair are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from functions.core.errors import ParityError
from tests.model_export.question_answering.tiny import TEXTS

pytest.importorskip("transformers", reason="tokenizers come from transformers, which this environment lacks")

from tokenizers import Tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from model_export.question_answering.tokenization import Marks, marks_of, served_tokenizer

Checkpoints = Callable[[str], Path]


def load(folder: Path) -> PreTrainedTokenizerFast:
    found: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(folder)
    return found


@pytest.mark.parametrize("family", ["longformer", "roberta", "bert", "distilbert", "electra"])
def test_the_served_tokenizer_cuts_and_pads_nothing(checkpoint: Checkpoints, family: str) -> None:
    original = load(checkpoint(family))
    original.backend_tokenizer.enable_truncation(8)
    original.backend_tokenizer.enable_padding(length=16)
    served = Tokenizer.from_str(served_tokenizer(original).decode())
    for question in TEXTS:
        expected = original(question, " ".join(TEXTS), truncation=False)["input_ids"]
        assert served.encode(question, " ".join(TEXTS)).ids == expected


def test_a_tokenizer_that_numbers_otherwise_is_refused(
    checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = load(checkpoint("bert"))
    other = load(checkpoint("roberta")).backend_tokenizer
    monkeypatch.setattr(type(original), "backend_tokenizer", property(lambda self: other))
    with pytest.raises(ParityError, match=r"tokenizer\.json makes"):
        served_tokenizer(original)


def test_marks_around_a_pair(checkpoint: Checkpoints) -> None:
    bert, longformer = (marks_of(load(checkpoint(family))) for family in ("bert", "longformer"))
    assert (bert.count, longformer.count) == (3, 4)
    assert (bert.question_type, bert.context_type) == (0, 1)
    assert longformer == Marks(((0, 0),), ((2, 0), (2, 0)), ((2, 0),), 0, 0)
    assert longformer.around([7], [8, 9]) == [(0, 0), (7, 0), (2, 0), (2, 0), (8, 0), (9, 0), (2, 0)]
