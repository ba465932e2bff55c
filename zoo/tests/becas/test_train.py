"""A training learns, and one that was killed ends with the weights of one that was not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from zoo.becas import train as training_module
from zoo.becas.base import main as build_base
from zoo.becas.courses import COURSES, Course, Read
from zoo.becas.reading import read_squad
from zoo.becas.train import Plan, Training, rate_factor, train
from zoo.becas.windows import Learnt
from zoo.tests.becas.tiny_base import write_squad, write_tokenizer, write_weights

STEPS = 6


class KilledError(Exception):
    """The end of a process at any moment."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    write_weights(folder / "e5.bin")
    write_tokenizer(folder / "tokenizer.json")
    write_squad(folder / "squad.json")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("zoo.becas.base.PAGES", 2)
        build_base(
            f"--weights {folder}/e5.bin --tokenizer {folder}/tokenizer.json --squad {folder}/squad.json "
            f"--out {folder}/built".split()
        )
    return folder


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    course = Course(answered=1, impossible=1, moved=0.5, pages=0, unanswerable=0, elsewhere=1)
    monkeypatch.setitem(COURSES, "reading", course)


def _plan(base: Path, out: Path) -> Plan:
    return Plan(base / "built", out, "reading", STEPS, rate=1e-3, batch_tokens=40, seed=3, save_every=2, frozen=1)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("killed_in", [1, 3, 4, 6])
def test_a_killed_training_goes_on_to_the_same_weights(
    base: Path, tmp_path: Path, killed_in: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Read(read_squad(base / "squad.json"))
    whole = train(_plan(base, tmp_path / "whole"), read).state_dict()
    learn = Training.learn

    def dying(self: Training, rows: list[Learnt]) -> float:
        if self.step + 1 == killed_in:
            raise KilledError
        return learn(self, rows)

    with monkeypatch.context() as patched:
        patched.setattr(training_module.Training, "learn", dying)
        with pytest.raises(KilledError):
            train(_plan(base, tmp_path / "killed"), read)
    resumed = train(_plan(base, tmp_path / "killed"), read).state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


@pytest.mark.usefixtures("short")
def test_a_checkpoint_of_another_training_is_refused(base: Path, tmp_path: Path) -> None:
    """Its weights would pass for those of the new arguments."""
    read = Read(read_squad(base / "squad.json"))
    plan = _plan(base, tmp_path)
    train(plan, read)
    train(replace(plan, save_every=5), read)  # which decides nothing
    for other, texts in ((replace(plan, seed=4), read), (plan, Read(read.squad[:-1]))):
        with pytest.raises(ValueError, match="is of a training from another base, of other texts or other arguments"):
            train(other, texts)


def test_a_step_brings_the_answer_nearer_and_leaves_what_is_frozen(base: Path, tmp_path: Path) -> None:
    training = Training(_plan(base, tmp_path))
    frozen = [training.model.bert.embeddings, training.model.bert.encoder.layer[0]]
    before = [weights.clone() for part in frozen for weights in part.parameters()]
    learning = training.model.bert.encoder.layer[1].output.dense.weight.clone()
    rows = [Learnt((0, 5, 2, 2, 9, 10, 11, 12, 2), (4, 8), 5, 6)] * 2
    losses = [training.learn(rows) for _ in range(STEPS)]
    assert losses[-1] < losses[0]
    assert all(map(torch.equal, before, (weights for part in frozen for weights in part.parameters())))
    assert not torch.equal(learning, training.model.bert.encoder.layer[1].output.dense.weight)


def test_the_rate_rises_and_then_falls_to_nothing() -> None:
    factors = [rate_factor(step / 100) for step in range(101)]
    assert factors.index(max(factors)) == 6
    assert 0 < factors[0] < 0.01
    assert factors[-1] == 0
    assert factors[7:] == sorted(factors[7:], reverse=True)
