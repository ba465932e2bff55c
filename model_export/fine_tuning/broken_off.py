"""What is said where a fine-tuning breaks off: whether it goes on from there, and how."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from functions.core.errors import DespliegueError

GOES_ON = "the same command with --resume goes on from the last checkpoint"


@contextmanager
def break_off_explained(out: Path, *, is_begun: bool) -> Iterator[None]:
    """Turn errors of libraries into a DespliegueError about `out`, and give Ctrl-C a text, both with the way on.

    A run that `is_begun` can be resumed. An error that is a DespliegueError already has its advice.
    """
    try:
        yield
    except DespliegueError:
        raise
    except KeyboardInterrupt:
        if not is_begun:
            raise
        raise KeyboardInterrupt(GOES_ON) from None
    except Exception as error:  # of torch, safetensors, the Trainer and wandb, which have no common base
        raise DespliegueError(f"{out}: {_begun(error) if is_begun else _not_begun(error)}") from error


def _begun(error: Exception) -> str:
    return (
        f"the training broke off ({_what(error)}): where the machine was the cause, such as a full disk, {GOES_ON}; "
        "other arguments, such as a smaller train_batch_size, begin anew with overwrite_output_dir"
    )


def _not_begun(error: Exception) -> str:
    return f"the training did not begin ({_what(error)}): correct that, and run the same command again"


def _what(error: Exception) -> str:
    """Its class and the first line of its text: torch adds a stack of C++."""
    lines = str(error).strip().splitlines()
    return ": ".join([type(error).__name__, *lines[:1]])
