"""Dates and times by their parts, in front of models of every kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from model_export.transformers.dates import DateParts
from tools.conversion.configuration import Configuration, fitted
from tools.conversion.tables import TargetKind

SECTION = "Dates"
WHOLE = ["year", "quarter", "month", "day", "day_of_year", "weekday", "hour", "minute", "second"]
CYCLES = ["month_cycle", "day_of_year_cycle", "weekday_cycle", "hour_cycle"]
_DATES = ["sold", "built"]


def _over_columns(*steps: Callable[[], Any]) -> Any:
    return make_column_transformer((make_pipeline(*(step() for step in steps)), _DATES), remainder="passthrough")


def _row(
    name: str, table: str, target: TargetKind, model: Callable[[], Any], *steps: Callable[[], Any]
) -> Configuration:
    return Configuration(SECTION, name, table, target, fitted(lambda: make_pipeline(_over_columns(*steps), model())))


def _parts(parts: Sequence[str], since: str | None = None) -> Callable[[], Any]:
    return lambda: DateParts(parts, since=since)


def _month(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({name: column.dt.month for name, column in frame.items()})


CONFIGURATIONS = (
    _row("DateParts of whole numbers; Ridge", "dates", "number", Ridge, _parts(WHOLE), StandardScaler),
    _row("DateParts(['elapsed_days']); Ridge", "dates", "number", Ridge, _parts(["elapsed_days"]), StandardScaler),
    _row("DateParts(since='2000-01-01'); Ridge", "dates", "number", Ridge, _parts(["elapsed_days"], "2000-01-01")),
    _row("DateParts of cycles; LogisticRegression", "dates", "three", LogisticRegression, _parts(CYCLES)),
    _row(
        "DateParts and OneHotEncoder; LogisticRegression",
        "dates",
        "two",
        LogisticRegression,
        _parts(["month", "weekday"]),
        lambda: OneHotEncoder(handle_unknown="ignore"),
    ),
    _row("DateParts; RandomForestRegressor", "dates", "number", lambda: RandomForestRegressor(20), _parts(WHOLE)),
    _row(
        "DateParts; HistGradientBoostingRegressor",
        "dates",
        "number",
        lambda: HistGradientBoostingRegressor(max_iter=20),
        DateParts,
    ),
    _row(
        "DateParts and SimpleImputer; Ridge",
        "dates with holes",
        "number",
        Ridge,
        _parts([*WHOLE, "elapsed_days", *CYCLES]),
        lambda: SimpleImputer(add_indicator=True),
    ),
    _row(
        "DateParts; HistGradientBoostingClassifier",
        "dates with holes",
        "three",
        lambda: HistGradientBoostingClassifier(max_iter=20),
        DateParts,
    ),
    _row(
        "FunctionTransformer(a function of one's own); Ridge",
        "dates",
        "number",
        Ridge,
        lambda: FunctionTransformer(_month),
    ),
)
