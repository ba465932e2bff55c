"""The cat_features of CatBoost: texts that it hashes, compares and counts.

A model has the hashes of its categories and no texts, so the texts come from the schema. A category is compared with
others (one-hot), or stands for a number that CatBoost has counted for it in training (CTR), alone or together with
other categories and questions to numbers. Either becomes a look-up of the texts; a text that training lacked has no
hash, as there.
"""

from __future__ import annotations

import ast
import itertools
import json
import math
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from functions.core.schema import Schema
from model_export.pipelines.convert.encoders import look_up
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor

NO_HASH = 2**64 - 1
"""The key of an empty place in CatBoost's tables."""
MULTIPLIER = 0x4906BA494954CB65
MOST_COMBINATIONS = 200_000
LACKS = (
    "the table lacks some of the categories that it was fitted on, or spells them otherwise, as 3 and 3.0, and it "
    "keeps their hashes alone; give the table that it was fitted on, or encode the categories in a step before it"
)
TOO_MANY = (
    f"it combines categories in more than {MOST_COMBINATIONS} ways; fit it with a smaller max_ctr_complexity, or "
    "encode the categories in a step before it"
)
MISSING = "{} may be missing, and CatBoost takes no missing text; fill it in the table"
NOT_TEXT = "{} is a number in the schema, and CatBoost takes categories as text or whole numbers; make it a string"
OTHER_KIND = "its CTRs of type {} are not supported; encode the categories in a step before it"


@dataclass(frozen=True, slots=True)
class CatBoostWithTexts:
    """A fitted estimator that reads the columns of the schema itself; `texts` by the name of each of its categories."""

    estimator: Any
    texts: Mapping[str, tuple[str, ...]]

    def __sklearn_tags__(self) -> Any:
        return self.estimator.__sklearn_tags__()


def category_columns(estimator: Any) -> list[str]:
    """The names of the columns that a fitted estimator takes for categories."""
    names = estimator.feature_names_
    return [str(names[place]) for place in estimator.get_cat_feature_indices()]


def with_category_texts(estimator: Any, schema: Schema) -> CatBoostWithTexts:
    """Raises InexactError for a category that is no text in the schema, or may be missing."""
    features = {feature.name: feature for feature in schema.features}
    texts = {}
    for name in category_columns(estimator):
        feature = features.get(name)
        if feature is None or not feature.is_string:
            raise InexactError(NOT_TEXT.format(name))
        if feature.nullable:
            raise InexactError(MISSING.format(name))
        texts[name] = tuple(map(str, feature.allowed or feature.levels))
    return CatBoostWithTexts(estimator, texts)


class CatBoostCategories:
    """The columns that a graph has for the categories of a model, after its columns of numbers."""

    def __init__(self, document: Mapping[str, Any], texts: Mapping[str, Sequence[str]]) -> None:
        info = document["features_info"]
        self._features = info.get("categorical_features", [])
        hashes = _hashes(sorted({text for column in texts.values() for text in column}))
        self._texts = [list(texts.get(one["feature_id"], ())) for one in self._features]
        self._hashes = [[hashes[text] for text in column] for column in self._texts]
        self._ctrs = [_Ctr(one, document.get("ctr_data", {})) for one in info.get("ctrs", [])]
        self._numbers = info.get("float_features", [])
        first = sum(len(one["borders"]) for one in self._numbers)
        first += sum(len(one.get("values", ())) for one in self._features)
        self._owners = {
            first + place: number
            for place, number in enumerate(number for number, ctr in enumerate(self._ctrs) for _ in ctr.borders)
        }
        self._refuse_unknown_values()
        self._projections = list(dict.fromkeys(ctr.elements for ctr in self._ctrs))

    def member(self, split: Mapping[str, Any]) -> tuple[int, int]:
        """The column after those of numbers, and the number of the text, that a one-hot question asks for."""
        feature = split["cat_feature_index"]
        return feature, self._hashes[feature].index(split["value"])

    def counted(self, split: Mapping[str, Any]) -> int:
        """The column after those of numbers that holds the CTR of a question."""
        ctr = self._ctrs[self._owners[split["split_index"]]]
        same = [one for one in self._ctrs if one.elements == ctr.elements]
        before = self._projections[: self._projections.index(ctr.elements)]
        start = sum(1 for one in self._ctrs if one.elements in before)
        return len(self._features) + start + same.index(ctr)

    def columns(self, graph: Graph, numbers: str, strings: Sequence[Tensor]) -> list[str]:
        """[N, ...] doubles for member and counted; `numbers` are the model's own, `strings` its categories."""
        codes: list[str] = []
        start = 0
        for tensor in strings:
            width = tensor.width or 0
            codes += self._codes(graph, tensor, range(start, start + width))
            start += width
        parts = [graph.op("Cast", code, to=onnx.TensorProto.DOUBLE) for code in codes]
        for elements in self._projections:
            ctrs = [ctr for ctr in self._ctrs if ctr.elements == elements]
            place = self._place(graph, elements, codes, numbers)
            found = graph.op("Gather", graph.constant(self._table(elements, ctrs)), place, axis=0)
            parts.append(graph.op("Reshape", found, graph.integers(-1, len(ctrs))))
        return parts

    def _codes(self, graph: Graph, tensor: Tensor, places: range) -> list[str]:
        """[N, 1] int64 for each column: the number of its text, or their count where training lacked it."""
        codes = []
        for column, place in enumerate(places):
            name = tensor.name if tensor.width == 1 else graph.gather(tensor.name, [column])
            lookup = look_up(graph, Tensor(name, is_string=True, width=1), [self._texts[place]])
            codes.append(lookup.ids)
        return codes

    def _place(self, graph: Graph, elements: tuple[str, ...], codes: Sequence[str], numbers: str) -> str:
        """[N, 1] int64: the row of the table, whose last element changes first."""
        place = graph.integers(0)
        for element in map(json.loads, elements):
            place = graph.op("Mul", place, graph.integers(self._size(element)))
            place = graph.op("Add", place, self._digit(graph, element, codes, numbers))
        return place

    def _digit(self, graph: Graph, element: Mapping[str, Any], codes: Sequence[str], numbers: str) -> str:
        if element["combination_element"] == "cat_feature_value":
            return str(codes[element["cat_feature_index"]])
        if element["combination_element"] == "cat_feature_exact_value":
            feature = element["cat_feature_index"]
            wanted = graph.integers(self._hashes[feature].index(element["value"]))
            answer = graph.op("Equal", codes[feature], wanted)
        else:
            column = [one["feature_index"] for one in self._numbers].index(element["float_feature_index"])
            x = graph.gather(numbers, [column])
            answer = graph.op("Greater", x, graph.constant(np.array(float(element["border"]))))
            if self._numbers[column]["nan_value_treatment"] == "AsTrue":
                answer = graph.op("Or", answer, graph.op("IsNaN", x))
        return graph.op("Cast", answer, to=onnx.TensorProto.INT64)

    def _size(self, element: Mapping[str, Any]) -> int:
        if element["combination_element"] == "cat_feature_value":
            return len(self._texts[element["cat_feature_index"]]) + 1
        return 2

    def _table(self, elements: tuple[str, ...], ctrs: Sequence[_Ctr]) -> NDArray[np.float64]:
        """[combinations, ctrs]: the CTRs of every combination of texts and answers, as doubles of their float32."""
        parts = [json.loads(element) for element in elements]
        if math.prod(map(self._size, parts)) > MOST_COMBINATIONS:
            raise InexactError(TOO_MANY)
        hashes = [_combined(values) for values in itertools.product(*map(self._values, parts))]
        known = {one for one in hashes if one is not None}
        if any(not ctr.keys <= known for ctr in ctrs):
            raise InexactError(LACKS)
        return np.array([[ctr.value(one) for ctr in ctrs] for one in hashes], dtype=np.float64)

    def _values(self, element: Mapping[str, Any]) -> list[int | None]:
        if element["combination_element"] == "cat_feature_value":
            return [*self._hashes[element["cat_feature_index"]], None]
        return [0, 1]

    def _refuse_unknown_values(self) -> None:
        for feature, hashes in zip(self._features, self._hashes, strict=True):
            if not set(feature.get("values", ())) <= set(hashes):
                raise InexactError(LACKS)


