"""The records that a play leaves behind, compared as its answers are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tools.replay.answers import Answer
from tools.replay.recording import LARGEST_RECORD, Exchange
from tools.replay.requests import Request
from tools.replay.store import BUCKETS, Store

LEFT = "left behind"


def left_in_home(home: Path) -> Exchange:
    """Every file of the home that is not hidden."""
    paths = (path for path in home.rglob("*") if path.is_file())
    keys = ((path.relative_to(home).as_posix(), path) for path in sorted(paths))
    return _exchange("home", ((key, path.read_bytes()) for key, path in keys if not _is_hidden(key)))


def left_in_buckets(store: Store) -> Iterator[Exchange]:
    for bucket in BUCKETS:
        yield _exchange(bucket, ((key, store.read(bucket, key)) for key in store.keys(bucket)))


def _exchange(place: str, files: Iterable[tuple[str, bytes]]) -> Exchange:
    request = Request(f"{LEFT}: {place}", LEFT, door=LEFT, is_document=True)
    return Exchange(request, Answer(None, {}, json.dumps({key: _shown(key, body) for key, body in files})))


def masked(answer: Answer, mask: Callable[[str], str]) -> Answer:
    """The files in the order of their masked names, so that ids in them are numbered alike in every play."""
    files = sorted((mask(key), text) for key, text in json.loads(answer.body).items())
    return Answer(None, {}, json.dumps({key: _parsed(mask(text)) for key, text in files}))


def _shown(key: str, body: bytes) -> str:
    """The text of a record; for a model, table or report only its presence, because a record has its digest."""
    return body.decode() if key.endswith(".json") and len(body) < LARGEST_RECORD else "(present)"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _is_hidden(key: str) -> bool:
    return any(part.startswith(".") for part in key.split("/"))
