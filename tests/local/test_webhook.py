"""The webhook of a laptop."""

from __future__ import annotations

import threading

import pytest

from functions.core.announcements import Announcement, Silence
from functions.core.errors import DefinitionError
from functions.local.webhook import InBackground, announcer_from
from tests.core.test_webhooks import receiver

ENDED = Announcement("training", "churn", "a" * 32, "failed", "2026-11-29T00:00:00.000000Z")


def variables(url: str, secret: str = "long-enough-for-tests") -> dict[str, str]:  # noqa: S107
    return {"DESPLIEGUE_WEBHOOK_URL": url, "DESPLIEGUE_WEBHOOK_SECRET": secret}


def test_without_an_address_nobody_is_told() -> None:
    assert isinstance(announcer_from({}), Silence)


def test_an_address_is_posted_to_while_the_caller_goes_on() -> None:
    may_answer = threading.Event()

    def answers(count: int) -> int:
        may_answer.wait(10)
        return 200

    before = set(threading.enumerate())
    with receiver(answers) as (url, received):
        serving = set(threading.enumerate()) - before
        announcer_from(variables(url)).announce(ENDED)  # returns, though nobody answered yet
        sending = set(threading.enumerate()) - before - serving
        may_answer.set()
        for thread in sending:
            thread.join(10)
    assert [body for _, body in received] == [ENDED.to_json()]


@pytest.mark.parametrize("wrong", [variables("ftp://example.org"), variables("https://example.org", "short")])
def test_a_wrong_address_or_secret_ends_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(DefinitionError, match="DESPLIEGUE_WEBHOOK_URL"):
        announcer_from(wrong)


def test_the_background_takes_any_announcer() -> None:
    told: list[Announcement] = []

    class Listener:
        def announce(self, announcement: Announcement) -> None:
            told.append(announcement)

    before = set(threading.enumerate())
    InBackground(Listener()).announce(ENDED)
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert told == [ENDED]
