"""Retraining and uploads, good and bad, on a laptop and on Lambda."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote

from tools.replay.forms import BOUNDARY, MULTIPART, PATH, form_body, posted
from tools.replay.jobs import FINISHED, LONG_AGO, arrival, finished, form, message_of, retrain
from tools.replay.mutations import broken_texts, mutations
from tools.replay.preparation import QUEUED, WAITING, senseless
from tools.replay.requests import (
    CONTROL,
    FOLDER,
    JSON_BODY,
    STORE,
    TRAINER,
    Body,
    Request,
)
from tools.replay.samples import Model, Row
from tools.replay.store import UPLOADS

BAD = "retrain: bad"
FILE_NAMES = (
    "rows.csv",
    "rows.json",
    "rows.jsonl.gz",
    "rows.txt",
    "../rows.csv",
    ".rows.csv",
    "a b.csv",
    "",
    "x" * 101,
    "rows",
)


def laptop_training_requests(models: Mapping[str, Model]) -> Iterator[Request]:
    yield from _refused(models["car-price"], "laptop", "")
    yield from _refused_by_model(models)
    yield from _retrained(models)
    yield from _upload_options("laptop", "")
    yield from _posted(models)
    yield from _dropped(models)


def lambda_training_requests(models: Mapping[str, Model]) -> Iterator[Request]:
    yield from _refused(models["car-price"], CONTROL, "Lambda ")
    yield from _upload_options(CONTROL, "Lambda ")
    yield from _trained_by_events(models)
    yield from _odd_events()


def _refused(cars: Model, door: str, where: str) -> Iterator[Request]:
    """Rows and options that are refused and make no job."""
    rows = list(cars.sample[:40])
    kind = f"{where}{BAD}"

    def bad(what: str, sent: object, query: str = "", **headers: str) -> Request:
        # On Lambda nothing trains during the play, so the function would wait for the rows here that are accepted.
        named = {name.replace("_", "-"): value for name, value in headers.items()} | {"Prefer": "respond-async"}
        return replace(
            retrain(f"{where}retrain: {what}", "car-price", sent, query=query, headers=named, kind=kind),
            door=door,
            keep={},
        )

    yield bad("too few rows", rows[:5])
    yield bad("one row", rows[0])
    yield bad("rows without labels", [{name: row[name] for name in row if name != "selling_price"} for row in rows])
    yield bad("labels that are no prices", [{**row, "selling_price": "much"} for row in rows])
    yield bad(
        "two spellings of a level",
        [{**row, "fuel": fuel} for row, fuel in zip(rows, ["Petrol", "petrol "] * 20, strict=True)],
    )
    for mutation in mutations(rows[0], 12):
        yield bad(f"a row in which {mutation.name}", [*rows, mutation.row])
    for what, text in broken_texts(rows[0]):
        yield bad(what, Body(text))
    for query in ("?mode=other", "?mode=", "?force=perhaps", "?mode=extend&mode=replace", "?force="):
        yield bad(f"query {query}", rows[:5], query)
    yield bad("an empty idempotency key", rows[:5], Idempotency_Key="")
    yield bad("a long idempotency key", rows[:5], Idempotency_Key="k" * 201)
    yield bad("plain text", rows, Content_Type="text/plain")
    yield bad("a length that is too long", Body("[]"), Content_Length="6000001")


def _refused_by_model(models: Mapping[str, Model]) -> Iterator[Request]:
    for model in (*models, "nothing"):
        for path in ("retrain", "retrain/", "uploads"):
            name = f"POST {model} {path}: nothing"
            yield Request(
                name,
                BAD,
                method="POST",
                target=f"/models/{model}/{path}",
                keep={"form": "data"} if path == "uploads" else {},
            )
    yield retrain("retrain becas", "becas", list(models["becas"].examples) * 20, kind=BAD)
    yield retrain("retrain churn with too few rows", "churn", list(models["churn"].sample[:3]), kind=BAD)
    yield Request(
        "POST /retrain at the root", BAD, method="POST", target="/retrain", headers=JSON_BODY, body=Body("[]")
    )


def _retrained(models: Mapping[str, Model]) -> Iterator[Request]:
    cars, churn, tags = models["car-price"], models["churn"], models["project-tags"]
    rows: list[Row] = list(cars.sample[:500])
    key = {"Idempotency-Key": "replay"}
    yield retrain("retrain good rows", "car-price", rows)
    yield retrain("the same rows again", "car-price", rows)
    yield retrain("senseless prices", "car-price", senseless(cars.sample[:200]))
    yield retrain("senseless prices by force", "car-price", senseless(cars.sample[:200]), query="?force=true")
    yield retrain("extended by an idempotent request", "car-price", rows[:100], query="?mode=extend", headers=key)
    yield retrain("the idempotent request again", "car-price", rows[:100], query="?mode=extend", headers=key)
    yield retrain("the same key for other rows", "car-price", rows[:90], query="?mode=extend", headers=key)
    yield retrain("the same key with another mode", "car-price", rows[:100], headers=key)
    yield retrain(
        "the key of the recorded commit", "churn", list(churn.sample[:50]), headers={"Idempotency-Key": "one"}
    )
    yield retrain(
        "what the recorded commit was asked",
        "churn",
        list(churn.sample[:400]),
        query="?mode=extend",
        headers={"Idempotency-Key": "one"},
    )
    for prefer in ("respond-async", "wait=1, Respond-Async"):
        yield retrain(
            f"without waiting: {prefer}",
            "car-price",
            list(cars.sample[: 300 + len(prefer)]),
            headers={"Prefer": prefer},
        )
        yield finished(f"the job without waiting: {prefer}", "car-price", "job")
    yield retrain(
        "prefer what is unknown", "car-price", list(cars.sample[:333]), headers={"Prefer": "respond-asynchronously"}
    )
    yield retrain("few churn rows", "churn", list(churn.sample[:60]))
    yield retrain("many churn rows", "churn", {"instances": list(churn.sample[:1500])})
    yield retrain("tags", "project-tags", {"instances": list(tags.sample[:400])})
    yield retrain("texts are no name here", "project-tags", {"texts": list(tags.sample[:40])}, kind=BAD)
    one_tag = [{**row, "tag": "other"} for row in tags.sample[:60]]
    yield retrain("one tag for all", "project-tags", one_tag)


def _upload_options(door: str, where: str) -> Iterator[Request]:
    kind = f"{where}upload"
    for name in FILE_NAMES:
        yield replace(form(f"{where}a form for {name[:30] or 'nothing'}", "churn", "form", name, kind=kind), door=door)
    for query in ("?mode=extend", "?mode=other", "?force=true", "?force=2"):
        yield replace(form(f"{where}a form with {query}", "churn", "form", query=query, kind=kind), door=door)
    for text in ("", "{}", "[]", '{"file_name": 5}', '{"file": "a"}', "{", '{"file_name": null}'):
        request = form(f"{where}a form for the body {text or 'nothing'}", "churn", "form", kind=kind)
        yield replace(request, door=door, body=Body(text))
    for model in ("becas", "nothing"):
        yield replace(form(f"{where}a form of the model {model}", model, "form", kind=kind), door=door)


def _posted(models: Mapping[str, Model]) -> Iterator[Request]:
    churn, cars = models["churn"], models["car-price"]
    yield form("a form for good rows", "churn", "good")
    for what, body in (
        ("without a file", form_body("good", "", without=["file"])),
        ("without a signature", form_body("good", "a", without=["signature"])),
        ("with another signature", form_body("good", "a", signature="0" * 64)),
        ("with another key", form_body("good", "a", key="uploads/churn/other.csv")),
        ("with another limit", form_body("good", "a", max_bytes="999999999999")),
        ("with another expiry", form_body("good", "a", expires="9999999999")),
        ("without anything", Body(f"--{BOUNDARY}--\r\n")),
        ("that is no form", Body("a=b")),
    ):
        name = f"post a form {what}"
        yield Request(name, "upload", method="POST", target=PATH, headers=MULTIPART, body=body)
    yield Request("post JSON as a form", "upload", method="POST", target=PATH, headers=JSON_BODY, body=Body("{}"))
    yield posted("post good rows", "good", churn.csv_of(slice(0, 900)))
    yield finished("the job of good rows", "churn", "good")
    yield posted("post the rows again", "good", churn.csv_of(slice(0, 900)))
    lines = "".join(json.dumps(row) + "\n" for row in cars.sample[:450])
    broken = cars.csv_of(slice(0, 100)).replace("Diesel", "diesel").replace("2012", "MMXII")
    for name, model, file_name, content in (
        ("lines of JSON", "car-price", "rows.jsonl", lines),
        ("an array", "car-price", "rows.json", json.dumps(list(cars.sample[:350]))),
        ("a broken table", "car-price", "rows.csv", broken),
        ("a table of another model", "car-price", "rows.csv", churn.csv_of(slice(0, 50))),
        ("an empty file", "churn", "rows.csv", ""),
        ("a header alone", "churn", "rows.csv", churn.csv_of(slice(0, 0))),
        ("no JSON", "churn", "rows.json", "{"),
        ("a file that is not packed", "churn", "rows.csv.gz", churn.csv_of(slice(0, 50))),
    ):
        yield form(f"a form for {name}", model, "one", file_name)
        yield posted(f"post {name}", "one", content)
        yield finished(f"the job of {name}", model, "one")


def _dropped(models: Mapping[str, Model]) -> Iterator[Request]:
    rows = Body(models["car-price"].csv_of(slice(0, 800)))
    until = {"data.jobs.0.actor": ("upload",), "data.jobs.0.state": FINISHED}
    yield Request("drop rows", "dropped file", FOLDER, target="uploads/car-price/mine/rows 1.csv", body=rows)
    yield Request("the job of dropped rows", "dropped file", target="/models/car-price/jobs?page_size=1", until=until)
    yield Request("drop a hidden file", "dropped file", FOLDER, target="uploads/car-price/.hidden.csv", body=rows)


def _trained_by_events(models: Mapping[str, Model]) -> Iterator[Request]:
    cars, churn = models["car-price"], models["churn"]
    kind = "Lambda job"
    rows = list(cars.sample[200:700])
    wait = {"Prefer": "respond-async"}
    yield arrival("the queued job of the recorded commit", f"${{{QUEUED}.key}}")
    yield Request("Lambda jobs after the queued one", kind, CONTROL, target="/models/car-price/jobs")
    yield Request(
        "the waiting job's file",
        "stored",
        STORE,
        target=f"{UPLOADS}/${{{WAITING}.fields.key}}",
        body=Body(churn.csv_of(slice(0, 700))),
    )
    yield arrival("the waiting job of the recorded commit", f"${{{WAITING}.fields.key}}")
    yield finished("Lambda: the job that waited", "churn", WAITING, door=CONTROL, kind=kind)
    yield arrival("the same message again", f"${{{WAITING}.fields.key}}")
    yield retrain("Lambda retrain", "car-price", rows, headers=wait, door=CONTROL, kind="Lambda retrain")
    yield arrival("rows by Lambda", "uploads/car-price/jobs/${job.job}/instances.json")
    yield finished("Lambda: rows by Lambda", "car-price", "job", door=CONTROL, kind=kind)
    yield retrain("Lambda retrain again", "car-price", rows, headers=wait, door=CONTROL, kind="Lambda retrain")
    for name, time in (("año 2026 (1).csv", None), ("old.csv", LONG_AGO)):
        key = f"uploads/churn/{name}"
        yield Request(
            f"store {name}", "stored", STORE, target=f"{UPLOADS}/{key}", body=Body(churn.csv_of(slice(100, 1000)))
        )
        notice = arrival(f"an object {name}", quote(key, safe="/"))
        yield notice if time is None else arrival(f"an object {name}", quote(key, safe="/"), time=time)
    yield form("Lambda: a form for bad rows", "churn", "worse", door=CONTROL, kind="Lambda upload")
    yield Request("store bad rows", "stored", STORE, target=f"{UPLOADS}/${{worse.fields.key}}", body=Body("a,b\n1,2\n"))
    yield arrival("bad rows by Lambda", "${worse.fields.key}")
    yield finished("Lambda: bad rows", "churn", "worse", door=CONTROL, kind=kind)
    for model in models:
        yield Request(f"Lambda: all jobs of {model}", kind, CONTROL, target=f"/models/{model}/jobs")
        yield Request(
            f"Lambda: all versions of {model}", "Lambda versions", CONTROL, target=f"/models/{model}/versions"
        )


def _odd_events() -> Iterator[Request]:
    keys = (
        "uploads/churn/gone.csv",
        "uploads/nothing/a.csv",
        "other/churn/a.csv",
        "uploads/churn/.hidden",
        "uploads/churn/jobs/a/b.csv",
        "uploads/becas/rows.csv",
    )
    for key in keys:
        yield arrival(f"an object {key}", key)
    test = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": LONG_AGO, "Bucket": "replay-uploads"})
    removed = json.dumps({"Records": [{"eventName": "ObjectRemoved:Delete", "eventTime": LONG_AGO, "s3": {}}]})
    for name, body in (
        ("S3's test message", test),
        ("a removed object", removed),
        ("no JSON", "{"),
        ("an array", "[]"),
        ("no records", "{}"),
        ("null", "null"),
    ):
        yield Request(f"a message with {name}", "trainer event", TRAINER, event={"Records": [message_of(body)]})
    yield Request("no messages", "trainer event", TRAINER, event={"Records": []})
    yield Request("an event of another kind", "trainer event", TRAINER, event={"hello": "there"})