class _Ctr:
    """One number that is counted for each combination of `elements`, which are JSON in the order of their hash."""

    def __init__(self, described: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        self.borders: list[float] = described["borders"]
        self.elements = tuple(json.dumps(element, sort_keys=True) for element in described["elements"])
        self._described = described
        counted = data[described["identifier"]]
        self._all = counted["counter_denominator"]
        stride, flat = counted["hash_stride"], counted["hash_map"]
        rows = (flat[place : place + stride] for place in range(0, len(flat), stride))
        self._counts = {int(key): counts for key, *counts in rows if int(key) != NO_HASH}
        self.keys = frozenset(self._counts)

    def value(self, combined: int | None) -> float:
        counts = None if combined is None else self._counts.get(combined)
        good, total = (0, 0) if counts is None else self._good_of(counts)
        one, described = np.float32, self._described
        share = (one(good) + one(described["prior_numerator"])) / (one(total) + one(described["prior_denomerator"]))
        return float((share + one(described["shift"])) * one(described["scale"]))

    def _good_of(self, counts: Sequence[Any]) -> tuple[float, float]:
        kind, border = self._described["ctr_type"], self._described["target_border_idx"]
        if kind == "Borders":
            return sum(counts[border + 1 :]), sum(counts)
        if kind == "Buckets":
            return counts[border], sum(counts)
        if kind in ("Counter", "FeatureFreq"):
            return counts[0], self._all
        if kind in ("BinarizedTargetMeanValue", "FloatTargetMeanValue"):
            return counts[0], counts[1]
        raise InexactError(OTHER_KIND.format(kind))


def _combined(values: Iterable[int | None]) -> int | None:
    """CatBoost's hash of several hashes and answers; none with a text that training lacked."""
    combined = 0
    for value in values:
        if value is None:
            return None
        combined = (MULTIPLIER * (combined + MULTIPLIER * value)) & NO_HASH
    return combined


def _hashes(texts: Sequence[str]) -> dict[str, int]:
    """CatBoost's hashes of texts, which it writes next to a model and its rows: here a small one, made for that."""
    if not texts:
        return {}
    import catboost

    pool = catboost.Pool([[text] for text in texts], label=list(range(len(texts))), cat_features=[0])
    small = catboost.CatBoostRegressor(iterations=1, depth=1, verbose=0, thread_count=1, allow_writing_files=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.py")
        # A target that never varies trains nothing, and no table of all texts is needed.
        small.fit(pool)
        small.save_model(str(path), format="python", pool=pool)
        written = path.read_text("utf-8").partition("cat_features_hashes = ")[2].partition("\n}\n")[0]
    found = ast.literal_eval(f"{written}\n}}")
    return {text.encode("latin-1").decode("utf-8"): int(number) for text, number in found.items()}
