"""Made-up tables of the kinds that people train on, each with a target of the wanted kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

TargetKind = Literal["number", "positive", "two", "zero_one", "three", "four", "numbered"]
TARGET = "outcome"
TRAINING_ROWS = 400
HELD_OUT_ROWS = 1600
CITIES = ("Madrid", "Málaga", "Lugo", "Soria", "Ávila", "Cádiz", "León")
PLANS = ("basic", "plus", "pro")
WORDS = [
    "the",
    "movie",
    "was",
    "good",
    "bad",
    "great",
    "awful",
    "plot",
    "acting",
    "slow",
    "fast",
    "we",
    "liked",
    "hated",
    "it",
    "very",
    "muy",
    "buena",
    "mala",
    "película",
    "aburrida",
    "genial",
    "actores",
    "guion",
    "nunca",
    "siempre",
    "otra",
    "vez",
    "again",
    "10",
    "2024",
    "café",
    "niño",
    "straße",
]


@dataclass(frozen=True, slots=True)
class Sample:
    """Training and held-out rows as a user's script holds them; missing values are NaN."""

    training: pd.DataFrame
    training_target: pd.Series[Any]
    held_out: pd.DataFrame


def sample(table: str, target: TargetKind, seed: int = 0) -> Sample:
    """Rows of the table of that name; the target depends on its columns, with some noise."""
    random = np.random.default_rng([seed, *table.encode()])
    rows = TRAINING_ROWS + HELD_OUT_ROWS
    frame = TABLES[table](random, rows)
    values = _target(_score(frame) + 0.3 * random.standard_normal(rows), target)
    outcome = pd.Series(values, name=TARGET)
    return Sample(frame[:TRAINING_ROWS], outcome[:TRAINING_ROWS], frame[TRAINING_ROWS:].reset_index(drop=True))


