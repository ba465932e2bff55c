"""Invented used-car advertisements in the columns of the well-known table: models/car-price/sample.csv."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from zoo.car_price.catalogue import BRANDS, ELECTRIC, MODELS, Model
from zoo.csv_file import run
from zoo.draws import Draws

ROWS = 2500
SEED = 20240119
HEADER = ("name", "year", "selling_price", "km_driven", "fuel", "seller_type", "transmission", "owner")
THIS_YEAR = 2020

SELLERS = {"Individual": 0.74, "Dealer": 0.23, "Trustmark Dealer": 0.03}
SELLER_FACTORS = {"Individual": 1.0, "Dealer": 1.07, "Trustmark Dealer": 1.14}
OWNER_FACTORS = {
    "First Owner": 1.0,
    "Second Owner": 0.9,
    "Third Owner": 0.81,
    "Fourth & Above Owner": 0.72,
    "Test Drive Car": 1.05,
}
FUEL_FACTORS = {"Petrol": 1.0, "Diesel": 1.13, "CNG": 0.95, "LPG": 0.85, "Electric": 0.9}
MISSING = {"fuel": 0.012, "owner": 0.012, "km_driven": 0.02}
"""The share of advertisements that leave a cell blank."""
REPEATED = 0.03
"""The share of advertisements that are posted twice, word for word."""
NOISE = 0.14
"""Standard deviation of the logarithm of the price, given everything else."""


@dataclass(frozen=True, slots=True)
class Car:
    model: Model
    trim: int
    year: int
    km: int
    fuel: str
    seller: str
    automatic: bool
    owner: str

    @property
    def age(self) -> int:
        return THIS_YEAR - self.year


def rows() -> Iterator[list[str]]:
    """The advertisements, each in the order of HEADER."""
    draws = Draws(SEED)
    before: list[str] = []
    for _ in range(ROWS):
        if not (before and draws.chance(REPEATED)):
            before = advertisement(draws, draw_car(draws))
        yield before


def advertisement(draws: Draws, car: Car) -> list[str]:
    cells = {
        "name": name(draws, car),
        "year": str(car.year),
        "selling_price": str(price(draws, car)),
        "km_driven": str(car.km),
        "fuel": car.fuel,
        "seller_type": car.seller,
        "transmission": "Automatic" if car.automatic else "Manual",
        "owner": car.owner,
    }
    cells.update({column: "" for column, share in MISSING.items() if draws.chance(share)})
    return [cells[column] for column in HEADER]


def draw_car(draws: Draws) -> Car:
    model = draws.one_of(ELECTRIC) if draws.chance(0.003) else draws.weighted({one: one.weight for one in MODELS})
    brand = BRANDS[model.brand]
    year = year_of(draws, model)
    age = THIS_YEAR - year
    trim = draws.whole(0, len(brand.trims) - 1)
    return Car(
        model=model,
        trim=trim,
        year=year,
        km=distance(draws, age),
        fuel=fuel_of(draws, model),
        seller=draws.weighted(SELLERS),
        automatic=model in ELECTRIC or "CVT" in brand.trims[trim] or draws.chance(brand.automatic),
        owner=owner_of(draws, age),
    )


def year_of(draws: Draws, model: Model) -> int:
    while True:
        year = round(draws.normal(2013.3, 4.2))
        if model.since <= year <= model.until:
            return year


def distance(draws: Draws, age: int) -> int:
    """Kilometres: about ten thousand a year, less with age; most sellers round to the thousand."""
    usual = 9000 * (age + 0.6) ** 0.85
    km = max(500.0, usual * math.exp(draws.normal(0, 0.5)))
    return round(km / 1000) * 1000 if km > 1500 and draws.chance(0.75) else int(km)


def fuel_of(draws: Draws, model: Model) -> str:
    if model in ELECTRIC:
        return "Electric"
    if draws.chance(model.diesel):
        return "Diesel"
    small = model.price < 800
    return draws.weighted({"Petrol": 1.0, "CNG": 0.035 if small else 0.0, "LPG": 0.02 if small else 0.0})


def owner_of(draws: Draws, age: int) -> str:
    if age <= 2 and draws.chance(0.06):
        return "Test Drive Car"
    return draws.weighted(
        {
            "First Owner": 5.0,
            "Second Owner": 0.35 * age,
            "Third Owner": 0.012 * age * age,
            "Fourth & Above Owner": 0.0032 * age * age,
        }
    )


def name(draws: Draws, car: Car) -> str:
    """Brand, model and trim, and now and then what else an advertisement boasts of."""
    brand = BRANDS[car.model.brand]
    trim = brand.trims[car.trim]
    words = [car.model.brand, car.model.name]
    if car.fuel == "Diesel":
        words += [brand.diesel_mark] if brand.diesel_mark else []
        trim = trim.replace("XI", "DI")
    words.append(trim)
    words += [car.fuel] if car.fuel in ("CNG", "LPG") else []
    words += ["AT"] if car.automatic and car.fuel != "Electric" and draws.chance(0.6) else []
    words += ["BSIV"] if car.year >= 2010 and draws.chance(0.1) else []
    words += (
        [draws.one_of(("with Alloys & ABS", "Édition Spéciale", "Limited Edition, Sunroof"))]
        if draws.chance(0.02)
        else []
    )
    return " ".join(words)


def price(draws: Draws, car: Car) -> int:
    """Rupees: the price when new, less depreciation, with log-normal noise, rounded as sellers do."""
    usual = 9000 * (car.age + 0.6) ** 0.85
    logarithms = (
        math.log(1000 * car.model.price * 0.9),
        math.log(0.9 + 0.09 * car.trim),
        -0.112 * car.age,
        -0.12 * math.log(max(car.km, 5000) / usual),
        math.log(FUEL_FACTORS[car.fuel] * OWNER_FACTORS[car.owner] * SELLER_FACTORS[car.seller]),
        0.1 if car.automatic else 0.0,
        draws.normal(0, NOISE),
    )
    step = 5000 if draws.chance(0.8) else 1000
    return max(20_000, round(math.exp(math.fsum(logarithms)) / step) * step)


if __name__ == "__main__":
    run("car-price", header=HEADER, rows=rows())
