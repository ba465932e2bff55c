"""Work that is stopped in time: at once where Python runs, with the process where C holds it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from functions.trainer.deadline import DeadlineError, ended_after

PROJECT = Path(__file__).resolve().parents[2]
LONG = 3600.0
pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="SKIPPED: this platform has no such signals")


def _wait_for_ever() -> None:
    threading.Event().wait(LONG)


def _wait_and_take_every_error_for_ones_own() -> None:
    try:
        _wait_for_ever()
    except Exception:
        _wait_for_ever()


def test_a_block_that_ends_in_time_is_left_alone() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with ended_after(LONG, lambda: pytest.fail("too late")):
        pass
    assert signal.getsignal(signal.SIGALRM) is before


def test_a_block_whose_time_is_over_is_stopped_after_that_was_written_down() -> None:
    written: list[str] = []

    def write() -> bool:
        written.append(threading.current_thread().name)
        return True

    with pytest.raises(DeadlineError), ended_after(0.0, write):
        _wait_for_ever()
    assert len(written) == 1
    assert written != [threading.main_thread().name]


def test_no_handler_of_ordinary_errors_keeps_it_from_being_stopped() -> None:
    with pytest.raises(DeadlineError), ended_after(0.0, lambda: True):
        _wait_and_take_every_error_for_ones_own()


def test_a_block_that_turned_out_to_be_done_goes_on_to_its_end() -> None:
    called = threading.Event()

    def is_done() -> bool:
        called.set()
        return False

    with ended_after(0.0, is_done):
        assert called.wait(LONG)


def test_an_error_of_the_block_is_its_own() -> None:
    with pytest.raises(OSError, match="disk full"), ended_after(LONG, lambda: True):
        raise OSError("disk full")


HELD_BY_C = """
import hashlib
from functions.trainer import deadline

def write():
    print("written down")
    return True

deadline.GRACE_SECONDS = 0.1
with deadline.ended_after(0.1, write):
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
"""


def test_where_c_does_not_come_back_the_process_ends_and_what_was_said_is_not_lost() -> None:
    ended = subprocess.run([sys.executable, "-c", HELD_BY_C], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "written down\n")
    assert "the process ends" in ended.stderr
