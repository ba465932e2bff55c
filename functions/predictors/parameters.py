"""Parameters of a request: the fields of a dataclass, from which both their checks and their JSON Schema come."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_type_hints

from msgspec import Meta

from functions.core.column_check import whole
from functions.core.documents import read_document
from functions.core.errors import DocumentError, Fault, InvalidInputError
from functions.core.expectations import bare_of, metas_of, without_none
from functions.core.unknown_keys import with_few_unknown

PARAMETERS = "parameters"
LARGEST_INTEGER = 2**63 - 1
Parameters = TypeVar("Parameters")
JsonSchema = dict[str, Any]
ANY = Meta()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `kind` is int, bool, or NoneType if it is not supported, see in `bounds.description`."""

    kind: Any
    bounds: Meta

    def fault(self, value: Any) -> tuple[str, str]:
        """Message and type of the fault in a value that does not fit."""
        if self.kind is NoneType:
            return str(self.bounds.description), "not_supported"
        if self.kind is bool:
            return "true or false is expected", "bool_type"
        if self.bounds.description or type(value) is not int:
            return f"{self.bounds.description or f'a whole number from {self.bounds.ge}'} is expected", "int_type"
        if self.bounds.ge is not None and value < self.bounds.ge:
            return f"must be at least {self.bounds.ge}", "greater_than_equal"
        return f"must be at most {self.bounds.le}", "less_than_equal"

    def schema(self) -> JsonSchema:
        if self.kind is NoneType:
            return {"type": "null"}
        if self.kind is bool:
            return {"type": ["boolean", "null"]}
        bounds = {"minimum": self.bounds.ge, "maximum": self.bounds.le}
        return {"type": ["integer", "null"], **{name: bound for name, bound in bounds.items() if bound is not None}}


def read_parameters(given: Mapping[str, Any], kind: type[Parameters]) -> Parameters:
    """Read the dataclass `kind` from JSON, where null is the same as absent and 2.0 the same as 2.

    Raises InvalidInputError with every fault; the place of each is ("parameters", name).
    """
    present = {name: _at_most_64_bits(whole(value)) for name, value in given.items() if value is not None}
    try:
        return read_document(with_few_unknown(present, _names(kind)), kind, PARAMETERS)
    except DocumentError as error:
        # the document's messages are for files; the ones of a request are contracts with clients
        names = dict.fromkeys(str(fault.key[0]) for fault in error.faults)
        raise InvalidInputError([_fault(name, present[name], kind) for name in names]) from None


def _at_most_64_bits(value: Any) -> Any:
    """The value, or the largest number that documents hold: to a parameter that has no bound, one is as good."""
    return min(value, LARGEST_INTEGER) if type(value) is int else value


def parameters_schema(kind: type) -> dict[str, JsonSchema]:
    """The JSON Schema of each parameter, by name."""
    return {name: parameter.schema() for name, parameter in _parameters(kind).items()}


def _fault(name: str, value: Any, kind: type) -> Fault:
    parameters = _parameters(kind)
    if name not in parameters:
        known = ", ".join(name for name, parameter in parameters.items() if parameter.kind is not NoneType)
        return Fault((PARAMETERS, name), f"unknown; known: {known}", "extra")
    return Fault((PARAMETERS, name), *parameters[name].fault(value))


def _names(kind: type) -> Collection[str]:
    return _parameters(kind).keys()


# the hints are strings: they are evaluated once for each dataclass, not in every request
@cache
def _parameters(kind: Any) -> Mapping[str, Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: _parameter(hint) for name, hint in hints.items()}


def _parameter(hint: Any) -> Parameter:
    kind, notes = bare_of(without_none(hint) or hint)
    return Parameter(kind, next(iter(metas_of(notes)), ANY))
