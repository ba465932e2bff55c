"""Windows, and the places of answers in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.core.errors import InvalidInputError
from model_export.question_answering.squad import Question, TrueAnswer
from tests.model_export.checkpoints.tiny import TEXTS
from tests.model_export.fine_tuning.small import QUESTIONS

if TYPE_CHECKING:
    from model_export.fine_tuning.window_dataset import WindowDataset

CONTEXT = "  ".join(TEXTS)


def made(base: Path, questions: list[Question], length: int, step: int, question: int = 16) -> WindowDataset:
    from model_export.fine_tuning.text_tokenizer import TextTokenizer
    from model_export.fine_tuning.window_dataset import WindowDataset, WindowLengths

    tokenizer = TextTokenizer((base / "tokenizer.json").read_bytes())
    return WindowDataset(questions, tokenizer, WindowLengths(length, step, question))


@pytest.fixture(params=["bert", "longformer"])
def base(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_windows_cover_the_context_and_point_at_the_answer(base: Path, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(CONTEXT) - 1))
    text = CONTEXT[start : start + data.draw(st.integers(1, 40))]
    length, step = data.draw(st.integers(24, 150)), data.draw(st.integers(1, 200))
    question = Question("a", data.draw(st.sampled_from(QUESTIONS)).text, CONTEXT, (TrueAnswer(text, start),))
    dataset = made(base, [question], length, step)
    context = dataset.pairs[0].context
    wanted = {
        place for place, (left, right) in enumerate(context.offsets) if left < start + len(text) and right > start
    }

    covered: set[int] = set()
    previous = 0
    for labelled, item in zip(dataset.labelled, dataset, strict=True):
        window = dataset.window(labelled)
        inside = set(range(labelled.part.start, labelled.part.stop))
        covered |= inside
        assert labelled.part.start - previous <= step
        previous = labelled.part.start
        assert len(window.ids) <= length
        assert (item["start_positions"], item["end_positions"]) == labelled.answer
        if wanted and wanted <= inside:
            first, last = (place - window.place.start + labelled.part.start for place in labelled.answer)
            assert set(range(first, last + 1)) == wanted
        else:
            assert labelled.answer == (0, 0)
    assert covered == set(range(len(context.ids)))


def test_an_answer_is_where_its_characters_are(base: Path) -> None:
    dataset = made(base, list(QUESTIONS), 128, 64)
    for labelled in dataset.labelled:
        question = QUESTIONS[labelled.question]
        window, pair = dataset.window(labelled), dataset.pairs[labelled.question]
        if question.answers:
            first, last = (place - window.place.start for place in labelled.answer)
            left, right = pair.context.offsets[first][0], pair.context.offsets[last][1]
            assert question.answers[0].text in question.context[left:right]
        else:
            assert labelled.answer == (0, 0)


def test_special_tokens_in_a_text_are_text(base: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)  # type: ignore[no-untyped-call]
    context = f"a {tokenizer.sep_token} b {tokenizer.cls_token}"
    [item] = made(base, [Question("a", f"q {tokenizer.sep_token}?", context)], 128, 64, 60)
    plain = tokenizer("q", "a b")["input_ids"]
    assert list(item["input_ids"]).count(tokenizer.sep_token_id) == plain.count(tokenizer.sep_token_id)


def test_a_long_question_is_cut(base: Path) -> None:
    [item] = made(base, [Question("a", TEXTS[0], TEXTS[1][:10])], 128, 64, 5)
    [short] = made(base, [Question("a", TEXTS[0][:1], TEXTS[1][:10])], 128, 64, 5)
    assert len(item["input_ids"]) == len(short["input_ids"]) + 4


def test_a_batch_is_padded_to_its_longest_window(base: Path) -> None:
    from model_export.fine_tuning.window_dataset import Padding

    dataset = made(base, [QUESTIONS[0], QUESTIONS[1], QUESTIONS[4]], 128, 64, 40)
    batch = Padding(1, has_types=True)([dataset[0], dataset[1], dataset[2]])
    lengths = [len(dataset[number]["input_ids"]) for number in range(3)]
    assert batch["attention_mask"].sum(1).tolist() == lengths
    assert batch["input_ids"].shape == batch["token_type_ids"].shape == (3, max(lengths))
    for number, length in enumerate(lengths):
        assert batch["input_ids"][number, :length].tolist() == list(dataset[number]["input_ids"])
        assert set(batch["input_ids"][number, length:].tolist()) <= {1}
    assert "token_type_ids" not in Padding(1, has_types=False)([dataset[0]])


def test_texts_without_tokens_are_refused_by_name(bert: Path) -> None:
    questions = [QUESTIONS[0], Question("empty", "\u200d", "\u200b\u200b")]
    with pytest.raises(InvalidInputError) as raised:
        made(bert, questions, 64, 16)
    assert [fault.loc for fault in raised.value.faults] == [("empty", "question"), ("empty", "context")]


def test_a_window_without_room_for_the_context_is_refused(bert: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"max_seq_length: is 8: 1\d tokens go to a question alone"):
        made(bert, [Question("a", TEXTS[0], TEXTS[1])], 8, 4)
