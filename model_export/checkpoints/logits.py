"""Logits of a graph, and of the model that it was made from, for the same inputs."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

Arrays = dict[str, npt.NDArray[np.int64]]
"""The inputs of a batch by name, [B, S] each."""
Logits = npt.NDArray[np.float32]


def graph_logits(session: Any, outputs: Sequence[str], arrays: Arrays) -> list[Logits]:
    """The `outputs` of a session over the graph, which is given only the inputs that it has."""
    names = [tensor.name for tensor in session.get_inputs()]
    logits: list[Logits] = session.run(outputs, {name: arrays[name] for name in names})
    return logits


def model_logits(model: Any, outputs: Sequence[str], arrays: Arrays) -> list[Logits]:
    """The outputs of the model, which have the same names there."""
    taken = ("input_ids", "attention_mask", *(["token_type_ids"] if has_types(model) else []))
    with torch.inference_mode():
        found = model(**{name: torch.from_numpy(arrays[name]) for name in taken})
    return [found[name].numpy() for name in outputs]


def has_types(model: Any) -> bool:
    """True for a model that reads the types of its tokens."""
    # a model with one type alone has an input for it all the same, and reads no other type from it
    is_taken = "token_type_ids" in signature(model.forward).parameters
    return is_taken and getattr(model.config, "type_vocab_size", 0) > 1
