"""One fine-tuning run: its request, its folders, and its state on disk, from which it resumes after a kill."""

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
from model_export.checkpoints.documents import TRAINING_ARGUMENTS
from model_export.fine_tuning.arguments import LARGEST_SEED, FineTuningArguments
from model_export.question_answering.squad import Question

UNFINISHED = "unfinished"
"""Folder inside the output folder, for as long as the run is not finished: what is needed to resume it."""
HALF_MADE = "unfinished.partial"
"""Its name until the request is in it, and while it is deleted; a killed run may leave it, and nothing in it counts."""
CACHE = "cached_features"
"""Folder of tokens inside the output folder; it is filled before a run has begun, and none depends on it."""
OWN_FOLDERS = (UNFINISHED, HALF_MADE, CACHE)
"""Names inside the output folder that no other folder may have."""
REQUESTED = "asked.json"
STATE = "trainer_state.json"
"""File of a checkpoint that the Trainer writes last."""
FREE = (
    "output_dir",
    "overwrite_output_dir",
    "wandb_project",
    "wandb_kwargs",
    "use_multiprocessing",
    "dataloader_num_workers",
    "silent",
)
"""Arguments that may change when a run is resumed, as the result does not depend on them."""


@dataclass(frozen=True, slots=True)
class FineTuningRequest:
    """A model to fine-tune, its questions and arguments, all checked.

    `base` is an id of the hub, a checkpoint's folder, or a configuration to train from scratch. Every answer is at its
    start in its context, and ids are unique within each file; without a test file `test` is empty. With `resume` an
    earlier run continues; with `trust_pickle` pickled weights of the base are read.
    """

    train: Sequence[Question]
    test: Sequence[Question]
    base: str
    arguments: FineTuningArguments
    resume: bool = False
    trust_pickle: bool = False

    @property
    def out(self) -> Path:
        return Path(self.arguments.output_dir)

    @property
    def best(self) -> Path:
        return Path(self.arguments.best_model_dir)

    @property
    def has_impossible(self) -> bool:
        """True if the empty text is an answer."""
        return any(not question.answers for question in (*self.train, *self.test))

    def model_args(self, *, is_fresh: bool) -> dict[str, Any]:
        """Contents of the model's model_args.json: the arguments, and what else serving needs to know.

        With `is_fresh` the base gave no weights, and is not named: the model was trained from scratch.
        """
        name = None if is_fresh else self._base_name()
        return {"model_name": name, **asdict(self.arguments), "handle_impossible_answer": self.has_impossible}

    def _base_name(self) -> str:
        """The id of the hub; of a folder the last part alone, which is none."""
        base = Path(self.base)
        return base.resolve().name if base.exists() else self.base


@dataclass(frozen=True, slots=True)
class BaseRecord:
    """What a run remembers of its base: the digest of what it read there, and of a hub model the id and the commit.

    A folder is known by the digest alone, so that another path to it is the same base.
    """

    digest: str
    hub_id: str | None = None
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class FineTuningRun:
    """`folder` is for checkpoints; without a `checkpoint` the run begins with the first step.

    `base` is what a resumed run began with.
    """

    folder: Path
    seed: int
    checkpoint: Path | None
    base: BaseRecord | None = None

    def revision_of(self, base: str) -> str | None:
        """The commit of the hub model `base` that the run began with; None for another base, and for a new run."""
        return self.base.revision if self.base is not None and self.base.hub_id == base else None

    def refuse_another_base(self, base: BaseRecord, name: str) -> None:
        """Raise CheckpointError, with the `name` of the base, if the run was begun with another one."""
        if self.base is not None and self.base.digest != base.digest:
            raise CheckpointError(
                f"{self.folder.parent} was begun with another base: the tokenizer or the configuration of {name} is "
                "not as it was: bring that back, or start over with overwrite_output_dir"
            )

    def begin(self, request: FineTuningRequest, base: BaseRecord) -> None:
        """Remove what an earlier run left, and record the request; before, nothing but the cache is written."""
        if request.resume:
            return
        # Only now: everything that can be refused was refused before, so a refusal deletes nothing.
        _clear(request.out, request.best)
        document = {"seed": self.seed, "base": asdict(base), "asked": _recorded(request)}
        half_made = self._half_made()
        half_made.mkdir(parents=True)
        (half_made / REQUESTED).write_text(json.dumps(document, indent=2), encoding="utf-8")
        half_made.rename(self.folder)

    def end(self) -> None:
        # Renamed first: killed on the way, nothing is left that looks like an unfinished run.
        half_made = self._half_made()
        self.folder.rename(half_made)
        shutil.rmtree(half_made)

    def _half_made(self) -> Path:
        """The path of a folder that does not exist."""
        path = self.folder.with_name(HALF_MADE)
        if path.exists():
            shutil.rmtree(path)
        return path


