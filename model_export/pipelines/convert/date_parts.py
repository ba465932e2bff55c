"""DateParts: the civil calendar in whole numbers of 64 bits.

Days become years, months and days by whole divisions, after Howard Hinnant, "chrono-Compatible Low-Level Date
Algorithms" (2013). They count from 1 March of the year 0, the day after a leap day: no day since the year 1 is negative
then, so that the division of ONNX, which cuts towards zero, rounds down.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto

from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.transformers.dates import CYCLES, DAY, ELAPSED, MISSING, waves

DAYS_BEFORE_1970 = 719_468
"""From 1 March of the year 0, a Wednesday."""
DAYS_OF_ERA = 146_097
"""400 years, after which the calendar repeats itself."""
DAYS_BEFORE_MARCH = 306
"""From 1 March to 1 January; the rest of a year that begins in March."""
HOUR, MINUTE, SECOND = DAY // 24, 60_000_000, 1_000_000


def date_parts(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    columns = inputs[0].name
    count = len(estimator.origins_)
    parts = []
    for place, origin in enumerate(estimator.origins_):
        column = columns if count == 1 else graph.gather(columns, [place])
        missing = graph.op("Equal", column, graph.integers(MISSING))
        moments = graph.op("Where", missing, graph.integers(0), column)
        calendar = _Calendar(graph, moments)
        values = [_part(graph, calendar, part, moments, int(origin)) for part in estimator.parts]
        parts.append(graph.op("Where", missing, graph.constant(np.array([np.nan])), graph.concat(values)))
    return (graph.concat(parts),)


def _part(graph: Graph, calendar: _Calendar, part: str, moments: str, origin: int) -> str:
    """The name of a double tensor, [N, 1], or [N, 2] for a cycle."""
    if part == ELAPSED:
        elapsed = graph.op("Cast", graph.op("Sub", moments, graph.integers(origin)), to=TensorProto.DOUBLE)
        return graph.op("Div", elapsed, graph.constant(np.array([float(DAY)])))
    if part not in CYCLES:
        return graph.op("Cast", calendar.part(part), to=TensorProto.DOUBLE)
    name, least, _ = CYCLES[part]
    # the sines of numpy themselves: those of another library may differ in the last bit
    place = graph.flat(graph.op("Sub", calendar.part(name), graph.integers(least)))
    return graph.op("Gather", graph.constant(waves(part)), place, axis=0)


class _Calendar:
    """The nodes of the parts of one column, each made once and only if something asks for it."""

    def __init__(self, graph: Graph, moments: str) -> None:
        self._graph = graph
        self._moments = moments
        self._made: dict[str, str] = {}

    def part(self, name: str) -> str:
        if name not in self._made:
            self._made[name] = getattr(self, f"_{name}")()
        return self._made[name]

    def _with(self, op_type: str, x: str, number: int) -> str:
        return self._graph.op(op_type, x, self._graph.integers(number))

    def _quotient(self, x: str, divisor: int) -> str:
        return self._with("Div", x, divisor)

    def _time(self) -> str:
        """Microseconds since midnight; the remainder of ONNX has the sign of the divisor."""
        return self._with("Mod", self._moments, DAY)

    def _day_number(self) -> str:
        midnight = self._graph.op("Sub", self._moments, self.part("time"))
        return self._with("Add", self._quotient(midnight, DAY), DAYS_BEFORE_1970)

    def _day_of_era(self) -> str:
        return self._with("Mod", self.part("day_number"), DAYS_OF_ERA)

    def _year_of_era(self) -> str:
        """The year that begins in March, 0 to 399: days less one for each leap day before, in years of 365 days."""
        days = self.part("day_of_era")
        without = self._graph.op("Sub", days, self._quotient(days, 1460))
        without = self._graph.op("Add", without, self._quotient(days, 36_524))
        without = self._graph.op("Sub", without, self._quotient(days, 146_096))
        return self._quotient(without, 365)

    def _day_since_march(self) -> str:
        years = self.part("year_of_era")
        before = self._graph.op("Add", self._with("Mul", years, 365), self._quotient(years, 4))
        before = self._graph.op("Sub", before, self._quotient(years, 100))
        return self._graph.op("Sub", self.part("day_of_era"), before)

    def _month_since_march(self) -> str:
        """0 to 11; five months from March on have 153 days."""
        return self._quotient(self._with("Add", self._with("Mul", self.part("day_since_march"), 5), 2), 153)

    def _year(self) -> str:
        eras = self._with("Mul", self._quotient(self.part("day_number"), DAYS_OF_ERA), 400)
        years = self._graph.op("Add", self.part("year_of_era"), eras)
        is_next = self._with("GreaterOrEqual", self.part("day_since_march"), DAYS_BEFORE_MARCH)
        return self._graph.op("Add", years, self._graph.op("Cast", is_next, to=TensorProto.INT64))

    def _month(self) -> str:
        """March, the month 0, is 3; January, the month 10, is 1."""
        return self._with("Add", self._with("Mod", self._with("Add", self.part("month_since_march"), 2), 12), 1)

    def _quarter(self) -> str:
        return self._quotient(self._with("Add", self.part("month"), 2), 3)

    def _day(self) -> str:
        before = self._with("Add", self._with("Mul", self.part("month_since_march"), 153), 2)
        return self._with("Add", self._graph.op("Sub", self.part("day_since_march"), self._quotient(before, 5)), 1)

    def _day_of_year(self) -> str:
        """The days since 1 January of the year, from those before it since 1 March of the year 0."""
        past = self._with("Sub", self.part("year"), 1)
        before = self._graph.op("Add", self._with("Mul", past, 365), self._quotient(past, 4))
        before = self._graph.op("Sub", before, self._quotient(past, 100))
        before = self._graph.op("Add", before, self._quotient(past, 400))
        # day 306 is 1 January of the year 1, whose number here is 1
        return self._with("Sub", self._graph.op("Sub", self.part("day_number"), before), DAYS_BEFORE_MARCH - 1)

    def _weekday(self) -> str:
        return self._with("Mod", self._with("Add", self.part("day_number"), 2), 7)

    def _hour(self) -> str:
        return self._quotient(self.part("time"), HOUR)

    def _minute(self) -> str:
        return self._with("Mod", self._quotient(self.part("time"), MINUTE), 60)

    def _second(self) -> str:
        return self._with("Mod", self._quotient(self.part("time"), SECOND), 60)
