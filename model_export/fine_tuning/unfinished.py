"""A run on its way: what it was asked, and its last whole checkpoint, so that it can go on after a kill."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from functions.core.errors import CheckpointError
from model_export.fine_tuning.folders import UNFINISHED, clear, refuse_filled, refuse_foreign
from model_export.fine_tuning.order import FineTuning
from model_export.fine_tuning.ranges import LARGEST_SEED
from model_export.question_answering.squad import Question

ASKED = "asked.json"
STATE = "trainer_state.json"
"""Of a checkpoint the file that is written last."""
FREE = ("overwrite_output_dir", "wandb_project", "wandb_kwargs", "use_multiprocessing")
"""Arguments that may change between two runs, as the result does not depend on them."""


@dataclass(frozen=True, slots=True)
class Run:
    """`folder` is for checkpoints; without a `checkpoint` the run begins with the first step."""

    folder: Path
    seed: int
    checkpoint: Path | None

    def begin(self, order: FineTuning) -> None:
        """Nothing is deleted or written before."""
        if order.resume:
            return
        clear(order.out, order.best)
        self.folder.mkdir(parents=True)
        document = {"seed": self.seed, "asked": _asked(order)}
        (self.folder / ASKED).write_text(json.dumps(document, indent=2), encoding="utf-8")

    def end(self) -> None:
        shutil.rmtree(self.folder)


def open_run(order: FineTuning) -> Run:
    """A new one, or with `resume` the one in the output's folder; raises CheckpointError."""
    return _resumed(order) if order.resume else _new(order)


def drop_checkpoints_before(step: int, folder: Path) -> None:
    """When that of `step` is whole."""
    for checkpoint in folder.glob("checkpoint-*"):
        if checkpoint.name != f"checkpoint-{step}":
            shutil.rmtree(checkpoint)


def _new(order: FineTuning) -> Run:
    if order.arguments.overwrite_output_dir:
        refuse_foreign(order.best)
    else:
        refuse_filled(order.out)
        refuse_filled(order.best)
    seed = order.arguments.manual_seed
    return Run(order.out / UNFINISHED, secrets.randbelow(LARGEST_SEED + 1) if seed is None else seed, None)


def _resumed(order: FineTuning) -> Run:
    folder = order.out / UNFINISHED
    document = _document(folder / ASKED)
    if document is None:
        raise CheckpointError(f"{order.out} holds no unfinished run: leave --resume out")
    changed = _changed(document["asked"], _asked(order))
    if changed:
        raise CheckpointError(
            f"{order.out} was begun with another {', '.join(changed)}: resume with the same, or begin anew with "
            "overwrite_output_dir"
        )
    return Run(folder, int(document["seed"]), _last_whole(folder))


def _last_whole(folder: Path) -> Path | None:
    """The one of the most steps; half-written ones go."""
    whole: dict[int, Path] = {}
    for checkpoint in folder.glob("checkpoint-*"):
        state = _document(checkpoint / STATE)
        if state is None:
            shutil.rmtree(checkpoint)
        else:
            whole[int(state["global_step"])] = checkpoint
    return whole[max(whole)] if whole else None


def _asked(order: FineTuning) -> dict[str, Any]:
    arguments = {name: value for name, value in asdict(order.arguments).items() if name not in FREE}
    questions = {"train": _digest(order.train), "test": _digest(order.test)}
    return {"base": order.base, **questions, **arguments}


def _digest(questions: Sequence[Question]) -> str:
    body = json.dumps([asdict(one) for one in questions], ensure_ascii=False)
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def _changed(earlier: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in earlier.keys() | asked.keys() if earlier.get(name) != asked.get(name))


def _document(path: Path) -> dict[str, Any] | None:
    """None for one that is absent, or was not written to its end."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