def open_run(request: FineTuningRequest) -> FineTuningRun:
    """A new run, or with `resume` the one in the output folder; raises CheckpointError."""
    return _resumed(request) if request.resume else _new(request)


def drop_checkpoints_before(step: int, folder: Path) -> None:
    """Delete earlier checkpoints; call only after the checkpoint of `step` is complete."""
    for checkpoint in folder.glob("checkpoint-*"):
        if checkpoint.name != f"checkpoint-{step}":
            shutil.rmtree(checkpoint)


def is_filled(folder: Path, *, is_out: bool) -> bool:
    """True if it holds anything; in an output folder not what a run left that ended before it had begun.

    A folder for the best model is replaced as a whole, so anything counts there.
    """
    left = (HALF_MADE, CACHE) if is_out else ()
    return folder.is_dir() and any(path.name not in left for path in folder.iterdir())


def not_empty(folder: Path) -> str:
    """Message about an output folder that is filled."""
    return (
        f"{folder} is not empty: choose another folder, set overwrite_output_dir, or continue the run that "
        "is there with --resume"
    )


def _new(request: FineTuningRequest) -> FineTuningRun:
    if request.arguments.overwrite_output_dir:
        _refuse_foreign(request.best)
    else:
        _refuse_filled(request.out, is_out=True)
        _refuse_filled(request.best, is_out=False)
    seed = request.arguments.manual_seed
    return FineTuningRun(request.out / UNFINISHED, secrets.randbelow(LARGEST_SEED + 1) if seed is None else seed, None)


def _resumed(request: FineTuningRequest) -> FineTuningRun:
    folder = request.out / UNFINISHED
    document = _read_json(folder / REQUESTED)
    if document is None:
        is_finished = (request.out / TRAINING_ARGUMENTS).is_file()
        advice = "the model there is finished" if is_finished else "leave --resume out"
        raise CheckpointError(f"{request.out} holds no unfinished run: {advice}")
    if "base" not in document:
        raise CheckpointError(
            f"{request.out} was begun by an earlier release: resume it with that, or start over with "
            "overwrite_output_dir"
        )
    changed = _changed(document["asked"], _recorded(request))
    if changed:
        raise CheckpointError(
            f"{request.out} was begun with another {', '.join(changed)}: resume with the same, or start over with "
            "overwrite_output_dir"
        )
    return FineTuningRun(folder, int(document["seed"]), _last_complete(folder), BaseRecord(**document["base"]))


def _last_complete(folder: Path) -> Path | None:
    """Checkpoint of the most steps; incomplete ones are deleted."""
    complete: dict[int, Path] = {}
    for checkpoint in folder.glob("checkpoint-*"):
        state = _read_json(checkpoint / STATE)
        if state is None:
            shutil.rmtree(checkpoint)
        else:
            complete[int(state["global_step"])] = checkpoint
    return complete[max(complete)] if complete else None


def _clear(out: Path, best: Path) -> None:
    """Delete the models and checkpoints of an earlier fine-tuning; everything else in the folders stays."""
    for folder in (*out.glob("checkpoint-*"), best, out / UNFINISHED):
        if folder.is_dir() and _is_ours(folder):
            shutil.rmtree(folder)


def _refuse_filled(folder: Path, *, is_out: bool) -> None:
    if is_filled(folder, is_out=is_out):
        raise CheckpointError(not_empty(folder))


def _refuse_foreign(folder: Path) -> None:
    """A folder that is replaced as a whole must hold nothing but a fine-tuned model."""
    if is_filled(folder, is_out=False) and not _is_ours(folder):
        raise CheckpointError(f"{folder} holds no fine-tuned model, so it is not overwritten: choose another folder")


def _is_ours(folder: Path) -> bool:
    return folder.name == UNFINISHED or (folder / TRAINING_ARGUMENTS).is_file()


def _recorded(request: FineTuningRequest) -> dict[str, Any]:
    """Everything that the result depends on, but for the base, which is not loaded yet."""
    arguments = {name: value for name, value in asdict(request.arguments).items() if name not in FREE}
    arguments["best_model_dir"] = _seen_from(request.out, request.best)
    questions = {"train": _digest(request.train), "test": _digest(request.test)}
    # as the file has it, which knows no tuples
    recorded: dict[str, Any] = json.loads(json.dumps({**questions, **arguments}))
    return recorded


def _seen_from(out: Path, folder: Path) -> str:
    """The path of the folder inside the output folder, else its whole path: the same however it is written."""
    out, folder = out.resolve(), folder.resolve()
    return (folder.relative_to(out) if folder.is_relative_to(out) else folder).as_posix()


def _digest(questions: Sequence[Question]) -> str:
    body = json.dumps([asdict(question) for question in questions], ensure_ascii=False)
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def _changed(earlier: Mapping[str, Any], requested: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in earlier.keys() | requested.keys() if earlier.get(name) != requested.get(name))


def _read_json(path: Path) -> dict[str, Any] | None:
    """The document, or None where the file is absent or was not written to its end."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document
