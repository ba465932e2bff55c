"""The table of the comparison."""

from __future__ import annotations

from benchmarks.clients import Load
from benchmarks.measure import Start
from benchmarks.peers.catalogue import DESPLIEGUE, PEERS
from benchmarks.peers.comparison import Comparison, Rounds
from benchmarks.peers.document import document, release
from benchmarks.process_tree import Memory


def rounds_of(name: str, one: list[float], thousand: list[float]) -> Rounds:
    peer = next(peer for peer in (DESPLIEGUE["churn"], *PEERS["churn"]) if peer.name == name)
    load = Load(0.0, {"one": [1.0, 2.0, 3.0]})
    return Rounds(peer, Start(1.5, 2.5, 90.0), {"one": one, "thousand": thousand}, load, Memory(2, 100.4, 60.2))


def lines(text: str) -> dict[str, list[str]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {row[0]: row[1:] for row in rows}


OURS = rounds_of("despliegue", [1.0, 10.0, 2.0], [10.0, 10.0, 10.0])
FLASK = rounds_of("flask", [3.0, 20.0, 4.0], [20.0, 40.0, 30.0])
TEXT = document("churn", Comparison([OURS, FLASK], {"kserve": "ended with code 1: no | here"}), 3, [4.2, 20.0])


def test_a_ratio_is_the_median_of_the_ratios_within_a_round_not_the_ratio_of_medians() -> None:
    costs = lines(TEXT)[FLASK.peer.label][1:5]
    assert costs == ["4", "2.00", "30", "3.00"]
    assert lines(TEXT)["Despliegue"][1:5] == ["2", "1.00", "10", "1.00"]


def test_latency_memory_and_start_follow() -> None:
    assert lines(TEXT)["Despliegue"][5:] == ["2.0 / 3.0", "100 / 60 (2)", "2.5", "1.50"]


def test_a_skipped_peer_has_a_line_with_its_release_and_the_reason() -> None:
    assert "skipped: ended with code 1: no \\| here" in TEXT
    assert lines(TEXT)["KServe, sklearnserver"][0].startswith("kserve 0.")


def test_the_load_of_the_machine_is_told() -> None:
    assert "load 4 to 20, shared with other work" in TEXT


def test_every_peer_has_a_release_and_despliegue_has_none() -> None:
    assert [peer.name for peers in PEERS.values() for peer in peers if not release(peer)] == []
    assert release(DESPLIEGUE["churn"]) == ""
