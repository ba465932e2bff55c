"""Training files of the sample models: spelled as people have them, and the public tables whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import Fault
from functions.core.model_folder import load_definition
from model_export.training_files.rows import ReadRows
from tests.model_export.training_files.small_table import CARS, CHURN, ROOT, csv_of, faults_of, read, the_fault

CAR: dict[str, Any] = {
    "name": "Maruti Swift VXI",
    "year": 2014,
    "selling_price": 450000,
    "km_driven": 70000,
    "fuel": "Petrol",
    "seller_type": "Individual",
    "transmission": "Manual",
    "owner": "Fourth & Above Owner",
}
CUSTOMER: dict[str, Any] = {
    "customerID": "7590-VHVEG",
    "gender": "Female",
    "SeniorCitizen": "0",
    "Partner": "Yes",
    "Dependents": "No",
    "tenure": "1",
    "PhoneService": "No",
    "MultipleLines": "No phone service",
    "InternetService": "DSL",
    "OnlineSecurity": "No",
    "OnlineBackup": "Yes",
    "DeviceProtection": "No",
    "TechSupport": "No",
    "StreamingTV": "No",
    "StreamingMovies": "No",
    "Contract": "Month-to-month",
    "PaperlessBilling": "Yes",
    "PaymentMethod": "Bank transfer (automatic)",
    "MonthlyCharges": "29.85",
    "TotalCharges": "29.85",
    "Churn": "No",
}


class TestChurnFiles:
    def test_the_spelling_of_the_telco_table_is_brought_to_the_schema(self) -> None:
        rows = read(csv_of(CUSTOMER), CHURN)
        assert rows.notes[0].startswith("columns read as: customerID -> customerid, SeniorCitizen -> seniorcitizen, ")
        assert list(rows.table) == [*CHURN.schema.feature_names, "churn"]
        first = {name: column[0] for name, column in rows.table.items()}
        assert first["contract"] == "month-to-month"
        assert first["paymentmethod"] == "bank_transfer_(automatic)"
        assert first["multiplelines"] == "no_phone_service"
        assert (first["seniorcitizen"], first["tenure"], first["monthlycharges"]) == (0, 1, 29.85)
        assert first["churn"] == "no"

    @pytest.mark.parametrize("blank", [" ", "", "NA", "nan"])
    def test_a_blank_total_is_filled(self, blank: str) -> None:
        rows = read(csv_of(CUSTOMER, {**CUSTOMER, "TotalCharges": blank}), CHURN)
        assert rows.table["totalcharges"] == [29.85, 0]

    def test_a_blank_elsewhere_is_refused(self) -> None:
        fault = the_fault(csv_of(CUSTOMER, {**CUSTOMER, "MonthlyCharges": " "}), CHURN)
        assert fault == Fault(("line", 3, "monthlycharges"), "must not be null", "number_type")

    def test_the_finished_spelling_reads_the_same(self) -> None:
        finished = {name.lower(): str(value).lower().replace(" ", "_") for name, value in CUSTOMER.items()}
        assert read(csv_of(finished), CHURN) == ReadRows(read(csv_of(CUSTOMER), CHURN).table, (), ("7590-vhveg",))

    def test_an_unknown_choice_is_refused_in_its_place(self) -> None:
        fault = the_fault(csv_of(CUSTOMER, {**CUSTOMER, "Contract": "Three year"}), CHURN)
        assert (fault.loc, fault.type) == (("line", 3, "contract"), "enum")

    def test_json_rows_are_filled_and_spelled_alike(self) -> None:
        numbers = {"SeniorCitizen": 0, "tenure": 0, "MonthlyCharges": 29.85, "TotalCharges": None}
        rows = read(json.dumps([{**CUSTOMER, **numbers}]), CHURN, name="rows.json")
        assert rows.table["totalcharges"] == [0]
        assert rows.table["contract"] == ["month-to-month"]


class TestCarFiles:
    def test_levels_are_kept_as_they_are(self) -> None:
        table = read(csv_of(CAR), CARS).table
        assert table["owner"] == ["Fourth & Above Owner"]
        assert table["name"] == ["Maruti Swift VXI"]

    def test_renamed_and_capitalised_columns_are_found(self) -> None:
        spelled = {"fuel": "Fuel_Type", "km_driven": "Km Driven", "name": " Name ", "selling_price": "SELLING_PRICE"}
        renamed = {spelled.get(name, name): value for name, value in CAR.items()}
        assert read(csv_of(renamed), CARS) == ReadRows(
            read(csv_of(CAR), CARS).table,
            (
                "columns read as: ' Name ' -> name, SELLING_PRICE -> selling_price, "
                "Km Driven -> km_driven, Fuel_Type -> fuel",
            ),
        )

    def test_reordered_columns_give_the_order_of_the_schema(self) -> None:
        reordered = dict(reversed(CAR.items()))
        assert list(read(csv_of(reordered), CARS).table) == list(read(csv_of(CAR), CARS).table)
        assert read(csv_of(reordered), CARS) == read(csv_of(CAR), CARS)

    def test_two_spellings_that_become_one_column_are_refused(self) -> None:
        fault = the_fault(csv_of({**CAR, "Fuel_Type": "Diesel"}), CARS)
        assert (fault.loc, fault.type) == (("file", "fuel"), "repeated_column")

    def test_near_levels_are_refused_with_both_spellings(self) -> None:
        rows = [CAR, {**CAR, "fuel": "petrol"}, {**CAR, "seller_type": "Trustmark Dealer"}]
        faults = faults_of(csv_of(*rows, {**CAR, "seller_type": "trustmark-dealer"}), CARS)
        assert ("file", "fuel") in [fault.loc for fault in faults]
        assert {fault.type for fault in faults} == {"near_level"}
        assert "'petrol'" in faults[0].msg
        assert "'Petrol'" in faults[0].msg

    def test_free_text_may_differ_in_case(self) -> None:
        rows = read(csv_of(CAR, {**CAR, "name": "MARUTI SWIFT VXI"}), CARS)
        assert rows.table["name"] == ["Maruti Swift VXI", "MARUTI SWIFT VXI"]


class TestRealFiles:
    def test_the_project_table_is_read_with_its_texts_joined(self, real_data: Path) -> None:
        definition = load_definition(ROOT / "models" / "project-tags")
        rows = read((real_data / "madewithml/dataset.csv").read_bytes(), definition, name="dataset.csv")
        assert len(rows.table["text"]) == 764
        assert any("\n" in str(text) for text in rows.table["text"])
        assert rows.notes == (
            "columns read as: title + description -> text",
            "columns not used: 'id', 'created_on'",
        )

    def test_the_telco_table_is_read_whole(self, real_data: Path) -> None:
        rows = read((real_data / "churn/telco_churn.csv").read_bytes(), CHURN, name="telco_churn.csv")
        assert len(rows.table["churn"]) == 7043
        assert rows.table["churn"].count("yes") == 1869
        filled = [row for row, total in enumerate(rows.table["totalcharges"]) if total == 0]
        assert len(filled) == 11
        assert {rows.table["tenure"][row] for row in filled} == {0}
        (note,) = rows.notes
        assert note.endswith("MonthlyCharges -> monthlycharges, TotalCharges -> totalcharges, Churn -> churn")

    def test_the_car_table_is_read_whole(self, real_data: Path) -> None:
        rows = read((real_data / "cars/car_details_4340.csv").read_bytes(), CARS, name="cars.csv")
        assert len(rows.table["selling_price"]) == 4340
        assert {type(year) for year in rows.table["year"]} == {int}
        assert rows.table["owner"].count("Test Drive Car") == 17
        assert rows.notes == ()

    def test_the_later_car_table_is_read_without_its_other_columns(self, real_data: Path) -> None:
        rows = read((real_data / "cars/car_details_v3_8128.csv").read_bytes(), CARS, name="cars.csv")
        assert len(rows.table["selling_price"]) == 8128
        assert "'mileage'" in rows.notes[0]
