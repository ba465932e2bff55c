"""Despliegue beside servers that others wrote, over HTTP: python -m benchmarks.peers [--models churn] [--only NAME ...]

Each peer has a virtual environment of its own, made from a file of requirements/ when it is first needed, in
$XDG_CACHE_HOME/despliegue-peers or where --environments says: 3 GB and some minutes for all. A peer that cannot be
installed or started, or that predicts something else, is skipped, and the table says why.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.catalogue import DESPLIEGUE, PEERS
from benchmarks.peers.comparison import compare
from benchmarks.peers.document import document
from benchmarks.peers.environments import default_folder
from benchmarks.preparation import MODELS, PROJECT, home_of, prepare
from benchmarks.results_file import BESIDE_OTHERS, write_part

ROUNDS = 7


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a part of RESULTS.md for each model; 1 if no peer of a model could be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=PEERS, default=list(PEERS), metavar="MODEL")
    names = list(dict.fromkeys(peer.name for peers in PEERS.values() for peer in peers))
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--environments", type=Path, default=default_folder(), help="default: %(default)s")
    asked = parser.parse_args(arguments)
    if asked.environments.resolve().is_relative_to(PROJECT):
        parser.error(f"--environments {asked.environments} lies in the repository: name a folder outside of it")
    measured = [_measure(model, asked.only, asked.environments, asked.rounds) for model in asked.models]
    return 0 if min(measured) > 1 else 1


def _measure(model: str, names: Sequence[str], environments: Path, rounds: int) -> int:
    """The number of servers that were measured."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        print(f"{model}: training", file=sys.stderr)
        prepare(model, folder)
        shutil.copytree(MODELS / model, folder / "models" / model)
        registry = home_of(folder).registry
        (folder / "model.onnx").write_bytes(registry.artifact(registry.manifest(model, 1), "model.onnx"))
        loads = [os.getloadavg()[0]]
        peers = [peer for peer in PEERS[model] if peer.name in names]
        compared = compare(DESPLIEGUE[model], peers, folder, environments, rounds)
        loads.append(os.getloadavg()[0])
    text = document(model, compared, rounds, loads)
    print(text)
    write_part(BESIDE_OTHERS[model], text)
    return len(compared.measured)


if __name__ == "__main__":
    sys.exit(main())
