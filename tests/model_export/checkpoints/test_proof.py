"""A checkpoint is proven, measured and quantized in this order, and what is not good enough is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from functions.core.errors import ParityError
from functions.core.question_answering import SCHEMA
from tests.model_export.checkpoints.exported import Exported

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from model_export.checkpoints.int8_gate import Compared, Int8Gate
from model_export.checkpoints.proof import CheckpointCandidate, Proof
from model_export.question_answering.parity import compare_logits
from tests.model_export.checkpoints.altered import Altered

TRAINED = {"f1": 80.5, "exact": 71.0}
GATE = Int8Gate(1.0, 5, "answers 5 questions", Compared(("f1",), points=1, decimals=2))
Exporting = Callable[[str], Exported]
Reported = list[tuple[str, float]]


def proof(exported: Exporting, measured: Iterator[Mapping[str, float]], gate: Int8Gate | None = None) -> Proof:
    """One that measures these metrics, graph by graph."""
    checkpoint = replace(exported("bert").checkpoint, results=TRAINED)
    return Proof(
        checkpoint=checkpoint,
        schema=SCHEMA,
        settings={"answering.json": b"{}"},
        compare=lambda session, report: compare_logits(checkpoint, session, "tiny", report),
        measure=lambda files, report: next(measured),
        gate=gate,
    )


def carried_out(one: Proof) -> tuple[CheckpointCandidate, Reported]:
    reported: Reported = []
    return one.candidate(lambda stage, share: reported.append((stage, share))), reported


def test_without_examples_the_metrics_are_those_of_the_training(exported: Exporting) -> None:
    found, reported = carried_out(proof(exported, iter([{}])))
    assert found.metrics == TRAINED
    assert json.loads(found.files["performance.json"]) == {"overall": TRAINED}
    assert json.loads(found.files["parity.json"])["quantized"] is None
    assert found.files["answering.json"] == b"{}"
    assert list(dict.fromkeys(stage for stage, _ in reported)) == ["export", "optimise", "parity"]


def test_int8_that_is_good_enough_is_the_version_and_notes_what_it_cost(exported: Exporting) -> None:
    exact, _ = carried_out(proof(exported, iter([{"f1": 90.0}])))
    found, reported = carried_out(proof(exported, iter([{"f1": 90.0}, {"f1": 89.5}]), GATE))
    assert len(found.files["model.onnx"]) < len(exact.files["model.onnx"])
    assert json.loads(found.files["performance.json"]) == {"overall": {"f1": 89.5}, "training": TRAINED}
    noted = json.loads(found.files["parity.json"])["quantized"]
    assert (noted["questions"], noted["margin"], noted["exact_metrics"]) == (5, 1.0, {"f1": 90.0})
    assert noted["max_absolute_difference"] > found.parity.max_absolute_difference
    assert [share for _, share in reported] == sorted(share for _, share in reported)


def test_int8_that_loses_more_than_the_margin_is_refused(exported: Exporting) -> None:
    with pytest.raises(
        ParityError, match=r"int8 answers 5 questions worse .*: f1 falls from 90\.00 to 88\.00; nothing"
    ):
        carried_out(proof(exported, iter([{"f1": 90.0}, {"f1": 80.0}, {"f1": 85.0}, {"f1": 88.0}]), GATE))


@pytest.mark.parametrize("slower", [1, 2])
def test_where_faster_int8_loses_too_much_the_next_one_is_the_version(exported: Exporting, slower: int) -> None:
    measured = [{"f1": 90.0}, *[{"f1": 80.0}] * slower, {"f1": 89.5}]
    found, reported = carried_out(proof(exported, iter(measured), GATE))
    assert (b"MatMulNBits" in found.files["model.onnx"]) == (slower == 2)
    assert found.metrics == {"f1": 89.5}
    assert [share for _, share in reported] == sorted(share for _, share in reported)


def test_a_graph_that_is_not_the_model_is_not_even_measured(exported: Exporting) -> None:
    one = proof(exported, iter([]))

    def shifted(session: Any, report: Any) -> Any:
        return one.compare(Altered(session, lambda logits: logits + np.float32(1)), report)

    with pytest.raises(ParityError, match=r"ONNX is not the model on .*; nothing is published"):
        carried_out(replace(one, compare=shifted))
