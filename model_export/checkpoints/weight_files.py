"""Files of a checkpoint's weights, by their names alone; it imports nothing heavy."""

from __future__ import annotations

from pathlib import Path

from functions.core.errors import CheckpointError

SAFE_WEIGHTS = ("model*.safetensors", "model.safetensors.index.json")
PICKLED_WEIGHTS = ("pytorch_model*.bin", "pytorch_model.bin.index.json")


def has_weights(folder: Path) -> bool:
    """True for weights of either kind, also for a part of them."""
    return any(any(folder.glob(kind[0])) for kind in (SAFE_WEIGHTS, PICKLED_WEIGHTS))


def weights_are_safe(folder: Path, *, trust_pickle: bool) -> bool:
    """True for safetensors, False for pickled weights that may be read; raises CheckpointError without either."""
    if any(folder.glob(SAFE_WEIGHTS[0])):
        return True
    pickled = any(folder.glob(PICKLED_WEIGHTS[0]))
    if trust_pickle and pickled:
        return False
    held = "pickled weights, and reading a pickle may run code" if pickled else "no model.safetensors"
    raise CheckpointError(
        f"{folder} holds {held}: save it with save_pretrained (safetensors is its default); pickled weights of "
        "someone you trust are read with --trust-pickle"
    )
