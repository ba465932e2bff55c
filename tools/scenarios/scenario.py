"""One request, the expectations of its answer, and the reason for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PREDICT = "/models/car-price/predict"
RETRAIN = "/models/car-price/retrain"

Json = Any
Check = Callable[[Json], bool]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`checks` are named in words and judge the answer's `data`, or its `errors`. A text as `body` is sent as it is."""

    name: str
    why: str
    body: Json
    checks: Mapping[str, Check]
    path: str = PREDICT
    method: str = "POST"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Group:
    """Scenarios under one heading."""

    title: str
    text: str
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """An answer: the HTTP status and its phrase, and the `data` or `errors` of the envelope."""

    scenario: Scenario
    status: int
    phrase: str
    content: Json

    def failures(self) -> list[str]:
        """The expectations that do not hold, in words."""
        if self.status != self.scenario.status:
            return [f"status {self.status} instead of {self.scenario.status}: {self.content}"]
        return [
            f"not {text}: {self.content}" for text, holds in self.scenario.checks.items() if not holds(self.content)
        ]


def car(**changes: Json) -> dict[str, Json]:
    """The Swift of the documentation with other values; a value of ... leaves the field out."""
    instance: dict[str, Json] = {
        "name": "Maruti Swift VXI",
        "year": 2014,
        "km_driven": 52000,
        "fuel": "Petrol",
        "seller_type": "Individual",
        "transmission": "Manual",
        "owner": "First Owner",
    }
    return {name: value for name, value in {**instance, **changes}.items() if value is not ...}


def predictions(content: Json) -> list[float]:
    prices: list[float] = content["predictions"]
    return prices


def has_no_warning(content: Json) -> bool:
    return not any(content["warnings"])


def warns(*expected: tuple[str, str]) -> Check:
    """A check that the first instance has exactly these warnings, as (field, type)."""
    return lambda content: [(one["loc"][-1], one["type"]) for one in content["warnings"][0]] == list(expected)


def refuses(*expected: tuple[str, str]) -> Check:
    """A check that the errors are exactly these, as (place, type); the place is joined by dots."""
    return lambda errors: [(".".join(map(str, one["loc"])), one["type"]) for one in errors] == list(expected)
