"""Bounds on the instances of a request, checked before they cost time and memory."""

from __future__ import annotations

from dataclasses import dataclass

from functions.core.definition import Definition, Limits
from functions.core.errors import TooLargeError
from functions.core.json_text import elements_beyond

SMALLEST_CELL_BYTES = 6
"""The bytes of a key of one letter, a value of one digit, and a comma: "a":1, ."""


@dataclass(frozen=True, slots=True)
class RowBudget:
    """The most instances of one request, and the remedy for a larger one."""

    most: int
    remedy: str

    @classmethod
    def of_prediction(cls, limits: Limits) -> RowBudget:
        return cls(limits.max_instances, "send them in parts")

    @classmethod
    def of_training(cls, definition: Definition) -> RowBudget:
        return cls(_most_rows(definition, len(definition.schema.labelled)), "send a file by POST .../uploads")

    @classmethod
    def of_batch(cls, definition: Definition) -> RowBudget:
        return cls(_most_rows(definition, len(definition.schema.features)), 'send a file, by {"file_name": ...}')

    def check_body(self, body: bytes) -> None:
        """Raise TooLargeError for a body of far more objects than instances, without parsing it.

        Instances are flat, so twice their number is more than any sound body holds; `check_rows` is exact, after
        parsing.
        """
        found = elements_beyond(body, 2 * (self.most + 1))
        if found:
            self.check_rows(found)

    def check_rows(self, rows: int) -> None:
        """Raise TooLargeError for too many instances."""
        if rows > self.most:
            raise TooLargeError(f"{rows} instances are more than {self.most}: {self.remedy}")


def _most_rows(definition: Definition, columns: int) -> int:
    """As many rows as fit into `max_payload_bytes` if every row spells all of its columns."""
    return max(1, definition.limits.max_payload_bytes // (SMALLEST_CELL_BYTES * columns))
