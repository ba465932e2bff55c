"""Logging to Weights & Biases, for those who name a project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec

from functions.core.errors import DespliegueError
from model_export.fine_tuning.arguments import FineTuningArguments


def refuse_absent(arguments: FineTuningArguments) -> None:
    if arguments.wandb_project is not None and find_spec("wandb") is None:
        raise DespliegueError(
            f"wandb_project is {arguments.wandb_project!r}, and wandb is not installed: `pip install wandb`, or leave "
            "wandb_project out"
        )


@contextmanager
def logged(arguments: FineTuningArguments) -> Iterator[list[str]]:
    """What the Trainer is to report to, while its run is open.

    Offline as wandb has it: WANDB_MODE=offline, or mode in `wandb_kwargs`.
    """
    if arguments.wandb_project is None:
        yield []
        return
    import wandb

    run = wandb.init(project=arguments.wandb_project, **{"config": asdict(arguments), **arguments.wandb_kwargs})
    try:
        yield ["wandb"]
    finally:
        run.finish()
