"""Invented telco customers in the raw spelling of the well-known churn table: models/churn/sample.csv."""

from __future__ import annotations

import math
import string
from collections.abc import Iterator

from zoo.csv_file import run
from zoo.draws import Draws

ROWS = 2800
SEED = 20240117
HEADER = (
    "customerID", "gender", "SeniorCitizen", "Partner", "Dependents", "tenure", "PhoneService",
    "MultipleLines", "InternetService", "OnlineSecurity", "OnlineBackup", "DeviceProtection",
    "TechSupport", "StreamingTV", "StreamingMovies", "Contract", "PaperlessBilling", "PaymentMethod",
    "MonthlyCharges", "TotalCharges", "Churn",
)  # fmt: skip
LONGEST_TENURE = 72

CONTRACTS = {"Month-to-month": 0.55, "One year": 0.21, "Two year": 0.24}
INTERNET = {
    "Month-to-month": {"Fiber optic": 0.55, "DSL": 0.32, "No": 0.13},
    "One year": {"DSL": 0.39, "Fiber optic": 0.36, "No": 0.25},
    "Two year": {"No": 0.38, "DSL": 0.37, "Fiber optic": 0.25},
}
OPTIONS = {
    "OnlineSecurity": (0.22, 0.58),
    "OnlineBackup": (0.34, 0.57),
    "DeviceProtection": (0.31, 0.64),
    "TechSupport": (0.21, 0.65),
    "StreamingTV": (0.45, 0.58),
    "StreamingMovies": (0.45, 0.59),
}
"""The shares that book an option: by the month, and under a longer contract."""
CHARGES = {
    "OnlineSecurity": 5.0,
    "OnlineBackup": 5.0,
    "DeviceProtection": 5.0,
    "TechSupport": 5.0,
    "StreamingTV": 10.0,
    "StreamingMovies": 10.0,
}
PAYMENT = {
    "Electronic check": 0.34,
    "Bank transfer (automatic)": 0.22,
    "Credit card (automatic)": 0.22,
    "Mailed check": 0.14,
}
PAYMENT_WITHOUT_INTERNET = {
    "Mailed check": 0.48,
    "Bank transfer (automatic)": 0.22,
    "Credit card (automatic)": 0.22,
    "Electronic check": 0.08,
}
LEAVING = {
    ("Contract", "Month-to-month"): 0.8,
    ("Contract", "Two year"): -0.8,
    ("InternetService", "Fiber optic"): 0.9,
    ("InternetService", "No"): -0.7,
    ("PaymentMethod", "Electronic check"): 0.45,
    ("PaperlessBilling", "Yes"): 0.35,
    ("SeniorCitizen", "1"): 0.3,
    ("Dependents", "Yes"): -0.25,
    ("OnlineSecurity", "Yes"): -0.5,
    ("TechSupport", "Yes"): -0.5,
    ("StreamingTV", "Yes"): 0.25,
    ("StreamingMovies", "Yes"): 0.25,
    ("MultipleLines", "Yes"): 0.2,
}
"""Log odds of leaving that a value adds."""

Customer = dict[str, str]


def rows() -> Iterator[list[str]]:
    """The customers, each in the order of HEADER."""
    draws = Draws(SEED)
    taken: set[str] = set()
    for _ in range(ROWS):
        one = {"customerID": customer_id(draws, taken), **household(draws)}
        one.update(services(draws, senior=one["SeniorCitizen"] == "1"))
        one.update(billing(draws, one))
        one["Churn"] = "Yes" if draws.chance(leaving_probability(one)) else "No"
        yield [one[name] for name in HEADER]


def customer_id(draws: Draws, taken: set[str]) -> str:
    """Four digits and five letters, not in `taken`, to which it is added."""
    while True:
        letters = "".join(draws.one_of(string.ascii_uppercase) for _ in range(5))
        made = f"{draws.whole(0, 9999):04d}-{letters}"
        if made not in taken:
            taken.add(made)
            return made


def household(draws: Draws) -> Customer:
    senior, partner = draws.chance(0.16), draws.chance(0.48)
    dependents = draws.chance(0.08 if senior else 0.56 if partner else 0.1)
    return {
        "gender": draws.one_of(("Female", "Male")),
        "SeniorCitizen": "1" if senior else "0",
        "Partner": yes(partner),
        "Dependents": yes(dependents),
    }


def services(draws: Draws, *, senior: bool) -> Customer:
    contract = draws.weighted(CONTRACTS)
    internet = draws.weighted(INTERNET[contract])
    if senior and internet == "No" and draws.chance(0.75):
        internet = "Fiber optic"
    phone = internet != "DSL" or draws.chance(0.72)
    several = draws.chance({"Fiber optic": 0.63, "DSL": 0.4, "No": 0.22}[internet])
    return {
        "Contract": contract,
        "tenure": str(tenure(draws, contract)),
        "PhoneService": yes(phone),
        "MultipleLines": yes(several) if phone else "No phone service",
        "InternetService": internet,
        **{
            option: "No internet service"
            if internet == "No"
            else yes(draws.chance(shares[contract != "Month-to-month"]))
            for option, shares in OPTIONS.items()
        },
    }


def tenure(draws: Draws, contract: str) -> int:
    if contract == "Month-to-month":
        return min(LONGEST_TENURE, 1 + int(draws.exponential(19)))
    if draws.chance(0.005):
        return 0
    mean = 42 if contract == "One year" else 57
    return max(1, min(LONGEST_TENURE, round(draws.normal(mean, 19))))


def billing(draws: Draws, one: Customer) -> Customer:
    with_internet = one["InternetService"] != "No"
    base = {"Fiber optic": 70.0, "DSL": 45.0 if one["PhoneService"] == "Yes" else 25.0, "No": 20.0}[
        one["InternetService"]
    ]
    booked = [charge for option, charge in CHARGES.items() if one[option] == "Yes"]
    lines = 5.0 if one["MultipleLines"] == "Yes" else 0.0
    # Charges are whole multiples of five cents
    monthly = round(20 * (math.fsum([base, lines, *booked]) + draws.normal(0, 0.8)))
    months = int(one["tenure"])
    total = monthly if months == 1 else max(monthly, round(monthly * months * draws.normal(1, 0.035)))
    return {
        "PaperlessBilling": yes(draws.chance(0.68 if with_internet else 0.29)),
        "PaymentMethod": draws.weighted(PAYMENT if with_internet else PAYMENT_WITHOUT_INTERNET),
        "MonthlyCharges": f"{monthly / 20:g}",
        "TotalCharges": f"{total / 20:g}" if months else " ",
    }


def leaving_probability(one: Customer) -> float:
    odds = [weight for (name, value), weight in LEAVING.items() if one[name] == value]
    months = int(one["tenure"])
    return 1 / (1 + math.exp(-math.fsum([-1.4, -0.033 * months, 0.7 / (1 + months / 3), *odds])))


def yes(truth: bool) -> str:
    return "Yes" if truth else "No"


if __name__ == "__main__":
    run("churn", header=HEADER, rows=rows())
