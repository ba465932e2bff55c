"""Batches and lookups: what is refused, and what is read where nobody has sent a batch yet."""

from __future__ import annotations

from collections.abc import Iterator

from tools.replay.requests import CONTROL, JSON_BODY, LAPTOP, Body, Request, json_body

BATCHES = "/models/churn/batches"
PREDICTIONS = "/models/churn/predictions"
UNKNOWN = "0" * 32
SENT: tuple[tuple[str, Body], ...] = (
    ("nothing", Body("")),
    ("an empty object", json_body({})),
    ("a file and instances", json_body({"file_name": "rows.csv", "instances": [{}]})),
    ("a file of another kind", json_body({"file_name": "rows.pdf"})),
    ("no instance", json_body({"instances": []})),
    ("a number for an instance", json_body({"instances": [{}, 1]})),
    ("another output", json_body({"file_name": "rows.csv", "output": "xlsx"})),
    ("lookup as text", json_body({"file_name": "rows.csv", "lookup": "yes"})),
    ("an unknown field", json_body({"file_name": "rows.csv", "version": 1})),
    ("no JSON", Body("file_name=rows.csv")),
)
IDS: tuple[tuple[str, object], ...] = (
    ("one", {"ids": ["7590-VHVEG"]}),
    ("none", {"ids": []}),
    ("101", {"ids": ["a"] * 101}),
    ("half a number", {"ids": [1.5]}),
    ("no list", {"ids": "a"}),
)


def batch_requests() -> Iterator[Request]:
    """Requests that make no batch, on a laptop and on Lambda."""
    for door, where in ((LAPTOP, ""), (CONTROL, "Lambda ")):
        kind = f"{where}batches"
        for what, body in SENT:
            yield Request(f"{where}send a batch: {what}", kind, door, "POST", BATCHES, JSON_BODY, body)
        for page in ("", "?page=2", "?page=0", "?page_size=201"):
            yield Request(f"{where}GET batches{page}", kind, door, target=f"{BATCHES}{page}")
        for batch in (UNKNOWN, "nothing"):
            yield Request(f"{where}GET batch {batch}", kind, door, target=f"{BATCHES}/{batch}")
            yield Request(f"{where}cancel batch {batch}", kind, door, "DELETE", f"{BATCHES}/{batch}")
            yield Request(f"{where}retry batch {batch}", kind, door, "POST", f"{BATCHES}/{batch}/retry")
        for one in ("7590-VHVEG", "%20", "a%2Fb"):
            yield Request(f"{where}look up {one}", kind, door, target=f"{PREDICTIONS}/{one}")
        for what, ids in IDS:
            yield Request(
                f"{where}look up together: {what}", kind, door, "POST", PREDICTIONS, JSON_BODY, json_body(ids)
            )
        chosen = json_body({"batch": UNKNOWN})
        yield Request(f"{where}let an unknown batch answer", kind, door, "PUT", PREDICTIONS, JSON_BODY, chosen)