def as_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `city` and `plan` of dtype category, all levels known."""
    levels = {"city": CITIES, "plan": PLANS}
    return frame.astype({name: pd.CategoricalDtype(sorted(known)) for name, known in levels.items()})


def _wide(random: np.random.Generator, rows: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "income": random.lognormal(10, 0.6, rows).round(2),
            "length": random.normal(0, 1, rows),
            "score": random.uniform(-5, 5, rows).round(3),
            "ratio": random.beta(2, 5, rows),
            "count": random.integers(0, 40, rows),
            "tiny": random.normal(0, 1e-9, rows),
            "huge": random.normal(3e9, 1e9, rows).round(0) + 0.5,
        }
    )


def _small(random: np.random.Generator, rows: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": random.integers(18, 90, rows),
            "height": random.normal(170, 9, rows).round(1),
            "weight": random.normal(72, 12, rows).round(1),
            "dose": random.uniform(0.5, 4, rows),
            "change": random.normal(0, 2, rows),
        }
    )


def _with_holes(frame: pd.DataFrame, random: np.random.Generator, share: float = 0.12) -> pd.DataFrame:
    return frame.mask(random.random(frame.shape) < share)


def _positive(random: np.random.Generator, rows: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "visits": random.poisson(3, rows),
            "clicks": random.poisson(8, rows),
            "spent": random.lognormal(2, 0.8, rows).round(2),
            "minutes": random.exponential(20, rows).round(3) + 0.001,
        }
    )


def _categories(random: np.random.Generator, rows: int) -> pd.DataFrame:
    weights = np.arange(len(CITIES), 0, -1) / sum(range(1, len(CITIES) + 1))
    return pd.DataFrame({"city": random.choice(CITIES, rows, p=weights), "plan": random.choice(PLANS, rows)})


def _codes(random: np.random.Generator, rows: int) -> pd.DataFrame:
    return pd.DataFrame({name: random.integers(0, 6, rows) for name in ("k1", "k2", "k3")})


def _mixed(random: np.random.Generator, rows: int) -> pd.DataFrame:
    return pd.concat([_small(random, rows), _categories(random, rows)], axis=1)


def _texts(random: np.random.Generator, rows: int, name: str = "review") -> pd.DataFrame:
    lengths = random.integers(8, 30, rows)
    return pd.DataFrame({name: [" ".join(random.choice(WORDS, length)).capitalize() + "." for length in lengths]})


def _flags(random: np.random.Generator, rows: int) -> pd.DataFrame:
    flags = pd.DataFrame({name: random.random(rows) < 0.4 for name in ("lift", "garden")})
    return pd.concat([flags, _small(random, rows)], axis=1)


def _odd_names(random: np.random.Generator, rows: int) -> pd.DataFrame:
    names = ("año de nacimiento", "peso (kg)", "x.y", "1st", "größe")
    return _small(random, rows).set_axis(list(names), axis=1)


def _dates(random: np.random.Generator, rows: int, holes: float = 0.0) -> pd.DataFrame:
    """Times to the microsecond on both sides of 1970, and days."""
    sold = random.integers(-2_000_000_000_000_000, 1_800_000_000_000_000, rows).astype("datetime64[us]")
    built = random.integers(-100_000, 20_000, rows).astype("datetime64[D]").astype("datetime64[us]")
    dates = pd.DataFrame({"sold": sold, "built": built})
    return pd.concat([dates.mask(random.random(dates.shape) < holes), _small(random, rows)[["dose"]]], axis=1)


TABLES: Mapping[str, Callable[[np.random.Generator, int], pd.DataFrame]] = {
    "wide": _wide,
    "wide with holes": lambda random, rows: _with_holes(_wide(random, rows), random),
    "small": _small,
    "small with holes": lambda random, rows: _with_holes(_small(random, rows), random),
    "one": lambda random, rows: _small(random, rows)[["dose"]],
    "positive": _positive,
    "categories": _categories,
    "categories with holes": lambda random, rows: _with_holes(_categories(random, rows), random),
    "codes": _codes,
    "mixed": _mixed,
    "mixed with holes": lambda random, rows: _with_holes(_mixed(random, rows), random),
    "texts": _texts,
    "texts and numbers": lambda random, rows: pd.concat([_texts(random, rows), _small(random, rows)], axis=1),
    "two texts": lambda random, rows: pd.concat(
        [_texts(random, rows), _texts(random, rows, "reply"), _small(random, rows)[["dose"]]], axis=1
    ),
    "flags": _flags,
    "odd names": _odd_names,
    "dates": _dates,
    "dates with holes": lambda random, rows: _dates(random, rows, holes=0.12),
    "dummies": lambda random, rows: pd.get_dummies(_mixed(random, rows)),
}


def _score(frame: pd.DataFrame) -> Any:
    """A standardised sum over the columns: numbers by rank, texts by whether they say `good` or a known level."""
    parts = [_column_score(column) for _, column in frame.items()]
    total = np.sum([part * weight for part, weight in zip(parts, np.linspace(1, 0.4, len(parts)), strict=True)], axis=0)
    return (total - total.mean()) / (total.std() or 1.0)


def _column_score(column: pd.Series[Any]) -> Any:
    if pd.api.types.is_datetime64_dtype(column):
        column = column.dt.month * 100 + column.dt.hour
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float).rank(pct=True).fillna(0.5).to_numpy()
    texts = column.fillna("").astype(str).str.lower()
    if texts.str.len().max() > 20:
        return texts.str.count("good|great|genial|buena").to_numpy() - texts.str.count("bad|awful|mala").to_numpy()
    return texts.map({name.lower(): place for place, name in enumerate((*CITIES, *PLANS))}).fillna(3).to_numpy() / 4


def _target(score: Any, kind: TargetKind) -> Any:
    if kind == "number":
        return (20 + 7 * score).round(6)
    if kind == "positive":
        return np.exp(1 + 0.5 * score).round(6)
    names: Mapping[str, list[Any]] = {
        "two": ["no", "yes"],
        "zero_one": [0, 1],
        "three": ["a", "b", "c"],
        "four": ["n", "e", "s", "w"],
    }
    labels = names.get(kind, [0, 1, 2])
    places = np.minimum((pd.Series(score).rank(pct=True).to_numpy() * len(labels)).astype(int), len(labels) - 1)
    return np.array(labels)[places]
