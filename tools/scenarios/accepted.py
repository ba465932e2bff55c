"""Requests that are answered with a price: those that make sense, and those to be careful with."""

from __future__ import annotations

from tools.scenarios.scenario import Group, Scenario, car, has_no_warning, predictions, warns

SWIFT_PRICES = (250_000, 450_000)
"""Most petrol Swifts of 2013 to 2015 in the sample cost between these two prices, in rupees."""
MERCEDES = car(name="Mercedes-Benz E-Class E250", fuel="Diesel", transmission="Automatic")

COHERENT = Group(
    "Answered, and coherent",
    "The car is of a kind that training saw often, and the price moves as people expect it to.",
    (
        Scenario(
            "A usual car",
            "Coherent: most advertisements of such a Swift in the sample ask for between 250 000 and 450 000 rupees, "
            "and nothing is unusual, so there is no warning.",
            car(),
            {
                "the price lies between 250 000 and 450 000 rupees": lambda data: (
                    SWIFT_PRICES[0] < predictions(data)[0] < SWIFT_PRICES[1]
                ),
                "there is no warning": has_no_warning,
            },
        ),
        Scenario(
            "The same car, older and older",
            "Coherent: age alone changes, and each older car is cheaper.",
            [car(year=2017), car(year=2014), car(year=2011), car(year=2008)],
            {
                "every older car is cheaper than the one before": lambda data: (
                    predictions(data) == sorted(set(predictions(data)), reverse=True)
                ),
            },
        ),
        Scenario(
            "The same car, driven more and more",
            "Coherent: 20 000, 80 000 and 150 000 km for the same age, and the price falls.",
            [car(km_driven=20000), car(km_driven=80000), car(km_driven=150000)],
            {
                "more kilometres are cheaper": lambda data: (
                    predictions(data) == sorted(set(predictions(data)), reverse=True)
                ),
            },
        ),
        Scenario(
            "A luxury brand and a small car",
            "Coherent: of the same year and distance, the Mercedes-Benz costs several times as much.",
            [MERCEDES, car()],
            {
                "the first price is at least three times the second": lambda data: (
                    predictions(data)[0] > 3 * predictions(data)[1]
                ),
            },
        ),
        Scenario(
            "Two cars and their order",
            "Coherent: one prediction for each instance, in the order sent; a car that is sent twice has one price.",
            {"instances": [car(), MERCEDES, car()]},
            {
                "the first and the third price are equal": lambda data: predictions(data)[0] == predictions(data)[2],
                "the second price belongs to the dearer car": lambda data: predictions(data)[1] > predictions(data)[0],
            },
        ),
        Scenario(
            "Unknown distance",
            "Coherent: km_driven may be missing. The pipeline fills in the median, so the price is near the price for "
            "an average distance, and a warning says so.",
            [car(km_driven=None), car()],
            {
                "a warning says that the value is imputed": warns(("km_driven", "missing_value")),
                "the price is within 20 % of the price with the distance": lambda data: (
                    abs(predictions(data)[0] / predictions(data)[1] - 1) < 0.2
                ),
            },
        ),
        Scenario(
            "Fields that may be left out",
            "Coherent: fuel and owner may be missing as well, as null or by not being there. The most frequent level "
            "is filled in.",
            car(fuel=..., owner=None),
            {"there is a warning for each": warns(("fuel", "missing_value"), ("owner", "missing_value"))},
        ),
        Scenario(
            "A whole number with a decimal point",
            "Coherent: many programs write 2014 as 2014.0, and it is the same year.",
            [car(year=2014.0), car()],
            {"both prices are equal": lambda data: predictions(data)[0] == predictions(data)[1]},
        ),
    ),
)

