"""A schema of cars, a car without a fault, and the faults of others."""

from __future__ import annotations

from typing import Any

import pytest

from functions.core.errors import Fault, InvalidInputError
from functions.core.schema import Feature, Schema
from functions.core.validator import Validator

SCHEMA = Schema(
    features=(
        Feature("fuel", "string", nullable=True, levels=("Diesel", "Petrol")),
        Feature("owner", "string", levels=("First Owner", "Test_Drive Car")),
        Feature("year", "integer", minimum=1950, maximum=2100),
        Feature("km_driven", "number", nullable=True, minimum=0),
        Feature("gearbox", "string", allowed=("Manual", "semi-automatic")),
        Feature("doors", "integer", nullable=True, allowed=(3, 5)),
    ),
    target=Feature("price", "number", minimum=1),
    id="key",
)
SOUND: dict[str, Any] = {
    "fuel": "Diesel",
    "owner": "First Owner",
    "year": 2014,
    "km_driven": 5.5,
    "gearbox": "Manual",
    "doors": 5,
}
VALIDATOR = Validator(SCHEMA)


def faults_of(*instances: Any, validator: Validator = VALIDATOR) -> list[Fault]:
    with pytest.raises(InvalidInputError) as caught:
        validator.table(instances)
    return list(caught.value.faults)


def accepts(feature: Feature, value: object) -> bool:
    try:
        Validator(Schema((feature,), SCHEMA.target)).table([{feature.name: value}])
    except InvalidInputError:
        return False
    return True


def only(feature: Feature, value: object) -> tuple[str, str]:
    """Type and message of the one fault of `value`."""
    (fault,) = faults_of({feature.name: value}, validator=Validator(Schema((feature,), SCHEMA.target)))
    assert fault.loc == (0, feature.name)
    return fault.type, fault.msg
