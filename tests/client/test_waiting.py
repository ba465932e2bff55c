"""Records that are followed to their end."""

from __future__ import annotations

from despliegue_client.exchange import Operation, Record
from despliegue_client.waiting import LONGEST_PAUSE_SECONDS, followed
from tests.client.scripted import Script


def test_changes_are_reported_once_and_looks_come_more_seldom() -> None:
    states = ["queued", "queued", *["running"] * 20, "succeeded"]

    def look() -> Operation[Record]:
        return {"state": states.pop(0)}
        yield

    script = Script([])
    assert script.play(followed(look, ("queued", "running"))) == {"state": "succeeded"}
    assert script.reports == [{"state": "queued"}, {"state": "running"}, {"state": "succeeded"}]
    assert script.pauses == sorted(script.pauses)
    assert script.pauses[-1] == LONGEST_PAUSE_SECONDS
