"""Labels for texts by the ONNX graph of a checkpoint, which reads one text at a time, without padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from tokenizers import Tokenizer

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError, Fault, InvalidInputError, TooLargeError
from functions.core.processors import thread_count
from functions.core.schema import Schema, Table
from functions.core.tasks import TOKENIZER
from functions.predictors.predictions import Doubles, Integers, Prediction, named_labels
from functions.predictors.reading_time import ReadingSpeed, ReadingTime
from functions.predictors.session import open_session
from functions.predictors.text.labelling import LabellingSettings, label_scores
from functions.predictors.tokenizer import NO_CHARACTER, PROBE, open_tokenizer, refuse_characters

TEXT_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
LOGITS = "logits"


class TransformerPredictor:
    """A graph with int64 [1, S] `input_ids`, `attention_mask` and `token_type_ids`, or some of these, in, and float32
    [1, labels] `logits` out."""

    def __init__(
        self,
        graph: bytes,
        tokenizer: bytes,
        settings: bytes,
        schema: Schema,
        labels: Sequence[object],
        limits: Limits,
    ) -> None:
        """`labels` are in the order of the logits; raises DamagedVersionError."""
        # unlike tables a text is worth all CPUs; the export has optimised the graph
        self._session = open_session(graph, threads=thread_count(), is_optimised=True)
        self._inputs = {node.name for node in self._session.get_inputs()}
        outputs = {node.name for node in self._session.get_outputs()}
        if not self._inputs <= TEXT_INPUTS or LOGITS not in outputs:
            raise DamagedVersionError(
                f"model.onnx makes {', '.join(sorted(outputs))} of {', '.join(sorted(self._inputs))}, "
                "which labels no text"
            )
        self._reader = TextReader(tokenizer)
        self._settings = LabellingSettings.from_json(settings)
        self._name = schema.feature_names[0]
        self._labels = [str(label) for label in labels]
        self._limits = limits
        self._speed = ReadingSpeed()

    def predict(self, table: Table) -> Sequence[Prediction]:
        """For each text, in order, its likeliest label with its score and the scores of all labels.

        Raises InvalidInputError with faults at (row, name) for texts that cannot be read, TooLargeError.
        """
        texts = cast(list[str], table[self._name])
        refuse_characters(texts, self._limits)
        inputs = self._read(texts)
        tokens = sum(len(ids) for ids, _ in inputs)
        if tokens > self._limits.max_tokens:
            raise TooLargeError(
                f"{tokens} tokens in {len(texts)} texts are more than {self._limits.max_tokens}: send fewer at once"
            )
        numbers = label_scores(self._logits(inputs, tokens), self._settings.activation)
        return named_labels((numbers.argmax(axis=1), numbers), self._labels, "probabilities")

    def _read(self, texts: Sequence[str]) -> list[tuple[Integers, Integers]]:
        faults: list[Fault] = []
        inputs: list[tuple[Integers, Integers]] = []
        for row, text in enumerate(texts):
            try:
                inputs.append(self._reader.read(text, self._settings))
            except ValueError as error:
                faults.append(Fault((row, self._name), str(error), "unreadable"))
        if faults:
            raise InvalidInputError(faults)
        return inputs

    def _logits(self, inputs: Sequence[tuple[Integers, Integers]], tokens: int) -> Doubles:
        """Scores [N, labels] before the activation."""
        time = ReadingTime(tokens, self._speed)
        rows: list[Any] = []
        for ids, types in inputs:
            values = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
            [logits] = self._session.run([LOGITS], {name: values[name][None] for name in self._inputs})
            time.spend(len(ids))
            rows.append(logits[0])
        return np.array(rows, dtype=np.float64)


class TextReader:
    """Makes the ids and types of a text, special tokens around it, with a version's own tokenizer."""

    def __init__(self, tokenizer: bytes) -> None:
        """Raises DamagedVersionError."""
        self._tokenizer: Tokenizer = open_tokenizer(tokenizer)
        probe = self._tokenizer.encode(PROBE)
        if 0 not in probe.sequence_ids:
            raise DamagedVersionError(f"{TOKENIZER} makes {probe.tokens} of {PROBE!r}, in which it is not found")
        first = probe.sequence_ids.index(0)
        last = first + probe.sequence_ids.count(0)
        self._before, self._behind = (
            [(probe.ids[place], probe.type_ids[place]) for place in places]
            for places in (range(first), range(last, len(probe.ids)))
        )
        self._type: int = probe.type_ids[first]

    def read(self, text: str, settings: LabellingSettings) -> tuple[Integers, Integers]:
        """Ids and types [S]; raises ValueError with the reason for a text that cannot be read."""
        try:
            ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        except TypeError:
            raise ValueError(NO_CHARACTER) from None
        room = settings.max_length - len(self._before) - len(self._behind)
        if len(ids) > room and not settings.truncation:
            raise ValueError(f"{len(ids)} tokens are more than {room}, which this model reads at once: send less text")
        own = [(token, self._type) for token in ids[: max(room, 0)]]
        pairs = np.array([*self._before, *own, *self._behind], dtype=np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]
