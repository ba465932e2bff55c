"""Despliegue beside servers that others wrote, over HTTP: python -m benchmarks.peers [--rounds 7] [--only NAME ...]

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

from benchmarks.peers.catalogue import DESPLIEGUE, MODEL, PEERS
from benchmarks.peers.comparison import compare
from benchmarks.peers.document import document
from benchmarks.peers.environments import default_folder
from benchmarks.preparation import MODELS, home_of, prepare
from benchmarks.results_file import BESIDE_OTHERS, write_part

ROUNDS = 7


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write RESULTS.md; 1 if no peer could be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--environments", type=Path, default=default_folder(), help="default: %(default)s")
    names = [peer.name for peer in PEERS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        print(f"{MODEL}: training", file=sys.stderr)
        prepare(MODEL, folder)
        shutil.copytree(MODELS / MODEL, folder / "models" / MODEL)
        registry = home_of(folder).registry
        (folder / "model.onnx").write_bytes(registry.artifact(registry.manifest(MODEL, 1), "model.onnx"))
        loads = [os.getloadavg()[0]]
        peers = [peer for peer in PEERS if peer.name in asked.only]
        compared = compare(DESPLIEGUE, peers, folder, asked.environments, asked.rounds)
        loads.append(os.getloadavg()[0])
    text = document(compared, asked.rounds, loads)
    print(text)
    write_part(BESIDE_OTHERS[MODEL], text)
    return 0 if len(compared.measured) > 1 else 1


if __name__ == "__main__":
    sys.exit(main())