DOUBTFUL = Group(
    "Answered, to be taken with care",
    "The request is allowed, so there is a price. `warnings` says when to look twice; some of these have none.",
    (
        Scenario(
            "Five million kilometres",
            "Not coherent: nobody has driven that far. Trees do not extrapolate: to them it is the longest distance "
            "that they have seen, so the second car, with 300 000 km, costs exactly as much.",
            [car(km_driven=5_000_000), car(km_driven=300_000)],
            {
                "a warning names the training range": warns(("km_driven", "out_of_range")),
                "both prices are equal": lambda data: predictions(data)[0] == predictions(data)[1],
            },
        ),
        Scenario(
            "A car of 1956",
            "Not coherent: a classic car may be worth a fortune. The model knows only that old is cheap, from years "
            "after 2000, and says so.",
            car(year=1956),
            {
                "a warning names the training range": warns(("year", "out_of_range")),
                "it is taken for a very old, cheap car": lambda data: predictions(data)[0] < SWIFT_PRICES[0],
            },
        ),
        Scenario(
            "A car of the future",
            "Not coherent: there is no such car yet. It gets the price of a car as good as new.",
            [car(year=2031), car(year=2020)],
            {
                "a warning names the training range": warns(("year", "out_of_range")),
                "it costs at least as much as the newest": lambda data: predictions(data)[0] >= predictions(data)[1],
            },
        ),
        Scenario(
            "A fuel never seen",
            "Not coherent: the encoder has no column for it and sets none, a pattern that training never saw. The "
            "price is a guess from the other six fields, and not the price for any known fuel.",
            [car(fuel="Hydrogen"), car()],
            {
                "a warning names the unseen level": warns(("fuel", "unseen_level")),
                "the price differs from the petrol car's": lambda data: predictions(data)[0] != predictions(data)[1],
            },
        ),
        Scenario(
            "An electric car",
            "Seen, but rarely: 8 of the 2500 rows are electric. No warning says so, because the level is known. The "
            "price is coherent, but rests on very few cars: /performance has no slice fuel=Electric, because it leaves "
            "out slices with too few evaluation rows.",
            car(name="Mahindra e2o Plus W4", fuel="Electric", transmission="Automatic", year=2016, km_driven=33000),
            {
                "there is no warning: the level is known": has_no_warning,
                "it is the price of a small car": lambda data: 200_000 < predictions(data)[0] < 800_000,
            },
        ),
        Scenario(
            "How good it is with electric cars",
            "The slices show which kinds of cars have figures of their own: electric cars, as above, have none.",
            None,
            {
                "petrol and diesel have figures of their own": lambda data: (
                    {"fuel=Petrol", "fuel=Diesel"} <= data["performance"].keys()
                ),
                "electric cars have none": lambda data: "fuel=Electric" not in data["performance"],
            },
            path="/models/car-price/performance?filter=slices",
            method="GET",
        ),
        Scenario(
            "A brand never seen",
            "Not coherent: an unknown brand counts as the mean of all cars, so a Lada and a Rolls-Royce of the same "
            "age and distance cost the same, more than a Swift and far less than a Mercedes-Benz. That is the best "
            "guess for a brand of which nothing is known, and no more. The name is free text, in which every new trim "
            "is unseen, so there is no warning. To refuse unknown brands, give the brand a field of its own with a "
            "closed list.",
            [car(name="Lada Niva"), car(name="Rolls-Royce Phantom"), car(), car(name="Mercedes-Benz E-Class E250")],
            {
                "there is no warning": has_no_warning,
                "both unknown brands have one price": lambda data: predictions(data)[0] == predictions(data)[1],
                "it is dearer than the Swift, below twice its price": lambda data: (
                    predictions(data)[2] < predictions(data)[0] < 2 * predictions(data)[2]
                ),
                "it is less than half the price of the Mercedes-Benz": lambda data: (
                    2 * predictions(data)[0] < predictions(data)[3]
                ),
            },
        ),
        Scenario(
            "A model never seen, of a known brand",
            "Not coherent: an Audi R8 is dearer than an A4. An unknown model counts as the mean of all cars as well, "
            "and that outweighs the known brand. A new model of a luxury brand is priced too low until a retrain with "
            "rows of it.",
            [car(name="Audi R8"), car(name="Audi A4 Premium")],
            {
                "there is no warning": has_no_warning,
                "the R8 is priced below half of the A4": lambda data: 2 * predictions(data)[0] < predictions(data)[1],
            },
        ),
        Scenario(
            "Known values that do not belong together",
            "Not coherent: demonstrators are new cars, and this one is of 2007. Each value is known by itself, and "
            "ranges and levels judge one field at a time, so nothing warns.",
            [car(owner="Test Drive Car", year=2007), car(year=2007)],
            {"there is no warning": has_no_warning},
        ),
    ),
)
