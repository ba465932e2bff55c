"""The prices of a batch, which are those of the document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from functions.aws.batch_prices import GB_SECOND, STATE_TRANSITION, STORED_PREDICTION, batch_prices

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "aws.md").read_text(encoding="utf-8")


def price(pattern: str) -> float:
    (found,) = re.findall(pattern, DOCUMENT)
    return float(found)


def test_prices_are_those_that_the_document_names() -> None:
    assert GB_SECOND["x86_64"] == price(r"\| Lambda \| (\d\.\d+) a GB-second")
    assert GB_SECOND["aarch64"] == price(r"\((\d\.\d+) with `platform=linux/arm64`\)")
    assert pytest.approx(price(r"(\d\.\d+) a thousand state transitions") / 1000) == STATE_TRANSITION
    assert pytest.approx(price(r"(\d\.\d+) a million writes of up to 1 kB") / 1e6) == STORED_PREDICTION


def test_a_shard_costs_an_invocation_and_its_transitions() -> None:
    prices = batch_prices(1769, "aarch64")
    assert (prices.memory_mb, prices.gb_second) == (1769, GB_SECOND["aarch64"])
    assert prices.shard == pytest.approx(0.0000502)


def test_an_unknown_processor_costs_the_higher_price() -> None:
    assert batch_prices(1769, "riscv64").gb_second == GB_SECOND["x86_64"]
