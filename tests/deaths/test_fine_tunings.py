"""SIGKILL at random moments of `despliegue finetune-qa`, which is then resumed: it ends as if nothing had happened.

DESPLIEGUE_TRAINING_KILLS=20 python -m pytest tests/deaths/test_fine_tunings.py -s    the full trial, which prints where
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from threading import Thread

import pytest

from model_export.checkpoints.documents import TRAINING_RESULTS
from model_export.fine_tuning.run import HALF_MADE, REQUESTED, STATE, UNFINISHED
from tests.model_export.checkpoints.tiny import write_checkpoint
from tests.model_export.fine_tuning.small import QUESTIONS

KILLS = int(os.environ.get("DESPLIEGUE_TRAINING_KILLS", "1"))
SEED = int(os.environ.get("DESPLIEGUE_TRAINING_SEED", "19"))
ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = """
max_seq_length = 128
doc_stride = 64
max_query_length = 32
train_batch_size = 2
gradient_accumulation_steps = 2
num_train_epochs = 12
learning_rate = 1e-3
manual_seed = 11
evaluate_during_training = true
evaluate_during_training_steps = 5
early_stopping_metric = "f1"
save_steps = 7
"""
"""Three steps an epoch, the last with one batch instead of two; a checkpoint after each second step and evaluation."""
STEPS = 36
STEP = re.compile(r"step (\d+) of ")
EVALUATED = re.compile(r"evaluated at step (\d+)")
LONGEST_LIFE_SECONDS = 300

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="SKIPPED: this platform has no SIGKILL")


@dataclass
class Life:
    """One process of the command in a folder, and the lines that it has written."""

    folder: Path
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        resume = ["--resume"] if (self.unfinished / REQUESTED).exists() else []
        given = ["--train", "q.json", "--test", "q.json", "--base", "base", "--out", "out", "--config", "args.toml"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "model_export.commands.main", "finetune-qa", *given, *resume],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = Thread(target=self._read)
        self._reader.start()

    @property
    def unfinished(self) -> Path:
        return self.folder / "out" / UNFINISHED

    def checkpoints(self) -> set[str]:
        return {path.name for path in self.unfinished.glob("checkpoint-*")}

    def reached(self, pattern: re.Pattern[str]) -> list[int]:
        """The steps of the lines that the pattern matches."""
        return [int(found[1]) for line in list(self.lines) if (found := pattern.match(line))]

    def kill_when(self, is_time: Callable[[], bool], delay_seconds: float) -> bool:
        """Return True if the process was still at work when it was killed."""
        deadline = time.monotonic() + LONGEST_LIFE_SECONDS
        while self.process.poll() is None and not is_time():
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.0005)
        time.sleep(delay_seconds)
        self.process.kill()
        return self.end() == -signal.SIGKILL

    def end(self) -> int:
        code = self.process.wait(LONGEST_LIFE_SECONDS)
        self._reader.join()
        return code

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in iter(lines.readline, ""):
                self.lines.append(line)


def _in_a_checkpoint(life: Life, chance: random.Random) -> bool:
    """Killed while the Trainer writes a checkpoint, of which the state comes last."""
    before = life.checkpoints()

    def is_time() -> bool:
        made = sorted(life.checkpoints() - before)
        return bool(made) and not (life.unfinished / made[0] / STATE).exists()

    return life.kill_when(is_time, chance.uniform(0, 0.01))


def _after_an_evaluation(life: Life, chance: random.Random) -> bool:
    """Killed after an evaluation and before the checkpoint of its step, or in the models that are kept between."""
    wanted = chance.randint(1, 2)
    return life.kill_when(lambda: len(life.reached(EVALUATED)) >= wanted, chance.uniform(0, 0.05))


def _at_a_step(life: Life, chance: random.Random) -> bool:
    wanted = chance.randint(1, 6)
    return life.kill_when(lambda: len(life.reached(STEP)) >= wanted, chance.uniform(0, 0.2))


def _at_the_end(life: Life, chance: random.Random) -> bool:
    """Killed in what follows the last step: its evaluation, the last model, its results, and tidying up."""
    return life.kill_when(lambda: STEPS in life.reached(STEP), chance.uniform(0, 1.0))


MOMENTS: tuple[Callable[[Life, random.Random], bool], ...] = (
    _in_a_checkpoint,
    _after_an_evaluation,
    _at_a_step,
    _in_a_checkpoint,
    _at_a_step,
    _after_an_evaluation,
)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str], Path]:
    """Make a folder with everything that the command reads, the same each time."""
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    for name in ("accelerate", "matplotlib"):
        pytest.importorskip(name, reason=f"fine-tuning needs {name}, which this environment lacks")
    write_checkpoint(tmp_path / "bert", "bert", initializer_range=0.02)

    def make(name: str) -> Path:
        made = tmp_path / name
        shutil.copytree(tmp_path / "bert", made / "base")
        (made / "args.toml").write_text(ARGUMENTS, encoding="utf-8")
        (made / "q.json").write_text(json.dumps(list(map(_record, QUESTIONS))), encoding="utf-8")
        return made

    return make


def _record(question: object) -> dict[str, object]:
    held = asdict(question)  # type: ignore[call-overload]
    answers = [{"text": one["text"], "answer_start": one["start"]} for one in held["answers"]]
    asked = {"id": held["id"], "question": held["text"], "is_impossible": not answers, "answers": answers}
    return {"context": held["context"], "qas": [asked]}


def _files(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_fine_tuning_that_is_killed_and_resumed_leaves_the_same_curve_and_weights(
    folder: Callable[[str], Path],
) -> None:
    chance = random.Random(SEED)
    whole = folder("whole")
    assert Life(whole).end() == 0
    expected = _files(whole / "out")
    assert {"model.safetensors", "training_curve.csv", "best_model/model.safetensors"} <= expected.keys()

    moments = cycle(MOMENTS if KILLS <= 2 else (*MOMENTS, _at_the_end))
    killed = trials = 0
    while killed < KILLS:
        trials += 1
        trial = folder(f"trial-{trials}")
        while killed < KILLS and not (trial / "out" / TRAINING_RESULTS).exists():
            moment = next(moments)
            life = Life(trial)
            if not moment(life, chance):
                break
            killed += 1
            step = max(life.reached(STEP), default=0)
            print(f"kill {killed}: {moment.__name__.strip('_')}, step {step}, left {sorted(life.checkpoints())}")
        if life.process.returncode:
            _finish(trial)
        assert _files(trial / "out") == expected


def _finish(trial: Path) -> None:
    """Resume to the end, unless the run was killed while it deleted what it no longer needed."""
    out = trial / "out"
    if (out / TRAINING_RESULTS).exists() and not (out / UNFINISHED).exists():
        shutil.rmtree(out / HALF_MADE, ignore_errors=True)
        return
    life = Life(trial)
    assert life.end() == 0, life.lines
