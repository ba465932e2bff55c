"""Questions as the windows that a model reads, with the place of the answer in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch.utils.data import Dataset

from functions.core.errors import Fault, InvalidInputError
from functions.predictors.predictions import Integers
from functions.predictors.question_answering.pairs import Pair, Window
from functions.predictors.question_answering.windows import Frame, TokenizedText, cut
from model_export.fine_tuning.text_tokenizer import TextTokenizer
from model_export.question_answering.answering_defaults import shared_tokens
from model_export.question_answering.squad import Question, TrueAnswer

NO_ANSWER = (0, 0)
"""First and last token of the answer in a window that holds none: the window's first token, a special one."""


@dataclass(frozen=True, slots=True)
class WindowLengths:
    """`max_length` counts the tokens of a window, `longest_question` those kept of a question.

    `step` is the distance from the start of one window to the start of the next, or less where a question leaves less
    room; with `as_served` windows overlap by as much as they do for the longest question.
    """

    max_length: int
    step: int
    longest_question: int
    as_served: bool = False

    def overlap(self, room: int, special: int) -> int:
        """Tokens of the context that two windows share, each with `room` for the context and `special` tokens."""
        if self.as_served:
            return shared_tokens(self.max_length, special, self.longest_question, self.step)
        return room - min(self.step, room)


@dataclass(frozen=True, slots=True)
class LabelledWindow:
    """One window: the number of its question, its tokens of the context, and the place of the answer.

    `answer` is the first and the last token of the answer, counted from the start of the window, special tokens and
    question included.
    """

    question: int
    part: slice
    answer: tuple[int, int]


class WindowDataset(Dataset[dict[str, Integers | int]]):
    """Windows of all questions, in the order of the questions."""

    def __init__(self, questions: Sequence[Question], tokenizer: TextTokenizer, lengths: WindowLengths) -> None:
        """Raises InvalidInputError; the place of each fault is (id, "question" or "context")."""
        self._frame = Frame.of(tokenizer.opened())
        tokens = tokenizer.tokens(text for question in questions for text in (question.text, question.context))
        _refuse_unreadable(questions, tokens)
        self.pairs = [
            _pair(tokens[one.text], tokens[one.context], one.context, lengths, self._frame.size) for one in questions
        ]
        self.labelled = [
            labelled
            for number, (one, pair) in enumerate(zip(questions, self.pairs, strict=True))
            for labelled in self._labelled(number, one, pair)
        ]

    def __len__(self) -> int:
        return len(self.labelled)

    def __getitem__(self, number: int) -> dict[str, Integers | int]:
        labelled = self.labelled[number]
        window = self.window(labelled)
        start, end = labelled.answer
        return {
            "input_ids": window.ids,
            "token_type_ids": window.types,
            "start_positions": start,
            "end_positions": end,
        }

    def window(self, labelled: LabelledWindow) -> Window:
        return Window.of(self._frame, self.pairs[labelled.question], labelled.part)

    def _labelled(self, number: int, question: Question, pair: Pair) -> Iterator[LabelledWindow]:
        """Windows of one question; of several answers the first is learned."""
        # Simple Transformers learns the first answer too, so results can be compared.
        span = answer_span(pair.context, question.answers[0]) if question.answers else None
        for part in pair.windows:
            place = self._frame.place(pair.question.ids, pair.context.ids[part])
            yield LabelledWindow(number, part, _within(part, place.start, span))


@dataclass(frozen=True, slots=True)
class Padding:
    """Makes a batch of items: int64 [B, S], as long as the longest item, and positions [B]."""

    token: int
    has_types: bool

    def __call__(self, items: Sequence[Mapping[str, Integers | int]]) -> dict[str, torch.Tensor]:
        ids = [torch.as_tensor(one["input_ids"]) for one in items]
        batch = {
            "input_ids": _padded(ids, self.token),
            "attention_mask": _padded([torch.ones_like(one) for one in ids], 0),
            **{name: torch.tensor([one[name] for one in items]) for name in ("start_positions", "end_positions")},
        }
        if self.has_types:
            batch["token_type_ids"] = _padded([torch.as_tensor(one["token_type_ids"]) for one in items], 0)
        return batch


def answer_span(tokens: TokenizedText, answer: TrueAnswer) -> tuple[int, int] | None:
    """First and last token of a context that hold a character of the answer; None if the tokenizer leaves it out."""
    starts, ends = tokens.offsets.T
    held = ((starts < answer.start + len(answer.text)) & (ends > answer.start)).nonzero()[0]
    return (int(held[0]), int(held[-1])) if len(held) else None


def _padded(rows: list[torch.Tensor], value: int) -> torch.Tensor:
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)


def _refuse_unreadable(questions: Sequence[Question], tokens: Mapping[str, TokenizedText]) -> None:
    faults = [
        Fault((one.id, name), "holds nothing that this model can read: leave it out", "unreadable")
        for one in questions
        for name, text in (("question", one.text), ("context", one.context))
        if not len(tokens[text].ids)
    ]
    if faults:
        raise InvalidInputError(faults)


def _pair(question: TokenizedText, context: TokenizedText, text: str, lengths: WindowLengths, special: int) -> Pair:
    kept = lengths.longest_question
    question = TokenizedText(question.ids[:kept], question.offsets[:kept], question.words[:kept])
    room = lengths.max_length - special - len(question.ids)
    if room < 1:
        message = f"is {lengths.max_length}: {special + len(question.ids)} tokens go to a question alone, set more"
        raise InvalidInputError([Fault(("max_seq_length",), message, "length")])
    return Pair(question, context, text, tuple(cut(len(context.ids), room, lengths.overlap(room, special))))


def _within(part: slice, first: int, span: tuple[int, int] | None) -> tuple[int, int]:
    """The span counted from the window's start, where the tokens of the context begin at `first`."""
    if span is None or span[0] < part.start or span[1] >= part.stop:
        return NO_ANSWER
    return first + span[0] - part.start, first + span[1] - part.start
