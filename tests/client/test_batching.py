"""Batches: how they are sent, and how their files become predictions."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from despliegue_client.batching import BatchOptions, batch, refused_rows, save_results
from despliegue_client.errors import ApiError, BatchError, Fault, UnsendableError
from despliegue_client.exchange import Answer, Request

from tests.client.scripted import Script, api, ok, refused

ONE_KEY = "nightly"
ENDED = {"batch": "b", "state": "succeeded", "version": 3}


def links(kind: str, number: int) -> dict[str, Any]:
    return {"links": [{"url": f"https://files.example/{kind}/{one}"} for one in range(number)], "total": number}


def packed(*entries: object) -> Answer:
    lines = b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)
    return Answer(200, {}, gzip.compress(lines))


RESULTS = [
    packed({"line": 3, "prediction": 30.0}),
    packed({"line": 1, "prediction": 10.0, "warnings": [{"loc": ["a"], "msg": "odd", "type": "t"}]}),
]
REFUSED = packed({"line": 2, "column": "a", "msg": "must be a number", "type": "float_type"})


def server(request: Request) -> Answer:
    """A batch of three rows, of which the second was refused, with results in two files."""
    if request.url.startswith("https://files.example/results/"):
        return RESULTS[int(request.url[-1])]
    if request.url.startswith("https://files.example/errors/"):
        return REFUSED
    if request.form is not None:
        return Answer(204, {}, b"")
    if request.method == "GET":
        return ok({**ENDED, "results": links("results", 2), "errors": links("errors", 1)})
    form = {"batch": "b", "url": "https://bucket.example/", "fields": {"key": "k"}}
    return ok(form if "file_name" in json.loads(request.body or b"") else ENDED, 202)


def test_rows_come_back_in_order_with_none_for_a_refused_one() -> None:
    script = Script(server)
    outcome = script.play(batch(api(), "churn", [{"a": 1}] * 3, None, BatchOptions(lookup=True), key=None))
    assert outcome.predictions == [10.0, None, 30.0]
    assert [len(found) for found in outcome.predictions.warnings] == [1, 0, 0]
    assert outcome.refused == (Fault(("line", 2, "a"), "must be a number", "float_type"),)
    sent = json.loads(script.requests[0].body or b"")
    assert (sent["lookup"], sent["output"], len(sent["instances"])) == (True, "jsonl", 3)
    assert len(script.requests[0].headers["Idempotency-Key"]) == 32
    # links are not a part of the record: they differ from answer to answer
    assert script.reports == [ENDED]


def test_a_frame_comes_back_with_its_index() -> None:
    import pandas as pd

    frame = pd.DataFrame({"a": [1, 2, 3]}, index=["x", "y", "z"])
    outcome = Script(server).play(batch(api(), "churn", frame, None, BatchOptions(), key=None))
    assert list(outcome.predictions.index) == ["x", "y", "z"]
    assert outcome.predictions.loc["z", "prediction"] == 30.0


def test_a_file_is_posted_by_a_form_and_its_predictions_lie_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("a\n1\n")
    script = Script(server)
    outcome = script.play(batch(api(), "churn", file, None, BatchOptions(), key=None))
    assert outcome.file == tmp_path / "customers.csv.predictions.jsonl"
    assert [json.loads(line)["line"] for line in outcome.file.read_text().splitlines()] == [3, 1]
    assert outcome.predictions is None
    assert [request.form.name for request in script.requests if request.form] == ["customers.csv"]


def test_results_are_packed_for_a_name_that_says_so_and_nothing_is_left_of_a_failed_download(tmp_path: Path) -> None:
    target = tmp_path / "predictions.jsonl.gz"
    Script(server).play(save_results(api(), "churn", "b", target))
    assert gzip.decompress(target.read_bytes()).count(b"\n") == 2
    target.unlink()

    def expiring(request: Request) -> Answer:
        return refused(403, ([], "expired")) if request.url.endswith("results/1") else server(request)

    with pytest.raises(ApiError, match="expired"):
        Script(expiring).play(save_results(api(), "churn", "b", target))
    assert list(tmp_path.iterdir()) == []


def test_every_page_of_links_is_read() -> None:
    def paged(request: Request) -> Answer:
        if request.url.startswith("https://files.example"):
            return packed({"line": int(request.url[-1]), "column": None, "msg": "m", "type": "t"})
        page = int(request.url.partition("page=")[2][0])
        own = {"links": [{"url": f"https://files.example/{page}"}], "total": 3}
        return ok({**ENDED, "errors": own})

    found = Script(paged).play(refused_rows(api(), "churn", "b"))
    assert [fault.loc for fault in found] == [("line", 1), ("line", 2), ("line", 3)]


def test_a_batch_that_failed_raises_the_faults_of_its_file() -> None:
    fault = {"loc": ["columns", "tenure"], "msg": "is missing", "type": "missing"}

    def failing(request: Request) -> Answer:
        if request.method == "GET":
            return ok({"batch": "b", "state": "failed", "faults": [fault], "reason": "1 fault"})
        return server(request)

    with pytest.raises(BatchError, match=r"batch b is failed: columns\.tenure: is missing"):
        Script(failing).play(batch(api(), "churn", [{"a": 1}], None, BatchOptions(), key=None))


def test_rows_that_the_server_takes_in_a_file_only_are_sent_in_one() -> None:
    def of_files(request: Request) -> Answer:
        if request.method == "POST" and b"instances" in (request.body or b""):
            return refused(413, ([], "send a file"))
        return server(request)

    script = Script(of_files)
    outcome = script.play(batch(api(), "churn", [{"a": 1}] * 3, None, BatchOptions(), key=None))
    assert outcome.predictions == [10.0, None, 30.0]
    (name,) = [request.form.name for request in script.requests if request.form]
    assert json.loads(script.requests[1].body or b"")["file_name"] == name


def test_a_key_under_which_other_rows_were_sent_is_refused_for_rows_in_a_file_too() -> None:
    files: dict[str, str] = {}

    def keyed(request: Request) -> Answer:
        """A server that knows a repeated request by the name of its file, as the fingerprint of a batch is made."""
        if request.method == "POST" and request.form is None:
            key, name = request.headers["Idempotency-Key"], json.loads(request.body or b"")["file_name"]
            if files.setdefault(key, name) != name:
                return refused(422, (["header", "idempotency-key"], "this key belongs to a request with another file"))
        return server(request)

    def send(value: int) -> Any:
        few = api(max_payload_bytes=1_000)
        return Script(keyed).play(batch(few, "churn", [{"a": value}] * 3, None, BatchOptions(), key=ONE_KEY))

    assert send(1).predictions == send(1).predictions == [10.0, None, 30.0]
    with pytest.raises(ApiError, match="this key belongs to a request with another file"):
        send(2)


@pytest.mark.parametrize("most_bytes", [1_000, 4_700_000])
@pytest.mark.parametrize("lookup", [None, False, True])
def test_predictions_of_rows_are_stored_only_if_that_is_asked_for_whatever_their_number(
    most_bytes: int, lookup: bool | None
) -> None:
    script = Script(server)
    data = [{"a": 1}] * 3
    script.play(batch(api(max_payload_bytes=most_bytes), "churn", data, None, BatchOptions(lookup=lookup), key=None))
    sent = json.loads(script.requests[0].body or b"")
    assert ("file_name" in sent) == (most_bytes == 1_000)
    assert sent["lookup"] is bool(lookup)


def test_the_server_decides_whether_predictions_of_a_file_are_stored(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("a\n1\n")
    script = Script(server)
    script.play(batch(api(), "churn", file, None, BatchOptions(), key=None))
    assert json.loads(script.requests[0].body or b"")["lookup"] is None


def test_predictions_of_a_file_lie_beside_it_under_its_own_name(tmp_path: Path) -> None:
    file = tmp_path / "años (1).csv"
    file.write_text("a\n1\n")
    script = Script(server)
    outcome = script.play(batch(api(), "churn", file, None, BatchOptions(), key=None))
    assert json.loads(script.requests[0].body or b"")["file_name"] == "an-os-1-.csv"
    assert outcome.file == tmp_path / "años (1).csv.predictions.jsonl"


def test_a_file_that_its_batch_has_read_is_not_sent_again(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("a\n1\n")

    def repeated(request: Request) -> Answer:
        return ok(ENDED, 202) if request.method == "POST" else server(request)

    script = Script(repeated)
    outcome = script.play(batch(api(), "churn", file, None, BatchOptions(), key="monday"))
    assert (outcome.batch, outcome.file) == (ENDED, tmp_path / "customers.csv.predictions.jsonl")
    assert [request.headers.get("Idempotency-Key") for request in script.requests if request.method == "POST"] == [
        "monday"
    ]


@pytest.mark.parametrize(
    ("to", "reason"), [("out/x.jsonl", "there is no folder .*out: make it first"), ("", "is a folder: name a file")]
)
def test_a_place_where_no_file_can_be_written_is_refused_before_the_batch_begins(
    tmp_path: Path, to: str, reason: str
) -> None:
    script = Script([])
    with pytest.raises(UnsendableError, match=reason):
        script.play(batch(api(), "churn", [{"a": 1}], tmp_path / to, BatchOptions(), key=None))
    with pytest.raises(UnsendableError, match=reason):
        script.play(save_results(api(), "churn", "b", tmp_path / to))
    assert script.requests == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="SKIPPED: root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_refused_before_the_batch_begins(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(UnsendableError, match="may not be written to"):
            Script([]).play(batch(api(), "churn", [{"a": 1}], tmp_path / "x", BatchOptions(), key=None))
    finally:
        tmp_path.chmod(0o755)


def test_an_output_for_files_needs_a_place() -> None:
    with pytest.raises(UnsendableError, match="say where it goes, by to="):
        Script([]).play(batch(api(), "churn", [{"a": 1}], None, BatchOptions(output="csv"), key=None))
