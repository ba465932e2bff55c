"""Batches over HTTP: sent, seen, cancelled and run again."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import orjson
import pytest
from pydantic import ValidationError
from starlette.types import ASGIApp

from functions.core.batch_costs import BatchPrices
from functions.core.definition import Definition
from functions.core.errors import MAX_FAULTS
from functions.core.submission import Submissions
from functions.inference.application import create_application
from functions.inference.control.batches import BatchBody
from functions.inference.control.context import Control
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.control.router import control_routers
from functions.local.download_links import LocalDownloadLinks
from functions.local.home import Home
from functions.local.upload_links import LocalUploadLinks
from tests.batching import InlineRunner, local_batching, post_form
from tests.predictions_in_memory import PredictionsInMemory

Row = dict[str, Any]
Connect = Callable[[ASGIApp], httpx.Client]
CHURN = "/models/churn"
BATCHES = f"{CHURN}/batches"
ROWS_OF_A_SHARD = 100
KEYS = {
    *("batch", "model", "state", "file_name", "output", "id", "lookup", "answers", "keep_columns", "measure", "actor"),
    *("attempt", "created", "updated", "version", "rows", "shards", "seconds_left", "cost", "reason", "no_lookup"),
    *("notes", "metrics"),
}


@dataclass
class Desk:
    """The control routes over a home, and what runs its batches."""

    client: httpx.Client
    runner: InlineRunner
    definitions: Mapping[str, Definition]
    home: Home

    def run(self, batch: str, **options: Any) -> None:
        self.runner.run(self.definitions["churn"], batch, **options)

    def send(self, rows: list[Row], **options: Any) -> Any:
        return post(self.client, BATCHES, {"instances": rows, **options}, 202)

    def show(self, batch: str, **query: Any) -> Any:
        answer = self.client.get(f"{BATCHES}/{batch}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]


def post(client: httpx.Client, path: str, body: Any, status: int, **options: Any) -> Any:
    answer = client.post(path, json=body, **options)
    assert answer.status_code == status, answer.text
    return answer.json()["data" if status < 400 else "errors"]


@pytest.fixture
def make_desk(home: Home, definitions: Mapping[str, Definition], connect: Connect) -> Callable[..., Desk]:
    def make(prices: BatchPrices | None = None) -> Desk:
        store = PredictionsInMemory()
        links = LocalUploadLinks(home.uploads)
        downloads = LocalDownloadLinks(home.uploads)
        batching = replace(local_batching(home.registry, home.uploads, store), downloads=downloads, prices=prices)
        control = Control(definitions, home.registry, Submissions(home.registry, home.uploads), links, batching)
        application = create_application(fastapi_app([*control_routers(control), links.router()]))
        client = connect(downloads.served_before(application, ""))
        return Desk(client, InlineRunner(home.registry, home.uploads, store), definitions, home)

    return make


@pytest.fixture
def desk(make_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("functions.batches.planning.MOST_SHARD_ROWS", ROWS_OF_A_SHARD)
    return make_desk()


@pytest.fixture
def customers(instances: Callable[[str], list[Row]]) -> list[Row]:
    """300 rows of churn, which are three shards or a little more."""
    return [{**row, "customerid": f"c{number}"} for number, row in enumerate(instances("churn")[:300])]


def lines(client: httpx.Client, files: Any) -> list[Any]:
    """The JSON lines of all linked files."""
    bodies = [client.get(link["url"]) for link in files["links"]]
    assert {answer.status_code for answer in bodies} <= {200}
    return [orjson.loads(line) for one in bodies for line in gzip.decompress(one.content).splitlines()]


def test_a_file_is_sent_by_a_form_and_its_results_are_fetched_by_links(desk: Desk, customers: list[Row]) -> None:
    answer = desk.client.post(BATCHES, json={"file_name": "customers.jsonl"})
    form = answer.json()["data"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{BATCHES}/{form['batch']}"
    assert form.keys() == {"batch", "url", "fields", "expires_seconds"}
    waiting = desk.show(form["batch"])
    assert waiting.keys() == KEYS | {"faults", "results", "errors"}
    assert (waiting["state"], waiting["file_name"], waiting["lookup"]) == ("waiting", "customers.jsonl", True)
    assert (waiting["version"], waiting["rows"]) == (None, {"total": None, "done": 0, "refused": 0})
    post_form(desk.client, form, b"".join(orjson.dumps(row) + b"\n" for row in customers))
    desk.run(form["batch"])
    ended = desk.show(form["batch"])
    assert (ended["state"], ended["version"], ended["answers"]) == ("succeeded", 1, True)
    assert ended["rows"] == {"total": 300, "done": 300, "refused": 0}
    assert ended["shards"]["total"] == ended["shards"]["done"] == len(ended["results"]["links"]) > 1
    found = lines(desk.client, ended["results"])
    assert [one["id"] for one in found] == [row["customerid"] for row in customers]
    assert ended["errors"]["links"] == []


def test_instances_are_a_batch_at_once_without_lookups(desk: Desk, customers: list[Row]) -> None:
    rows = customers[:3]
    rows[1] = {**rows[1], "tenure": "long"}
    answer = desk.client.post(BATCHES, json={"instances": rows})
    sent = answer.json()["data"]
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{BATCHES}/{sent['batch']}"
    assert (sent["state"], sent["lookup"], sent["actor"]) == ("waiting", False, "local")
    desk.run(sent["batch"])
    ended = desk.show(sent["batch"])
    assert (ended["state"], ended["rows"]) == ("succeeded", {"total": 3, "done": 2, "refused": 1})
    assert ended["no_lookup"] == "not asked for"
    (error,) = lines(desk.client, ended["errors"])
    assert (error["line"], error["column"]) == (2, "tenure")
    assert [one["line"] for one in lines(desk.client, ended["results"])] == [1, 3]


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({}, ["body"], "batch_rows"),
        ({"file_name": "rows.csv", "instances": [{}]}, ["body"], "batch_rows"),
        ({"file_name": "rows.pdf"}, ["body", "file_name"], "file_type"),
        ({"file_name": "../rows.csv"}, ["body", "file_name"], "string_pattern_mismatch"),
        ({"instances": []}, ["body", "instances"], "too_short"),
        ({"instances": [{}, 1]}, ["body", "instances", 1], "dict_type"),
        ({"instances": [{}], "output": "xlsx"}, ["body", "output"], "literal_error"),
        ({"instances": [{}], "lookup": "yes"}, ["body", "lookup"], "bool_type"),
        ({"instances": [{}], "id": ""}, ["body", "id"], "string_too_short"),
        ({"instances": [{}], "version": 1}, ["body", "version"], "extra_forbidden"),
        ([], ["body"], "model_type"),
    ],
)
def test_a_request_that_says_something_else_is_refused_with_the_place(
    desk: Desk, body: Any, loc: list[object], kind: str
) -> None:
    (error,) = post(desk.client, BATCHES, body, 422)
    assert (error["loc"], error["type"]) == (loc, kind)
    assert desk.client.get(BATCHES).json()["data"]["total"] == 0


def test_many_rows_that_are_no_objects_are_refused_with_as_many_faults_as_an_answer_lists(desk: Desk) -> None:
    rows: list[object] = [{}, *([1, {}, []] * MAX_FAULTS)]
    errors = post(desk.client, BATCHES, {"instances": rows}, 422)
    wrong = [place for place, row in enumerate(rows) if not isinstance(row, dict)]
    assert [error["loc"] for error in errors] == [["body", "instances", place] for place in wrong[:MAX_FAULTS]]
    assert {error["type"] for error in errors} == {"dict_type"}
    # a million faults would fill the memory before any is left out
    with pytest.raises(ValidationError) as caught:
        BatchBody.model_validate({"instances": rows})
    assert caught.value.error_count() == MAX_FAULTS


def test_rows_that_are_nested_too_deeply_are_refused_with_their_places(desk: Desk) -> None:
    deep = b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}"
    answer = desk.client.post(BATCHES, content=b'{"instances": [{}, ' + deep + b"]}")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["loc"], error["type"]) == (["body", "instances", 1], "too_deep")
    assert desk.client.get(BATCHES).json()["data"]["total"] == 0


def test_lookups_without_any_id_are_refused(desk: Desk) -> None:
    assert desk.definitions["car-price"].schema.id is None
    (error,) = post(desk.client, "/models/car-price/batches", {"file_name": "cars.csv", "lookup": True}, 422)
    assert (error["loc"], error["type"]) == (["body", "lookup"], "no_id")
    assert post(desk.client, "/models/car-price/batches", {"file_name": "cars.csv"}, 201)


def test_an_idempotency_key_makes_one_batch_of_a_repeated_request(desk: Desk, customers: list[Row]) -> None:
    headers = {"Idempotency-Key": "tonight"}
    body = {"instances": customers[:2]}
    first, again = (post(desk.client, BATCHES, body, 202, headers=headers) for _ in range(2))
    assert first["batch"] == again["batch"]
    (error,) = post(desk.client, BATCHES, {"instances": customers[:3]}, 422, headers=headers)
    assert error["type"] == "idempotency_key_reused"
    (error,) = post(desk.client, BATCHES, {**body, "output": "csv"}, 422, headers=headers)
    assert error["loc"] == ["header", "idempotency-key"]
    assert desk.client.get(BATCHES).json()["data"]["total"] == 1


def test_a_repeated_request_for_a_form_has_one_until_its_file_was_read(desk: Desk, customers: list[Row]) -> None:
    headers = {"Idempotency-Key": "tonight"}
    body = {"file_name": "customers.jsonl"}
    first, again = (post(desk.client, BATCHES, body, 201, headers=headers) for _ in range(2))
    assert first["batch"] == again["batch"]
    post_form(desk.client, again, b"".join(orjson.dumps(row) + b"\n" for row in customers[:2]))
    desk.runner.plan(desk.definitions["churn"], first["batch"])
    answer = desk.client.post(BATCHES, json=body, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (202, f"{BATCHES}/{first['batch']}")
    planned = answer.json()["data"]
    assert (planned["batch"], planned["state"], "url" in planned) == (first["batch"], "planned", False)
    desk.run(first["batch"])
    assert post(desk.client, BATCHES, body, 202, headers=headers)["state"] == "succeeded"
    (error,) = post(desk.client, BATCHES, {"file_name": "others.jsonl"}, 422, headers=headers)
    assert error["type"] == "idempotency_key_reused"


def test_a_batch_that_was_cancelled_asks_for_no_file(desk: Desk) -> None:
    headers, body = {"Idempotency-Key": "tonight"}, {"file_name": "customers.jsonl"}
    batch = post(desk.client, BATCHES, body, 201, headers=headers)["batch"]
    assert desk.client.delete(f"{BATCHES}/{batch}").status_code == 200
    assert post(desk.client, BATCHES, body, 202, headers=headers)["state"] == "cancelled"


def test_without_a_key_equal_requests_are_batches_of_their_own(desk: Desk, customers: list[Row]) -> None:
    assert len({desk.send(customers[:1])["batch"] for _ in range(2)}) == 2


def test_progress_and_results_are_there_as_shards_end(desk: Desk, customers: list[Row]) -> None:
    batch = desk.send(customers)["batch"]
    planned = desk.runner.plan(desk.definitions["churn"], batch)
    assert planned.plan is not None
    assert desk.show(batch)["state"] == "planned"
    desk.runner.predict(planned, without=range(2, 100))
    running = desk.show(batch)
    assert (running["state"], running["shards"]["done"]) == ("running", 1)
    assert running["shards"]["total"] == planned.plan.shards
    assert running["rows"]["total"] == 300
    assert 0 < running["rows"]["done"] < 300
    assert running["seconds_left"] > 0
    assert len(lines(desk.client, running["results"])) == running["rows"]["done"]
    assert desk.client.get(BATCHES).json()["data"]["batches"][0]["state"] == "running"


def test_what_has_no_output_is_retried_with_the_same_version(desk: Desk, customers: list[Row]) -> None:
    batch = desk.send(customers)["batch"]
    desk.run(batch, without=[2])
    partial = desk.show(batch)
    assert partial["state"] == "partial"
    assert "1 of" in partial["reason"]
    answer = desk.client.post(f"{BATCHES}/{batch}/retry")
    begun = answer.json()["data"]
    assert (answer.status_code, answer.headers["location"]) == (202, f"{BATCHES}/{batch}")
    assert (begun["state"], begun["attempt"], begun["version"], begun["reason"]) == ("running", 2, 1, None)
    assert desk.home.uploads.keys(f"to-predict/churn/batches/{batch}")[0].endswith("_retry-2.json")
    desk.run(batch)
    ended = desk.show(batch)
    assert (ended["state"], ended["rows"]["done"], ended["version"]) == ("succeeded", 300, 1)
    assert [one["line"] for one in lines(desk.client, ended["results"])] == list(range(1, 301))


def test_only_what_has_ended_and_lacks_something_is_retried(desk: Desk, customers: list[Row]) -> None:
    batch = desk.send(customers)["batch"]
    (error,) = post(desk.client, f"{BATCHES}/{batch}/retry", None, 409)
    assert "goes on" in error["msg"]
    desk.run(batch)
    (error,) = post(desk.client, f"{BATCHES}/{batch}/retry", None, 409)
    assert "nothing to retry" in error["msg"]
    assert desk.client.post(f"{BATCHES}/{'0' * 32}/retry").status_code == 404


def test_a_batch_that_is_cancelled_keeps_what_is_done_and_can_be_retried(desk: Desk, customers: list[Row]) -> None:
    batch = desk.send(customers)["batch"]
    planned = desk.runner.plan(desk.definitions["churn"], batch)
    desk.runner.predict(planned, without=range(2, 100))
    for _ in range(2):
        answer = desk.client.delete(f"{BATCHES}/{batch}")
        assert (answer.status_code, answer.json()["data"]["state"]) == (200, "cancelled")
    (error,) = post(desk.client, f"{BATCHES}/{batch}/retry", None, 409)
    assert "is ending" in error["msg"]
    desk.runner.finish(planned)
    ended = desk.show(batch)
    assert (ended["state"], len(ended["results"]["links"]), ended["shards"]["done"]) == ("cancelled", 1, 1)
    assert desk.client.delete(f"{BATCHES}/{batch}").status_code == 200
    assert desk.client.post(f"{BATCHES}/{batch}/retry").status_code == 202
    desk.run(batch)
    assert desk.show(batch)["state"] == "succeeded"


def test_a_batch_that_is_cancelled_before_it_is_planned_has_ended(desk: Desk, customers: list[Row]) -> None:
    batch = desk.send(customers[:2])["batch"]
    assert desk.client.delete(f"{BATCHES}/{batch}").json()["data"]["state"] == "cancelled"
    desk.runner.plan(desk.definitions["churn"], batch)
    assert desk.show(batch)["state"] == "cancelled"
    assert desk.client.post(f"{BATCHES}/{batch}/retry").status_code == 202
    desk.run(batch)
    assert desk.show(batch)["state"] == "succeeded"


def test_a_batch_whose_file_never_came_cannot_be_retried(desk: Desk) -> None:
    batch = post(desk.client, BATCHES, {"file_name": "rows.csv"}, 201)["batch"]
    assert desk.client.delete(f"{BATCHES}/{batch}").status_code == 200
    (error,) = post(desk.client, f"{BATCHES}/{batch}/retry", None, 409)
    assert "the file of batch" in error["msg"]


def test_what_has_ended_cannot_be_cancelled(desk: Desk, customers: list[Row]) -> None:
    batch = desk.send(customers[:1])["batch"]
    desk.run(batch)
    answer = desk.client.delete(f"{BATCHES}/{batch}")
    assert answer.status_code == 409
    assert "has ended as succeeded" in answer.json()["errors"][0]["msg"]


def test_batches_are_listed_newest_first_in_pages(desk: Desk, customers: list[Row]) -> None:
    sent = [desk.send(customers[:1])["batch"] for _ in range(3)]
    pages = [desk.client.get(BATCHES, params={"page": page, "page_size": 2}).json()["data"] for page in (1, 2)]
    assert [one["batch"] for page in pages for one in page["batches"]] == sent[::-1]
    assert [(page["page"], page["page_size"], page["total"]) for page in pages] == [(1, 2, 3), (2, 2, 3)]
    assert pages[0]["batches"][0].keys() == KEYS


def test_a_batch_that_cannot_be_read_hides_no_other(desk: Desk, customers: list[Row]) -> None:
    batch, other = (desk.send(customers[:1])["batch"] for _ in range(2))
    desk.home.registry.storage.write(f"models/churn/batches/{batch}/manifest.json", b"{")
    assert desk.client.get(f"{BATCHES}/{batch}").status_code == 503
    assert [one["batch"] for one in desk.client.get(BATCHES).json()["data"]["batches"]] == [other]
    desk.home.registry.storage.write("models/churn/predictions.json", b"{")
    assert desk.show(other)["answers"] is False
    assert desk.client.get(f"{CHURN}/predictions/a").status_code == 503


def test_links_come_in_pages(desk: Desk, customers: list[Row]) -> None:
    batch = desk.send(customers, output="csv")["batch"]
    desk.run(batch)
    every = [link["file"] for link in desk.show(batch)["results"]["links"]]
    assert every[:2] == ["part-00000.csv.gz", "part-00001.csv.gz"]
    second = desk.show(batch, page=2, page_size=1)["results"]
    assert [link["file"] for link in second["links"]] == every[1:2]
    assert (second["page"], second["page_size"], second["total"]) == (2, 1, len(every))
    assert desk.client.get(f"{BATCHES}/{batch}", params={"page": 0}).status_code == 422


def test_a_version_names_the_batches_that_it_made_newest_first(desk: Desk, customers: list[Row]) -> None:
    sent = [desk.send(customers[:1])["batch"] for _ in range(2)]
    unplanned = desk.send(customers[:1])["batch"]
    for batch in sent:
        desk.run(batch)
    assert desk.client.get(f"{CHURN}/versions/1").json()["data"]["batches"] == sent[::-1]
    desk.run(unplanned)
    assert desk.client.get(f"{CHURN}/versions/1").json()["data"]["batches"] == [unplanned, *sent[::-1]]


def test_a_batch_shows_its_cost_where_it_has_one(make_desk: Callable[..., Desk], customers: list[Row]) -> None:
    desk = make_desk(BatchPrices(memory_mb=1024, gb_second=1e-5, shard=0.25, stored_prediction=0.0))
    batch = desk.send(customers[:1])["batch"]
    desk.run(batch)
    assert desk.show(batch)["cost"]["so_far"] == pytest.approx(0.25, abs=0.001)
    assert desk.show(batch)["cost"]["estimated"] == desk.show(batch)["cost"]["so_far"]


def test_unknown_names_are_not_found(desk: Desk) -> None:
    for path in ("/models/boats/batches", f"{BATCHES}/{'0' * 32}", f"{BATCHES}/one"):
        assert desk.client.get(path).status_code == 404
    assert desk.client.delete(f"{BATCHES}/{'0' * 32}").status_code == 404
    assert desk.client.post("/models/boats/batches", json={"file_name": "rows.csv"}).status_code == 404


def test_a_body_that_is_no_json_or_too_large_is_refused(desk: Desk) -> None:
    assert desk.client.post(BATCHES, content=b"a,b", headers={"Content-Type": "text/csv"}).status_code == 415
    most = desk.definitions["churn"].limits.max_payload_bytes
    assert desk.client.post(BATCHES, content=b" " * (most + 1)).status_code == 413
    assert desk.client.post(BATCHES, content=b'{"instances": [' + b"{}," * 1_500_000).status_code == 413
