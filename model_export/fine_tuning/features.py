"""Questions as the windows that a model reads, with where the answer starts and ends in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch.utils.data import Dataset

from functions.core.errors import Fault, InvalidInputError
from functions.predictors.question_answering.pairs import Pair, Window
from functions.predictors.question_answering.windows import Frame, Integers, Tokens, cut
from model_export.fine_tuning.tokenizing import Tokenizing
from model_export.question_answering.answering_defaults import shared_tokens
from model_export.question_answering.squad import Answer, Question

NO_ANSWER = (0, 0)
"""Start and end of what a window does not answer: its first token, a special one."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """`max_length` counts the tokens of a window, `longest_question` those kept of a question.

    `step` is that from the start of one window to the next one's, or less where a question leaves no such room; with
    `as_served` windows share what they do with the longest question, however long the question is.
    """

    max_length: int
    step: int
    longest_question: int
    as_served: bool = False

    def overlap(self, room: int, special: int) -> int:
        """Tokens of the context that two windows share which hold `room` of them and `special` ones."""
        if self.as_served:
            return shared_tokens(self.max_length, special, self.longest_question, self.step)
        return room - min(self.step, room)


@dataclass(frozen=True, slots=True)
class Feature:
    """One window: the number of its question, which tokens of the context, and `answer`, the first and the last token
    of it, counted from the start of the window, special tokens and question included."""

    question: int
    part: slice
    answer: tuple[int, int]


class Features(Dataset[dict[str, Integers | int]]):
    """The windows of all questions, in their order."""

    def __init__(self, questions: Sequence[Question], tokenizing: Tokenizing, cutting: Cutting) -> None:
        """Raises InvalidInputError, each fault under (id, "question" or "context")."""
        self._frame = Frame.of(tokenizing.opened())
        tokens = tokenizing.tokens(text for one in questions for text in (one.text, one.context))
        _refuse_unreadable(questions, tokens)
        self.pairs = [
            _pair(tokens[one.text], tokens[one.context], one.context, cutting, self._frame.size) for one in questions
        ]
        self.features = [
            feature
            for number, (one, pair) in enumerate(zip(questions, self.pairs, strict=True))
            for feature in self._features(number, one, pair)
        ]

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, number: int) -> dict[str, Integers | int]:
        feature = self.features[number]
        window = self.window(feature)
        start, end = feature.answer
        return {
            "input_ids": window.ids,
            "token_type_ids": window.types,
            "start_positions": start,
            "end_positions": end,
        }

    def window(self, feature: Feature) -> Window:
        return Window.of(self._frame, self.pairs[feature.question], feature.part)

    def _features(self, number: int, question: Question, pair: Pair) -> Iterator[Feature]:
        """Of several answers the first is learnt."""
        span = _span(pair.context, question.answers[0]) if question.answers else None
        for part in pair.windows:
            place = self._frame.place(pair.question.ids, pair.context.ids[part])
            yield Feature(number, part, _within(part, place.start, span))


@dataclass(frozen=True, slots=True)
class Padding:
    """Makes a batch of features: int64 [B, S] of the longest one's length, positions [B]."""

    token: int
    has_types: bool

    def __call__(self, features: Sequence[Mapping[str, Integers | int]]) -> dict[str, torch.Tensor]:
        ids = [torch.as_tensor(one["input_ids"]) for one in features]
        batch = {
            "input_ids": _padded(ids, self.token),
            "attention_mask": _padded([torch.ones_like(one) for one in ids], 0),
            **{name: torch.tensor([one[name] for one in features]) for name in ("start_positions", "end_positions")},
        }
        if self.has_types:
            batch["token_type_ids"] = _padded([torch.as_tensor(one["token_type_ids"]) for one in features], 0)
        return batch


def _padded(rows: list[torch.Tensor], value: int) -> torch.Tensor:
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)


def _refuse_unreadable(questions: Sequence[Question], tokens: Mapping[str, Tokens]) -> None:
    faults = [
        Fault((one.id, name), "holds nothing that this model can read: leave it out", "unreadable")
        for one in questions
        for name, text in (("question", one.text), ("context", one.context))
        if not len(tokens[text].ids)
    ]
    if faults:
        raise InvalidInputError(faults)


def _pair(question: Tokens, context: Tokens, text: str, cutting: Cutting, special: int) -> Pair:
    kept = cutting.longest_question
    question = Tokens(question.ids[:kept], question.offsets[:kept], question.words[:kept])
    room = cutting.max_length - special - len(question.ids)
    if room < 1:
        message = f"is {cutting.max_length}: {special + len(question.ids)} tokens go to a question alone, set more"
        raise InvalidInputError([Fault(("max_seq_length",), message, "length")])
    return Pair(question, context, text, tuple(cut(len(context.ids), room, cutting.overlap(room, special))))


def _span(tokens: Tokens, answer: Answer) -> tuple[int, int] | None:
    """The first and the last token that hold a character of the answer."""
    starts, ends = tokens.offsets.T
    held = ((starts < answer.start + len(answer.text)) & (ends > answer.start)).nonzero()[0]
    return (int(held[0]), int(held[-1])) if len(held) else None


def _within(part: slice, first: int, span: tuple[int, int] | None) -> tuple[int, int]:
    """The span counted from the window's start, where the context's own tokens begin at `first`."""
    if span is None or span[0] < part.start or span[1] >= part.stop:
        return NO_ANSWER
    return first + span[0] - part.start, first + span[1] - part.start
