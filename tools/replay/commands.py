"""Record at one checkout, and compare another one with the recording."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.checkout import Checkout
from tools.replay.answers import Answer
from tools.replay.catalogue import all_requests
from tools.replay.differences import Difference, differences
from tools.replay.leftovers import LEFT, left_in_buckets, left_in_home, masked
from tools.replay.masks import Masks, Session
from tools.replay.playing import has_come, play
from tools.replay.preparation import prepare
from tools.replay.recording import Exchange, Recording, known_ids
from tools.replay.requests import Request
from tools.replay.samples import read_models
from tools.replay.stage import stage

SHOWN_EVERY = 250
SETTLE_SECONDS = 2.0
"""A trainer removes the upload after it has ended the job, so the records are read a little later."""


def record(checkout: Checkout, folder: Path) -> Recording:
    """Play all requests and write a new recording.

    Raises FileExistsError for a folder that is there already, RuntimeError for a job that does not end.
    """
    folder.mkdir(parents=True)
    models = read_models(checkout.root)
    with _scratch() as scratch:
        _report("training, and writing every kind of record")
        prepared = prepare(checkout, models, folder, scratch)
        session, exchanges = _played(checkout, folder, all_requests(models), prepared.kept, prepared.secret, scratch)
    endless = [one.request.name for one in exchanges if not has_come(one.request, one.answer)]
    if endless:
        raise RuntimeError(f"requests that never got the answer that they wait for: {', '.join(endless)}")
    recording = Recording(checkout.commit(), session, prepared.kept, prepared.secret, exchanges)
    recording.write(folder)
    return recording


def compare(checkout: Checkout, folder: Path) -> tuple[Recording, list[Difference]]:
    """The recording, and all differences between it and the answers of the checkout."""
    recording = Recording.read(folder)
    requests = [one.request for one in recording.exchanges if one.request.kind != LEFT]
    with _scratch() as scratch:
        session, exchanges = _played(checkout, folder, requests, recording.kept, recording.secret, scratch)
    known = known_ids(folder)
    before = _masked(recording.exchanges, Masks(recording.session, known))
    after = _masked(exchanges, Masks(session, known))
    pairs = zip(recording.exchanges, before, after, strict=True)
    return recording, [one for exchange, old, new in pairs for one in differences(exchange.request, old, new)]


def count_by_kind(requests: Sequence[Request]) -> dict[str, int]:
    """The number of requests of each kind, in alphabetical order."""
    return dict(sorted(Counter(request.kind for request in requests).items()))


def _played(
    checkout: Checkout, folder: Path, requests: Sequence[Request], kept: Mapping[str, Any], secret: str, scratch: Path
) -> tuple[Session, list[Exchange]]:
    """The answers to all requests on a copy of the recording's home and buckets, then the records of the play."""
    home = scratch / "played" / "home"
    shutil.copytree(folder / "home", home)
    started = _now()
    with stage(checkout, home, folder / "build") as at:
        at.store.load(folder / "buckets")
        at.store.make_secret(secret)
        answers = play(requests, at.ask, {**kept, "callback": at.functions.response_url})
        exchanges = [Exchange(*one) for one in zip(requests, _shown(answers, len(requests)), strict=True)]
        time.sleep(SETTLE_SECONDS)
        exchanges += left_in_buckets(at.store)
        places = at.places(checkout)
    exchanges.append(left_in_home(home))
    return Session(started, _now(), places), exchanges


def _masked(exchanges: Sequence[Exchange], masks: Masks) -> list[Answer]:
    return [_masked_answer(exchange, masks) for exchange in exchanges]


def _masked_answer(exchange: Exchange, masks: Masks) -> Answer:
    answer = exchange.answer
    if exchange.request.kind == LEFT:
        return masked(answer, masks.mask)
    headers = {name: masks.mask(value) for name, value in answer.headers.items()}
    return Answer(answer.status, headers, masks.mask(answer.body))


def _shown(answers: Iterator[Answer], total: int) -> Iterator[Answer]:
    for number, answer in enumerate(answers, 1):
        if number % SHOWN_EVERY == 0 or number == total:
            _report(f"{number} of {total} requests")
        yield answer


def _report(line: str) -> None:
    print(line, flush=True)


def _now() -> str:
    return datetime.now(UTC).isoformat()


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        yield Path(folder)
