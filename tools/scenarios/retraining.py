"""Retraining, in the order in which it is played: rows that are refused, versions kept out, versions promoted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.scenarios.scenario import RETRAIN, Group, Scenario, car, predictions, refuses

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[2] / "examples" / "car-price-rows.json").read_text("utf-8")
)
PRICES = [row["selling_price"] for row in ROWS]
REVERSED = [{**row, "selling_price": price} for row, price in zip(ROWS, reversed(PRICES), strict=True)]
"""Each car with the price of another."""
MISSPELT = [{**row, "fuel": "petrol"} if number == 3 else row for number, row in enumerate(ROWS)]
WITHOUT_PRICE = {name: value for name, value in ROWS[2].items() if name != "selling_price"}
MISLABELLED = [{**ROWS[0], "selling_price": "cheap"}, {**ROWS[1], "selling_price": 0}, WITHOUT_PRICE, *ROWS[3:]]
PRODUCTION = "/models/car-price/production"


def is_version(version: int) -> Any:
    return lambda data: data["version"] == version


RETRAINING = Group(
    "Retraining and going back",
    "They are played one after the other; version 1, trained on the shipped sample, is in production at first. The "
    "rows come from examples/car-price-rows.json, changed where the scenario says so.",
    (
        Scenario(
            "Too few rows",
            "A model of three cars would answer for everyone: refused before anything is trained.",
            ROWS[:3],
            {"the error says so": lambda errors: errors[0]["type"] == "too_short"},
            path=RETRAIN,
            status=422,
        ),
        Scenario(
            "Labels that are no prices",
            "A text, a price of 0, and no price: each error names its row, and nothing is trained.",
            MISLABELLED,
            {
                "there is an error for each of the three rows": lambda errors: (
                    {tuple(one["loc"]) for one in errors} == {("body", row, "selling_price") for row in range(3)}
                ),
            },
            path=RETRAIN,
            status=422,
        ),
        Scenario(
            "Two spellings of one level in the rows",
            "Petrol and petrol would become two fuels, and the next request for either would be half right.",
            MISSPELT,
            {"the error names the column and the type": refuses(("file.fuel", "near_level"))},
            path=RETRAIN,
            status=422,
        ),
        Scenario(
            "Well-formed rows with senseless prices",
            "Here each car has the price of another. No schema can find that, but the evaluation does: R2 is below the "
            "gate's floor of 0.3. The version is kept, so that its owner can look at it, and does not serve. On such "
            "rows production looks even worse, so a comparison alone would have let it pass: use floors and comparison "
            "together.",
            REVERSED,
            {
                "it is version 2": is_version(2),
                "it was not promoted": lambda data: data["promoted"] is False,
                "the reason is the floor": lambda data: "below the floor 0.3" in data["reason"],
                "production looks worse": lambda data: data["production_metrics"]["r2"] < data["metrics"]["r2"],
            },
            path=RETRAIN,
        ),
        Scenario(
            "Good rows",
            "The version is fitted, proven equal to its pipeline, and above the floor: it serves. With 500 rows it is "
            "less exact than production, which had more, on the same evaluation rows. The gate of car-price has only "
            "floors, by choice: a retrain replaces; `compare` in model.toml would have kept it out.",
            ROWS,
            {
                "it is version 3": is_version(3),
                "it was promoted": lambda data: data["promoted"] is True,
                "R2 is above the floor": lambda data: data["metrics"]["r2"] > 0.3,
            },
            path=RETRAIN,
        ),
        Scenario(
            "The next prediction",
            "The new version answers, and its number is in the answer. A Swift is still a cheap car.",
            car(),
            {
                "it is answered by version 3": is_version(3),
                "the price lies between 200 000 and 450 000 rupees": lambda data: (
                    200_000 < predictions(data)[0] < 450_000
                ),
            },
        ),
        Scenario(
            "Going back",
            "One call goes back. The version is pinned, so that no training replaces it by itself.",
            {"version": 1, "pin": True},
            {"version 1 is pinned, after version 3": lambda data: (data["previous"], data["pinned"]) == (3, True)},
            path=PRODUCTION,
            method="PUT",
        ),
        Scenario(
            "Training while production is pinned",
            "The version is trained, proven and kept; production stays.",
            ROWS,
            {
                "it was not promoted": lambda data: data["promoted"] is False,
                "the reason is the pin": lambda data: "pinned" in data["reason"],
            },
            path=RETRAIN,
        ),
        Scenario(
            "The prediction after going back",
            "A version never changes, so this is the price of the very first scenario.",
            car(),
            {"it is answered by version 1": is_version(1)},
        ),
        Scenario(
            "Going back to what never was",
            "It is refused, and production is untouched.",
            {"version": 99},
            {"the error says which version": lambda errors: "99" in errors[0]["msg"]},
            path=PRODUCTION,
            method="PUT",
            status=404,
        ),
    ),
)
