"""python -m zoo.becas.averaged CHECKPOINT... --out DIR

The mean of the weights of several stages that began with the same one. It often answers better than each of them
(Wortsman and others, Model soups, 2022), and takes no time to run.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

WEIGHTS = "model.safetensors"
BESIDE = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


def mean(states: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of each tensor, added up in float64. Raises ValueError for states that are not of one architecture."""
    first, *others = ({name: tensor.shape for name, tensor in state.items()} for state in states)
    if any(shapes != first for shapes in others):
        raise ValueError("the checkpoints have other tensors: average stages of one base")
    return {
        name: torch.stack([state[name].double() for state in states]).mean(0).to(tensor.dtype)
        for name, tensor in states[0].items()
    }


def average(folders: Sequence[Path], out: Path) -> None:
    """Write the mean of the checkpoints to `out`. Raises ValueError for checkpoints of two tokenizers."""
    tokenizers = {(folder / "tokenizer.json").read_bytes() for folder in folders}
    if len(tokenizers) != 1:
        raise ValueError("the checkpoints have other tokenizers: average stages of one base")
    found = mean([load_file(folder / WEIGHTS) for folder in folders])
    out.mkdir(parents=True, exist_ok=True)
    save_file(found, out / WEIGHTS, {"format": "pt"})
    for name in BESIDE:
        shutil.copy(folders[0] / name, out / name)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", type=Path, nargs="+", metavar="CHECKPOINT", help="folder of a stage")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    average(given.checkpoints, given.out)


if __name__ == "__main__":
    main()
