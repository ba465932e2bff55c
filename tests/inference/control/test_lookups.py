"""Lookups over HTTP: predictions of the batch that answers, which one that is, and the one before brought back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.batch_record import Batch
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.definition import Definition
from functions.core.submission import Submissions
from functions.inference.application import create_application
from functions.inference.control.context import Control
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.control.lookups import MOST_IDS
from functions.inference.control.router import control_routers
from functions.local.home import Home
from functions.local.upload_links import LocalUploadLinks
from tests.batching import InlineRunner, local_batching
from tests.predictions_in_memory import PredictionsInMemory

Row = dict[str, Any]
PREDICTIONS = "/models/churn/predictions"
Predict = Callable[..., Batch]


@pytest.fixture
def store() -> PredictionsInMemory:
    return PredictionsInMemory()


@pytest.fixture
def asking(
    home: Home,
    definitions: Mapping[str, Definition],
    connect: Callable[[ASGIApp], httpx.Client],
    store: PredictionsInMemory,
) -> httpx.Client:
    batching = local_batching(home.registry, home.uploads, store)
    submissions = Submissions(home.registry, home.uploads)
    control = Control(definitions, home.registry, submissions, LocalUploadLinks(home.uploads), batching)
    return connect(create_application(fastapi_app(control_routers(control))))


@pytest.fixture
def predict(
    home: Home, definitions: Mapping[str, Definition], instances: Callable[[str], list[Row]], store: PredictionsInMemory
) -> Predict:
    """Predict one row for each id in a batch, and finish it."""

    def run(*ids: str | int, lookup: bool = True, without: tuple[int, ...] = ()) -> Batch:
        rows = [{**row, "customerid": one} for row, one in zip(instances("churn"), ids, strict=False)]
        submissions = BatchSubmissions(home.registry.storage, home.uploads)
        batch = submissions.submit(definitions["churn"], rows, BatchRequest(lookup=lookup))
        return InlineRunner(home.registry, home.uploads, store).run(definitions["churn"], batch.batch, without=without)

    return run


def asked(client: httpx.Client, ids: list[Any]) -> Any:
    answer = client.post(PREDICTIONS, json={"ids": ids})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_before_any_batch_answers_the_refusal_says_so(asking: httpx.Client) -> None:
    for answer in (asking.get(f"{PREDICTIONS}/a"), asking.post(PREDICTIONS, json={"ids": ["a"]})):
        assert answer.status_code == 404
        assert "no batch answers lookups of this model yet" in answer.json()["errors"][0]["msg"]


def test_a_prediction_is_found_by_the_id_of_its_row(asking: httpx.Client, predict: Predict) -> None:
    batch = predict("a", "b")
    found = asking.get(f"{PREDICTIONS}/b").json()["data"]
    assert found.keys() == {"model", "id", "line", "prediction", "warnings", "version", "batch", "time"}
    assert (found["model"], found["id"], found["line"], found["version"]) == ("churn", "b", 2, 1)
    assert batch.result is not None
    assert (found["batch"], found["time"]) == (batch.batch, batch.result.time)
    assert found["prediction"].keys() == {"label", "score", "scores"}


def test_an_id_that_the_batch_lacks_is_not_found_and_the_batch_is_named(asking: httpx.Client, predict: Predict) -> None:
    batch = predict("a")
    answer = asking.get(f"{PREDICTIONS}/z")
    assert answer.status_code == 404
    assert f"no prediction 'z'; batch {batch.batch}" in answer.json()["errors"][0]["msg"]


@pytest.mark.parametrize("identity", ["con ñ", "1/2", "50%25", "a+b", "¿?#&=", "日本", "x" * 200, "..", "a\tb"])
def test_any_id_is_looked_up_in_a_body(asking: httpx.Client, predict: Predict, identity: str) -> None:
    predict(identity)
    assert asked(asking, [identity])["predictions"][0]["id"] == identity


@pytest.mark.parametrize("identity", ["con ñ", "50%25", "a+b", "¿?#&=", "日本", "x" * 200])
def test_any_id_without_a_slash_is_looked_up_by_its_path(asking: httpx.Client, predict: Predict, identity: str) -> None:
    predict(identity)
    assert asking.get(f"{PREDICTIONS}/{quote(identity, safe='')}").json()["data"]["id"] == identity


def test_whole_numbers_and_their_texts_are_the_same_id(asking: httpx.Client, predict: Predict) -> None:
    predict(17)
    assert [one["line"] for one in asked(asking, [17, "17", " 17 "])["predictions"]] == [1, 1, 1]
    assert asking.get(f"{PREDICTIONS}/17").status_code == 200


def test_several_predictions_come_in_the_order_of_their_ids(asking: httpx.Client, predict: Predict) -> None:
    batch = predict("a", "b", "c")
    found = asked(asking, ["c", "z", "a", "c"])
    assert [one and one["id"] for one in found["predictions"]] == ["c", None, "a", "c"]
    assert (found["model"], found["version"], found["batch"]) == ("churn", 1, batch.batch)


@pytest.mark.parametrize("ids", [[], ["a"] * (MOST_IDS + 1), [None], [1.5], "a"])
def test_other_lists_of_ids_are_refused(asking: httpx.Client, predict: Predict, ids: Any) -> None:
    predict("a")
    answer = asking.post(PREDICTIONS, json={"ids": ids})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"][:2] == ["body", "ids"]


def test_a_newer_batch_takes_over_and_the_one_before_comes_back_by_one_call(
    asking: httpx.Client, predict: Predict
) -> None:
    first, second = predict("a"), predict("b")
    assert asked(asking, ["a", "b"])["batch"] == second.batch
    answer = asking.put(PREDICTIONS, json={"batch": first.batch})
    chosen = answer.json()["data"]
    assert answer.status_code == 200
    assert (chosen["batch"], chosen["previous"], chosen["actor"]) == (first.batch, second.batch, "local")
    assert [one and one["id"] for one in asked(asking, ["a", "b"])["predictions"]] == ["a", None]
    states = {one["batch"]: one["answers"] for one in asking.get("/models/churn/batches").json()["data"]["batches"]}
    assert states == {first.batch: True, second.batch: False}


def test_a_batch_without_all_of_its_predictions_never_answers(asking: httpx.Client, predict: Predict) -> None:
    whole, half = predict("a"), predict("b", without=(1,))
    assert asked(asking, ["b"])["batch"] == whole.batch
    answer = asking.put(PREDICTIONS, json={"batch": half.batch})
    assert answer.status_code == 409
    assert half.batch in answer.json()["errors"][0]["msg"]


def test_a_batch_with_an_id_twice_and_one_without_lookups_never_answer(asking: httpx.Client, predict: Predict) -> None:
    for batch, reason in ((predict("a", "a"), "the id of another row"), (predict("b", lookup=False), "not asked for")):
        answer = asking.put(PREDICTIONS, json={"batch": batch.batch})
        assert answer.status_code == 409
        assert reason in answer.json()["errors"][0]["msg"]
    assert asking.get(f"{PREDICTIONS}/a").status_code == 404


def test_an_unknown_batch_or_model_is_not_found(asking: httpx.Client) -> None:
    assert asking.put(PREDICTIONS, json={"batch": "0" * 32}).status_code == 404
    assert asking.put("/models/boats/predictions", json={"batch": "0" * 32}).status_code == 404
    assert asking.get("/models/boats/predictions/a").status_code == 404
    assert asking.put(PREDICTIONS, json={"batch": 1}).status_code == 422
