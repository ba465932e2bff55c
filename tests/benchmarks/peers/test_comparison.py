"""The comparison of servers, over servers of a few lines: who is measured, and who is skipped with which reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.peers import comparison
from benchmarks.peers.catalogue import Peer
from benchmarks.peers.comparison import Comparison, compare, refuse_other_answers
from benchmarks.peers.running import NotStartedError
from benchmarks.peers.wires import Wire, under
from benchmarks.preparation import SIZES

TINY = Path(__file__).with_name("tiny_server.py")
WIRE = Wire(under("churn_probability"))
ANSWERS_COMPARED = 52
"""One to see that it has started, 50 of one row and one of 1000."""


def tiny(name: str, *arguments: str) -> Peer:
    return Peer(name, name, None, (str(TINY), "{port}", *arguments), WIRE)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("trained")
    for size, rows in SIZES.items():
        bodies = [json.dumps([{"x": 1}] * rows if rows > 1 else {"x": 1})] * 50
        (folder / f"{size}.json").write_text(json.dumps(bodies))
    no_folder = folder / "environments"
    no_folder.write_text("a file, so that no environment can be made here")
    peers = [
        tiny("equal", "0.25"),
        Peer("not_installed", "not_installed", "flask", (), WIRE),
        tiny("not_started"),
        tiny("other", "0.75"),
        tiny("failing", "0.25", str(ANSWERS_COMPARED)),
        Peer("unprepared", "unprepared", None, (), WIRE, prepare=("-c", "raise SystemExit('no model')")),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison, "WARM_SECONDS", 0.1)
        patch.setattr(comparison, "ROUND_CPU_SECONDS", 0.05)
        return compare(tiny("ours", "0.25"), peers, folder, no_folder, rounds=2)


def test_ours_and_the_peers_that_answer_as_ours_are_measured_in_every_round(compared: Comparison) -> None:
    assert [one.peer.name for one in compared.measured] == ["ours", "equal"]
    assert [len(one.cpu_ms[size]) for one in compared.measured for size in SIZES] == [2, 2, 2, 2]
    assert all(one.start.cpu_seconds > 0 and one.memory and one.memory.processes == 1 for one in compared.measured)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("not_installed", "environments"),
        ("not_started", "ended with code 1: IndexError: list index out of range"),
        ("other", "its predictions differ from Despliegue's by 0.5: not comparable"),
        ("failing", "failed in a round"),
        ("unprepared", "no model"),
    ],
)
def test_a_peer_that_cannot_take_part_is_skipped_by_name_with_the_reason(
    compared: Comparison, name: str, reason: str
) -> None:
    assert reason in compared.skipped[name]


def test_no_other_peer_is_skipped(compared: Comparison) -> None:
    assert len(compared.skipped) == 5


def test_labels_are_compared_with_the_label_of_our_chance() -> None:
    refuse_other_answers({"one": [0.2, 0.5]}, {"one": [0.0, 1.0]}, is_label=True)
    with pytest.raises(NotStartedError, match="differ"):
        refuse_other_answers({"one": [0.2, 0.5]}, {"one": [0.0, 0.0]}, is_label=True)


def test_answers_that_lack_rows_or_are_no_numbers_are_refused() -> None:
    with pytest.raises(NotStartedError, match="answered 1 predictions for 2 rows"):
        refuse_other_answers({"one": [0.2, 0.5]}, {"one": [0.2]}, is_label=False)
    with pytest.raises(NotStartedError, match="differ"):
        refuse_other_answers({"one": [0.2]}, {"one": [float("nan")]}, is_label=False)
