"""The client against a server as users start it, with one in the way that refuses requests and cuts connections."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from despliegue_client import ApiError, Client, NoAnswerError, TrainingError
from tests.servers_in_the_way import Asked, Cut, InTheWay, Refuse, Throttle

ROWS = int(os.environ.get("DESPLIEGUE_CLIENT_ROWS", "3000"))
"""The rows of the throttled prediction; 50000 is the whole trial."""
ROWS_PER_REQUEST = 250
TOKEN = "a-token-that-nobody-checks"  # noqa: S105

Row = dict[str, Any]
Asking = Callable[..., Client]


@pytest.fixture(scope="module")
def cars(instances: Callable[[str], list[Row]]) -> list[Row]:
    """As many cars as ROWS, no two of which are alike."""
    return [
        {**car, "km_driven": 1_000 + number} for number, car in enumerate(islice(cycle(instances("car-price")), ROWS))
    ]


@pytest.fixture(scope="module")
def expected(address: str, cars: list[Row]) -> list[float]:
    """The predictions of the cars, by plain requests."""
    with httpx.Client(base_url=address, timeout=60) as http:
        parts = [cars[start : start + 10_000] for start in range(0, len(cars), 10_000)]
        answers = [http.post("/models/car-price/predict", json=part).raise_for_status() for part in parts]
    return [one for answer in answers for one in answer.json()["data"]["predictions"]]


def once(hindrance: Refuse | Cut, path: str) -> Callable[[Asked], Refuse | Cut | None]:
    """Hinder the first request of a path."""
    left = [hindrance]
    return lambda asked: left.pop() if left and asked.path.partition("?")[0].endswith(path) else None


def test_many_rows_come_back_in_order_through_a_throttle(
    way: InTheWay, asking: Asking, cars: list[Row], expected: list[float]
) -> None:
    throttle = way.hinder = Throttle(rate=20, burst=3)
    client = asking(rows_per_request=ROWS_PER_REQUEST, concurrency=8)
    assert client.predict("car-price", cars) == expected
    assert throttle.refused > 0


def test_a_frame_comes_back_as_a_frame_with_its_index(client: Client, cars: list[Row], expected: list[float]) -> None:
    frame = pd.DataFrame(cars[:50]).set_index(pd.Index([f"car-{number}" for number in range(50)]))
    frame.loc["car-7", "km_driven"] = float("nan")
    priced = client.predict("car-price", frame)
    assert list(priced.index) == list(frame.index)
    assert list(priced.columns) == ["prediction", "warnings"]
    others = [number for number in range(50) if number != 7]
    assert priced["prediction"].iloc[others].tolist() == [expected[number] for number in others]
    assert "km_driven: missing" in priced.loc["car-7", "warnings"]


def test_every_fault_is_at_its_row_in_the_whole(asking: Asking, cars: list[Row]) -> None:
    wrong = [*cars[:5], {**cars[5], "year": "2014"}, *cars[6:11], {**cars[11], "fuel": "petrol"}]
    with pytest.raises(ApiError) as caught:
        asking(rows_per_request=4).predict("car-price", wrong)
    assert [fault.loc for fault in caught.value.faults] == [("body", 5, "year"), ("body", 11, "fuel")]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(way: InTheWay, client: Client, cars: list[Row], status: int) -> None:
    way.hinder = once(Refuse(status, {"Retry-After": "1"}), "/predict")
    assert len(client.predict("car-price", cars[:2])) == 2
    assert [asked.path for asked in way.asked].count("/models/car-price/predict") == 2


def test_a_refusal_is_raised_when_the_time_for_retries_is_over(way: InTheWay, asking: Asking, cars: list[Row]) -> None:
    way.hinder = lambda asked: Refuse(429, {"Retry-After": "30"}) if "predict" in asked.path else None
    with pytest.raises(ApiError, match=r"429 .* Too Many Requests") as caught:
        asking(retry_seconds=5).predict("car-price", cars[:1])
    assert caught.value.retry_after_seconds == 30


@pytest.mark.parametrize("arrives", [True, False])
def test_a_prediction_is_repeated_after_a_cut_connection(
    way: InTheWay, client: Client, cars: list[Row], arrives: bool
) -> None:
    way.hinder = once(Cut(arrives), "/predict")
    assert len(client.predict("car-price", cars[:2])) == 2


def test_a_retrain_after_a_cut_connection_is_the_same_job(
    way: InTheWay, client: Client, labelled: Callable[[str], list[Row]]
) -> None:
    before = len(client.jobs("car-price"))
    way.hinder = once(Cut(arrives=True), "/retrain")
    shown: list[Row] = []
    job = client.retrain("car-price", pd.DataFrame(labelled("car-price")[:300]), force=True, on_progress=shown.append)
    assert (job["state"], job["promoted"], shown[-1]) == ("succeeded", True, job)
    assert len(client.jobs("car-price")) == before + 1
    keys = {asked.headers["idempotency-key"] for asked in way.asked if "/retrain" in asked.path}
    assert len(keys) == 1


def test_a_promotion_is_not_repeated_after_a_cut_connection(way: InTheWay, client: Client) -> None:
    before = len(client.history("churn"))
    way.hinder = once(Cut(arrives=True), "/production")
    with pytest.raises(NoAnswerError, match=r"PUT .*/models/churn/production") as caught:
        client.promote("churn", 1)
    assert caught.value.was_sent
    assert len(client.history("churn")) <= before + 1


def test_a_version_is_promoted_and_rolled_back(client: Client, cars_file: Path) -> None:
    before = client.production("car-price")["version"]
    job = client.retrain("car-price", cars_file, force=True)
    assert client.production("car-price")["version"] == job["version"] != before
    assert client.version("car-price", job["version"])["in_production"] is True
    assert client.roll_back("car-price")["version"] == before
    assert [entry["version"] for entry in client.history("car-price")][:2] == [before, job["version"]]
    assert client.promote("car-price", before)["pinned"] is False
    assert job["version"] in [entry["version"] for entry in client.versions("car-price")]


def test_refused_rows_of_a_file_are_raised_with_their_lines(client: Client, cars_file: Path, tmp_path: Path) -> None:
    header, first, *others = cars_file.read_text("utf-8").splitlines()
    place = header.split(",").index("year")
    cells = first.split(",")
    cells[place] = "soon"
    bad = tmp_path / "cars.csv"
    bad.write_text("\n".join([header, ",".join(cells), *others]), "utf-8")
    with pytest.raises(TrainingError) as caught:
        client.retrain("car-price", bad)
    assert any("year" in map(str, fault.loc) for fault in caught.value.faults)


def test_a_training_may_be_followed_later(client: Client, labelled: Callable[[str], list[Row]]) -> None:
    begun = client.retrain("car-price", labelled("car-price")[:200], wait=False)
    records = list(client.follow_job("car-price", begun["job"]))
    assert records[-1]["state"] == "succeeded"
    assert client.job("car-price", begun["job"]) == records[-1]


def test_a_batch_of_a_frame_comes_back_in_order_and_is_looked_up(
    client: Client, instances: Callable[[str], list[Row]]
) -> None:
    rows = [{**row, "customerid": f"c{number}"} for number, row in enumerate(instances("churn")[:200])]
    rows[5]["tenure"] = "eleven"
    frame = pd.DataFrame(rows, index=range(1_000, 1_200))
    shown: list[str] = []
    outcome = client.batch(
        "churn", frame, id="customerid", lookup=True, on_progress=lambda record: shown.append(record["state"])
    )
    predicted = outcome.predictions
    assert isinstance(predicted, pd.DataFrame)
    assert list(predicted.index) == list(frame.index)
    assert pd.isna(predicted.loc[1_005, "prediction"])
    assert [fault.loc for fault in outcome.refused] == [("line", 6, "tenure")]
    whole = client.predict("churn", rows[6:9])
    assert predicted["prediction"].iloc[6:9].tolist() == [one["label"] for one in whole]
    assert shown[-1] == "succeeded"
    assert client.batches("churn")[0]["batch"] == outcome.batch["batch"]


def test_a_batch_of_a_file_is_written_to_a_file_and_answers_lookups(
    client: Client, instances: Callable[[str], list[Row]], tmp_path: Path
) -> None:
    rows = [{**row, "customerid": f"f{number}"} for number, row in enumerate(instances("churn")[:120])]
    table = tmp_path / "customers.csv"
    pd.DataFrame(rows).to_csv(table, index=False)
    outcome = client.batch("churn", table, to=tmp_path / "predictions.csv", output="csv", lookup=True)
    assert outcome.file == tmp_path / "predictions.csv"
    written = pd.read_csv(tmp_path / "predictions.csv")
    assert written["customerid"].tolist() == [row["customerid"] for row in rows]
    first, absent = client.lookup("churn", ["f0", "nobody"])
    assert first is not None
    assert (first["id"], first["prediction"]["label"]) == ("f0", written["prediction"][0])
    assert absent is None


def test_a_batch_that_has_succeeded_is_neither_cancelled_nor_retried(
    client: Client, instances: Callable[[str], list[Row]]
) -> None:
    begun = client.start_batch("churn", instances("churn")[:5])
    assert list(client.follow_batch("churn", begun["batch"]))[-1]["state"] == "succeeded"
    for change in (client.cancel_batch, client.retry_batch):
        with pytest.raises(ApiError, match="409"):
            change("churn", begun["batch"])


def test_questions_are_answered(client: Client) -> None:
    context = "La Beca Abono del Valle paga 900 pesos al mes. Se pide del 3 al 14 de febrero."
    single = client.answer("becas", "¿Cuánto paga la beca?", context)
    assert "900" in single["answer"]
    several = client.answer("becas", ["¿Cuánto paga la beca?", "¿Cuándo se pide?"], context)
    assert several[0]["answer"] == single["answer"]
    assert len(several) == 2


def test_models_and_schemas_are_shown(client: Client) -> None:
    assert [model["name"] for model in client.models()] == ["becas", "car-price", "churn"]
    assert client.model("churn")["limits"]["max_instances"] > 0
    assert "tenure" in client.schema("churn")["schema"]["properties"]


def test_the_token_goes_to_the_server_and_into_no_repr_and_no_error(way: InTheWay, asking: Asking) -> None:
    client = asking(token=TOKEN)
    with pytest.raises(ApiError, match="404") as caught:
        client.model("nobody")
    assert TOKEN not in f"{client!r} {caught.value!r} {caught.value}"
    assert way.asked[-1].headers["authorization"] == f"Bearer {TOKEN}"


def test_nobody_at_the_address_is_an_error_that_names_it() -> None:
    with Client("http://127.0.0.1:9", retry_seconds=0) as client, pytest.raises(NoAnswerError, match=r"127\.0\.0\.1:9"):
        client.models()
