"""One server in a process of its own, which takes commands from stdin: python -m benchmarks.server_process ..."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from itertools import cycle, islice
from pathlib import Path

from benchmarks.preparation import SIZES, read_bodies
from benchmarks.servers import Caller, Server, find_server, start


class Measured:
    """A started server with its requests ready."""

    def __init__(self, caller: Caller, server: Server, model: str, folder: Path) -> None:
        self._caller = caller
        self._paths = {size: server.path(model, is_batch=rows > 1) for size, rows in SIZES.items()}
        self._bodies = {size: read_bodies(folder, size) for size in SIZES}
        self._server = server

    def round(self, size: str, count: int) -> dict[str, float]:
        """Answer `count` requests; returns the CPU seconds of the whole process for all of them together."""
        bodies = list(islice(cycle(self._bodies[size]), count))
        before = time.process_time()
        self._caller.last_answer(self._paths[size], bodies)
        return {"cpu_seconds": time.process_time() - before, "resident_mb": resident_mb()}

    def values(self, size: str, count: int) -> dict[str, list[float]]:
        """The predictions for the first `count` requests, in order."""
        answers = [self._caller.last_answer(self._paths[size], [body]) for body in self._bodies[size][:count]]
        return {"values": [value for answer in answers for value in self._server.values(json.loads(answer))]}


def resident_mb() -> float:
    """Resident memory of this process now, MiB; NaN where the system has no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(model: str, name: str, folder: Path) -> None:
    server = find_server(model, name)
    caller = start(server, model, folder)
    first = read_bodies(folder, "one")[0]
    caller.last_answer(server.path(model, is_batch=False), [first])
    _tell({"cpu_seconds": time.process_time(), "resident_mb": resident_mb()})
    measured = Measured(caller, server, model, folder)
    for line in sys.stdin:
        order = json.loads(line)
        do = measured.round if order["do"] == "round" else measured.values
        _tell(do(order["size"], order["count"]))


def _tell(message: Mapping[str, object]) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
