"""Columns of text that a script mapped to numbers before it fitted the pipeline."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, product
from typing import Any

import numpy as np

from functions.core.errors import DefinitionError
from functions.core.schema import Feature, Schema, Table
from model_export.pipelines.pipeline_input import pipeline_input, target_array
from model_export.training_files.faults import brief, readable_name

MOST_LEVELS_MAPPED = 20
MOST_MAPPINGS = 64
NO_NUMBER = ("could not convert string to float", "could not convert str", "invalid literal", "unable to parse")
Codes = Mapping[str, int]


def refuse_mapped_text(pipeline: Any, schema: Schema, table: Table, kinds: Mapping[str, Any]) -> None:
    """Raise DefinitionError if the pipeline fails on texts in columns that no encoder of it reads.

    `kinds` has the columns that its encoders read. The error proposes the numbers that fit the target best, of those
    that scripts give: in alphabetical order, in reverse, and by the first row.
    """
    texts = [one for one in schema.features if one.is_string and one.name not in kinds]
    if not texts or _error(pipeline, schema, table) is None:
        return
    described = "; ".join(f"{readable_name(one.name)}, and the table has {_values(table[one.name])}" for one in texts)
    raise DefinitionError(
        f"the pipeline was fitted on numbers in {described}: a script mapped the texts before it was fitted; "
        f"{_proposal(pipeline, schema, table, texts)}"
    )


def _error(pipeline: Any, schema: Schema, table: Table) -> str | None:
    """The message of a pipeline that wants numbers where the rows have texts, None for any other."""
    try:
        _predicted(pipeline, schema, {name: column[:50] for name, column in table.items()})
    except Exception as error:
        text = str(error)
        return text if any(sign in text.lower() for sign in NO_NUMBER) else None
    return None


def _predicted(pipeline: Any, schema: Schema, table: Table) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pipeline.predict(pipeline_input(pipeline, table, schema))


def _values(column: list[Any]) -> str:
    values = sorted({value for value in column if value is not None})
    return ", ".join(map(brief, values[:3])) + (f" and {len(values) - 3} more" if len(values) > 3 else "") + " there"


def _proposal(pipeline: Any, schema: Schema, table: Table, texts: list[Feature]) -> str:
    best = _best_codes(pipeline, schema, table, texts)
    if best is None:
        return "map them in the table as the script did"
    options = [
        f"--rename-value {shlex.quote(name)} {shlex.quote(value)} {code}"
        for name, codes in best.items()
        for value, code in codes.items()
    ]
    return f"map them as the script did, in the table or by options; these numbers fit best: {' '.join(options)}"


def _best_codes(pipeline: Any, schema: Schema, table: Table, texts: list[Feature]) -> dict[str, Codes] | None:
    if any(len(set(table[one.name]) - {None}) > MOST_LEVELS_MAPPED for one in texts):
        return None
    names = {one.name for one in texts}
    numeric = replace(
        schema,
        features=tuple(
            replace(one, type="number", allowed=()) if one.name in names else one for one in schema.features
        ),
    )
    truth = target_array(table, schema)
    tried: list[tuple[float, dict[str, Codes]]] = []
    for choice in islice(product(*(list(_codes(table[one.name])) for one in texts)), MOST_MAPPINGS):
        codes = {one.name: chosen for one, chosen in zip(texts, choice, strict=True)}
        mapped = {name: _mapped(column, codes.get(name)) for name, column in table.items()}
        try:
            predicted = _predicted(pipeline, numeric, mapped)
        except Exception:  # numbers were not all that it wanted
            return None
        tried.append((_error_of(predicted, truth), codes))
    return min(tried, key=lambda pair: pair[0])[1] if tried else None


def _codes(column: list[Any]) -> Iterator[Codes]:
    present = [value for value in dict.fromkeys(column) if value is not None]
    for order in (sorted(present), sorted(present, reverse=True), present):
        yield {value: code for code, value in enumerate(order)}


def _mapped(column: list[Any], codes: Codes | None) -> list[Any]:
    return column if codes is None else [None if value is None else float(codes[value]) for value in column]


def _error_of(predicted: Any, truth: Any) -> float:
    if truth.dtype.kind == "f":
        errors = (np.asarray(predicted, dtype=np.float64).reshape(truth.shape) - truth) ** 2
        # of several targets each counts the same, whatever its unit
        return float((errors.mean(axis=0) / np.maximum(truth.var(axis=0), np.finfo(np.float64).tiny)).mean())
    return float(np.mean(np.asarray(predicted).astype(str) != truth.astype(str)))
