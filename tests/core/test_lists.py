"""Lists are what reading every record would give, whatever is missing or damaged; a slow reader says what that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import DamagedRecordError
from functions.core.history import Production, Promotions
from functions.core.jobs import Job, Jobs
from functions.core.local_storage import LocalStorage
from functions.core.published import note_published
from functions.core.records import read_record
from functions.core.registry import Registry
from functions.core.time_notes import note_time
from tests.core.new_jobs import MODEL, new_job
from tests.generated import examples

Make = pytest.TempPathFactory
RECORDS = st.lists(
    st.tuples(st.sampled_from(["whole", "whole", "damaged", "gone"]), st.integers(1, 4), st.booleans()), max_size=12
)
"""For each record its state, a time that several share, and whether a note was written with it."""

STATES = ("published", "published", "claimed", "half", "never")


def slowly_read(storage: LocalStorage, folder: str, kind: type[Any]) -> list[Any]:
    """All readable records of a folder in the order of their names."""
    found = []
    for name in storage.children(folder):
        try:
            found.append(read_record(storage.read(f"{folder}/{name}").body, kind, name))
        except DamagedRecordError:
            continue
    return found


def in_pages(read: Callable[[int, int], Any], total: int) -> list[Any]:
    return [entry for start in range(0, total, 3) for entry in read(start, 3).entries]


@examples(60, share_fixtures=True)
@given(records=RECORDS)
def test_jobs(tmp_path_factory: Make, records: list[tuple[str, int, bool]]) -> None:
    storage = LocalStorage(tmp_path_factory.mktemp("registry"))
    for number, (state, day, is_noted) in enumerate(records):
        job = new_job(f"{number:x}" * 32, created=f"2026-01-{day:02}T00:00:00.000000Z")
        if state != "gone":
            storage.write(f"models/{MODEL}/jobs/{job.job}.json", b"{" if state == "damaged" else job.to_json())
        if is_noted:
            note_time(storage, MODEL, "jobs", job.job, job.created)
    expected = sorted(slowly_read(storage, f"models/{MODEL}/jobs", Job), key=lambda one: one.created, reverse=True)
    jobs = Jobs(storage)
    whole = jobs.newest_first(MODEL)
    assert (whole.entries, whole.total) == (expected, len(expected))
    assert in_pages(lambda start, count: jobs.newest_first(MODEL, start, count), len(records)) == expected


@examples(60, share_fixtures=True)
@given(records=RECORDS, current=st.integers(0, 13))
def test_promotions(tmp_path_factory: Make, records: list[tuple[str, int, bool]], current: int) -> None:
    storage = LocalStorage(tmp_path_factory.mktemp("registry"))
    made = [Production(day, serial, None, "ana", "now", "then") for serial, (_, day, _) in enumerate(records, 1)]
    promotions = Promotions(storage, "m")
    for one, (state, _, _) in zip(made, records, strict=True):
        promotions.record(one)
        if state == "damaged":
            storage.write(f"models/m/history/{one.serial}.json", b'{"serial": ')
        elif state == "gone":
            storage.delete(f"models/m/history/{one.serial}.json")
    in_production = made[current - 1] if 0 < current <= len(made) else None
    readable = slowly_read(storage, "models/m/history", Production)
    missing = [] if in_production is None or in_production in readable else [in_production]
    expected = sorted([*readable, *missing], key=lambda one: -one.serial)
    whole = promotions.newest_first(in_production, 0, None)
    assert (whole.entries, whole.total) == (expected, len(expected))
    assert in_pages(lambda start, count: promotions.newest_first(in_production, start, count), len(made)) == expected


@examples(60, share_fixtures=True)
@given(
    states=st.lists(st.sampled_from(["published", "published", "claimed", "half", "never"]), max_size=12),
    data=st.data(),
)
def test_versions(tmp_path_factory: Make, states: list[str], data: st.DataObject) -> None:
    """A note is written at any moment, before other versions are published, also under numbers claimed long before."""
    storage = LocalStorage(tmp_path_factory.mktemp("registry"))
    numbers = data.draw(st.permutations(range(1, len(states) + 1)))
    for number in numbers:
        for name in files_of(states[number - 1]):
            storage.write(f"models/m/versions/{number}/{name}", b"{}")
        if data.draw(st.booleans()):
            note_published(storage, "m")
    expected = [number for number, state in enumerate(states, 1) if state == "published"]
    assert Registry(storage).versions("m") == expected
    assert Registry(storage).newest_versions("m", 0, 5).total == len(expected)


def files_of(state: str) -> Iterable[str]:
    return {
        "published": ("claim.json", "model.onnx", "manifest.json"),
        "claimed": ("claim.json",),
        "half": ("claim.json", "model.onnx"),
        "never": (),
    }[state]
