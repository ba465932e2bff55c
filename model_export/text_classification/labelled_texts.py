"""Reader of texts with their true labels, to measure a version on, and the metrics of labels."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.core.errors import Fault, InvalidInputError, as_json
from functions.core.long_cells import csv_dict_reader
from functions.predictors.tokenizer import NO_CHARACTER

TEXT, LABEL = "text", "label"
SEPARATOR = "|"
"""Between the labels of one cell, for models that give several."""
SHOWN = 80
"""Characters of a first line that a message shows."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text and its true labels: exactly one, unless a model gives several."""

    text: str
    labels: frozenset[str]


def read_labelled_texts(body: bytes, name: str) -> list[LabelledText]:
    """The texts of a CSV file with the columns text and label, or of a JSON array of objects with these keys.

    A file whose name ends with .json is JSON, any other one CSV. Several labels of one text are an array, or divided by
    `|`. Raises InvalidInputError that names the file and each fault's place.
    """
    faults: list[Fault] = []
    texts: list[LabelledText] = []
    for place, record in _records(body, name):
        text, label = record.get(TEXT), record.get(LABEL)
        labels = label.split(SEPARATOR) if isinstance(label, str) else label
        if not isinstance(text, str):
            faults.append(Fault((name, place, TEXT), "must be a text", "string_type"))
        elif not _is_unicode(text):
            faults.append(Fault((name, place, TEXT), NO_CHARACTER, "unreadable"))
        elif not isinstance(labels, list) or not all(isinstance(one, str) for one in labels):
            faults.append(Fault((name, place, LABEL), "must be a label, or an array of labels", "string_type"))
        else:
            texts.append(LabelledText(text, frozenset(one.strip() for one in labels if one.strip())))
    if faults:
        raise InvalidInputError(faults)
    if not texts:
        raise InvalidInputError([Fault((name,), "holds no text", "too_short")])
    return texts


def require_known_labels(texts: Sequence[LabelledText], labels: Sequence[str], name: str) -> None:
    """Raise InvalidInputError for true labels that the model does not have."""
    unknown = sorted({label for text in texts for label in text.labels} - set(labels))
    if unknown:
        known = ", ".join(labels)
        message = f"label {', '.join(unknown[:5])} is none of the model's: {known}"
        raise InvalidInputError([Fault((name,), message, "enum")])


def require_one_label(texts: Sequence[LabelledText], name: str) -> None:
    """Raise InvalidInputError for every text without a label or with several, for a model that gives exactly one."""
    faults = [
        Fault((name, place, LABEL), f"must be one label, as the model gives, not {_named(text.labels)}", "one_label")
        for place, text in enumerate(texts)
        if len(text.labels) != 1
    ]
    if faults:
        raise InvalidInputError(faults)


def score_labels(predicted: Sequence[frozenset[str]], true: Sequence[frozenset[str]]) -> dict[str, float]:
    """`accuracy`, the share of texts with exactly their true labels, and `f1` over all labels of all texts."""
    pairs = list(zip(predicted, true, strict=True))
    shared = sum(len(ours & theirs) for ours, theirs in pairs)
    given = sum(len(ours) + len(theirs) for ours, theirs in pairs)
    accuracy = sum(ours == theirs for ours, theirs in pairs) / len(pairs)
    return {"accuracy": accuracy, "f1": 2 * shared / given if given else 1.0}


def _records(body: bytes, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        text = body.decode("utf-8-sig")
        rows = json.loads(text) if name.lower().endswith(".json") else _csv_rows(text, name)
    except (ValueError, csv.Error, RecursionError) as error:
        raise InvalidInputError([Fault((name,), f"cannot be read: {error}", "unreadable")]) from None
    if not isinstance(rows, list):
        raise InvalidInputError([Fault((name,), "must be an array of texts with their labels", "list_type")])
    yield from ((place, row if isinstance(row, Mapping) else {}) for place, row in enumerate(rows))


def _csv_rows(text: str, name: str) -> list[dict[str, Any]]:
    reader = csv_dict_reader(io.StringIO(text))
    absent = [column for column in (TEXT, LABEL) if column not in (reader.fieldnames or ())]
    if absent:
        first = as_json(text.partition("\n")[0].strip()[:SHOWN])
        message = (
            f"has no column {' and no column '.join(absent)} in its first line, {first}: divide columns by commas (a "
            "file is CSV unless its name ends with .json)"
        )
        raise InvalidInputError([Fault((name,), message, "missing")])
    return [*reader]


def _is_unicode(text: str) -> bool:
    """False with half of a surrogate pair, which JSON can escape."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _named(labels: frozenset[str]) -> str:
    return ", ".join(sorted(labels)) or "none"
