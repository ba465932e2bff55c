"""What one instance of a model looks like: features, target, id."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, cast, get_args

from functions.core.errors import DefinitionError

FeatureType = Literal["string", "integer", "number"]
Value = str | int | float | None
Instance = Mapping[str, Value]
Table = dict[str, list[Value]]
"""Columns by name, all of one length: the form in which instances are validated, stored and packed."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One column. `allowed` is a closed list; `levels` and `observed` are what training saw."""

    name: str
    type: FeatureType
    description: str = ""
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str | int | float, ...] = ()
    categorical: bool = True
    levels: tuple[str, ...] = ()
    observed: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.type not in get_args(FeatureType):
            raise DefinitionError(
                f"feature {self.name!r}: type {self.type!r} is none of {', '.join(get_args(FeatureType))}"
            )
        if self.type == "string" and (self.minimum is not None or self.maximum is not None):
            raise DefinitionError(f"feature {self.name!r}: a string has no minimum or maximum")
        bounds = [bound for bound in (self.minimum, self.maximum) if bound is not None]
        if not all(map(math.isfinite, bounds)) or bounds != sorted(bounds):
            raise DefinitionError(f"feature {self.name!r}: minimum and maximum must be finite, the lesser one first")
        if self.allowed and bounds:
            raise DefinitionError(f"feature {self.name!r}: allowed says it all, so there is no minimum or maximum")
        if not isinstance(self.nullable, bool) or not isinstance(self.categorical, bool):
            raise DefinitionError(f"feature {self.name!r}: nullable and categorical are true or false")
        expected = str if self.type == "string" else (int, float)
        if any(isinstance(value, bool) or not isinstance(value, expected) for value in self.allowed):
            raise DefinitionError(f"feature {self.name!r}: allowed holds values that are no {self.type}")

    @property
    def is_string(self) -> bool:
        return self.type == "string"

    @property
    def learns_levels(self) -> bool:
        """Whether training records the distinct values, so that serving can name an unseen one."""
        return self.is_string and self.categorical and not self.allowed

    def learn(self, values: Sequence[Value]) -> Feature:
        """This feature with the levels, or the range, found in `values` (None is skipped)."""
        present = [value for value in values if value is not None]
        if self.learns_levels:
            return replace(self, levels=tuple(sorted({str(value) for value in present})))
        if self.is_string or not present:
            return self
        numbers = [float(value) for value in present]
        return replace(self, observed=(min(numbers), max(numbers)))


@dataclass(frozen=True, slots=True)
class Schema:
    """The features in their order, the target, and the optional id column that is echoed, never used."""

    features: tuple[Feature, ...]
    target: Feature
    id: str | None = None

    def __post_init__(self) -> None:
        names = [*self.feature_names, self.target.name, *([self.id] if self.id else [])]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise DefinitionError(f"named more than once in the schema: {', '.join(repeated)}")

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @property
    def string_names(self) -> tuple[str, ...]:
        """String features in schema order: the columns of the graph's input `strings`."""
        return tuple(feature.name for feature in self.features if feature.is_string)

    @property
    def number_names(self) -> tuple[str, ...]:
        """Numeric features in schema order: the columns of the graph's input `numbers`."""
        return tuple(feature.name for feature in self.features if not feature.is_string)

    def learn(self, table: Table) -> Schema:
        """This schema with the levels and ranges of the training rows in `table`."""
        features = tuple(feature.learn(table[feature.name]) for feature in self.features)
        return replace(self, features=features, target=self.target.learn(table[self.target.name]))

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Schema:
        features = tuple(_feature(one) for one in document["features"])
        return cls(features=features, target=_feature(document["target"]), id=document["id"])


def written(number: float) -> str:
    """A number as people write it: 1234567, neither 1.23457e+06 nor 1234567.0."""
    is_whole = isinstance(number, float) and abs(number) < 1e16 and number == int(number)
    return str(int(number) if is_whole else number)


def _feature(document: Mapping[str, Any]) -> Feature:
    observed = document["observed"]
    return Feature(
        **{
            **document,
            "allowed": tuple(document["allowed"]),
            "levels": tuple(document["levels"]),
            "observed": cast(tuple[float, float], tuple(observed)) if observed else None,
        }
    )
