"""A peer as its own process, served as Despliegue serves itself: python -m benchmarks.peer_process MODULE FOLDER"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from functions.local.server import listen, run


def main(module: str, folder: Path) -> None:
    application = importlib.import_module(f"benchmarks.peers.{module}").create(folder)
    socket = listen("127.0.0.1", 0)
    print(f"serving on http://127.0.0.1:{socket.getsockname()[1]}", flush=True)
    run(application, socket)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
