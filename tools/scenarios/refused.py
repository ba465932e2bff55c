"""Requests that get no price, but every reason with its place."""

from __future__ import annotations

from tools.scenarios.scenario import Group, Scenario, car, refuses

REFUSED = Group(
    "Refused",
    "No prediction would be coherent, so there is none. All faults come at once, each with its place, what is wrong, "
    "and a type for programs.",
    (
        Scenario(
            "A required field is missing",
            "transmission was never missing in training and may not be: there is nothing to impute it from.",
            car(transmission=...),
            {"the error names the field": refuses(("body.transmission", "missing"))},
            status=422,
        ),
        Scenario(
            "A number as text",
            'A program that sends "2014" may as well send "2014 " or "MMXIV": only numbers are numbers.',
            car(year="2014"),
            {"the error names the type": refuses(("body.year", "integer_type"))},
            status=422,
        ),
        Scenario(
            "A known level in other letters",
            "To the encoder petrol is not Petrol: it would be priced as an unseen fuel, silently wrong. The error has "
            "the spelling that is meant.",
            car(fuel="petrol"),
            {
                "the error names the place": refuses(("body.fuel", "near_level")),
                "and the level that is meant": lambda errors: "'Petrol'" in errors[0]["msg"],
            },
            status=422,
        ),
        Scenario(
            "A value outside a closed list",
            "model.toml closes the list of gearboxes: any other value is a mistake, not a new level.",
            car(transmission="CVT"),
            {
                "the error names the place": refuses(("body.transmission", "enum")),
                "and the values that are allowed": lambda errors: "Automatic" in errors[0]["msg"],
            },
            status=422,
        ),
        Scenario(
            "A field that the model does not have",
            "A client that sends the colour expects it to count. It does not, and a misspelt km_driven would be lost.",
            car(colour="red"),
            {"the error names the field": refuses(("body.colour", "extra_forbidden"))},
            status=422,
        ),
        Scenario(
            "Impossible numbers",
            "They are outside the limits of model.toml, which say what is possible, not what the sample holds.",
            car(year=1890, km_driven=-5),
            {
                "there is an error for each": refuses(
                    ("body.year", "greater_than_equal"), ("body.km_driven", "greater_than_equal")
                )
            },
            status=422,
        ),
        Scenario(
            "Everything wrong at once",
            "One answer is enough to correct them all.",
            {"name": 7, "year": True, "km_driven": 52000.5, "fuel": "DIESEL", "wheels": 4, "seller_type": "Individual"},
            {"there is an error for each of the six faults": lambda errors: len(errors) == 6},
            status=422,
        ),
        Scenario(
            "One wrong car among several",
            "The row is part of the place. The good ones are not answered: a shorter list of prices would be read as "
            "prices of other cars.",
            [car(), car(km_driven="a lot"), car()],
            {"the error names the row": refuses(("body.1.km_driven", "integer_type"))},
            status=422,
        ),
        Scenario(
            "No car at all",
            "An empty list has no prediction.",
            [],
            {"the error says so": lambda errors: errors[0]["type"] == "too_short"},
            status=422,
        ),
        Scenario(
            "Not JSON",
            "NaN is a word of Python, not of JSON: write null for a missing value.",
            '{"name": "Maruti Swift VXI", "year": NaN}',
            {"the error says where": lambda errors: errors[0]["type"] == "json_invalid"},
            status=422,
        ),
        Scenario(
            "A model that is not there",
            "The error lists the models that there are.",
            car(),
            {"the error names the known models": lambda errors: "car-price" in errors[0]["msg"]},
            path="/models/car-prices/predict",
            status=404,
        ),
    ),
)
