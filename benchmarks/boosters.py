"""An XGBoost model of 500 trees through Despliegue and through XGBoost itself: python -m benchmarks.boosters"""

from __future__ import annotations

import importlib
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.asgi import AsgiCaller
from benchmarks.measure import ONE_THREAD_ENVIRONMENT, ratio_within_rounds
from benchmarks.preparation import BODIES, PROJECT, SIZES, home_of, read_bodies
from benchmarks.report import WORDS, table
from benchmarks.results_file import BOOSTERS, write_part
from benchmarks.server_process import resident_mb

MODEL = "houses"
TREES, DEPTH, ROWS, FEATURES = 500, 6, 5000, 10
ROUNDS = 15
ROUND_SECONDS = 0.2
LARGEST_DIFFERENCE = 1e-6
"""Between answers, which are float32 with the digits of a double here and their own there."""
SERVERS: Mapping[str, str] = {
    "despliegue": "Despliegue",
    "fastapi_frame": "FastAPI, XGBRegressor, DataFrame",
    "fastapi_array": "FastAPI, Booster.inplace_predict, array",
}


def main() -> int:
    """Measure, print and write the part of RESULTS.md; exit code 1 if the servers answer otherwise."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        prepare(folder)
        with ExitStack() as stack:
            servers = [stack.enter_context(_running(name, folder)) for name in SERVERS]
            apart = max(_apart(servers[0], peer) for peer in servers[1:])
            cpu_us = {size: _rounds(servers, size) for size in SIZES}
            memory = [server.tell("round", "one", 1000)["resident_mb"] for server in servers]
    text = _document(cpu_us, memory, apart)
    print(text)
    write_part(BOOSTERS, text)
    return 0 if apart <= LARGEST_DIFFERENCE else 1


def prepare(folder: Path) -> None:
    """Fit the model, publish it from its joblib as `despliegue new` does, and write the requests."""
    import joblib
    import numpy as np
    import pandas as pd
    import xgboost

    from model_export.draft.create import NewModel, create
    from model_export.publishing import publish_and_promote

    chance = np.random.default_rng(1)
    rows = pd.DataFrame(chance.random((ROWS, FEATURES)), columns=[f"x{place}" for place in range(FEATURES)])
    price = 10 * np.sin(np.pi * rows.x0 * rows.x1) + 20 * (rows.x2 - 0.5) ** 2 + 10 * rows.x3 + chance.normal(size=ROWS)
    rows = rows.mask(chance.random(rows.shape) < 0.05)
    model = xgboost.XGBRegressor(n_estimators=TREES, max_depth=DEPTH, learning_rate=0.05, n_jobs=1).fit(rows, price)
    joblib.dump(model, folder / "model.joblib")
    rows.assign(price=price).to_csv(folder / "table.csv", index=False)
    wanted = NewModel(
        MODEL, folder / "table.csv", "price", folder / "models", pipeline=[folder / "model.joblib"], with_sample=False
    )
    made = create(wanted, lambda stage, share: None)
    publish_and_promote(home_of(folder).registry, made.definition, made.candidate, actor="benchmark")
    instances = [
        {name: None if value != value else value for name, value in row.items()} for row in rows.to_dict("records")
    ]
    drawn = random.Random(1)
    for size, count in SIZES.items():
        batches = [drawn.choices(instances, k=count) for _ in range(BODIES[size])]
        bodies = [json.dumps(batch if count > 1 else batch[0]) for batch in batches]
        (folder / f"{size}.json").write_text(json.dumps(bodies))


class _Server:
    """A server in a process of its own, which takes lines of JSON."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def tell(self, do: str, size: str, count: int) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, "size": size, "count": count}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a server ended before it answered: see its own error above")
        return json.loads(line)


@contextmanager
def _running(name: str, folder: Path) -> Iterator[_Server]:
    command = [sys.executable, "-m", "benchmarks.boosters", name, str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=ONE_THREAD_ENVIRONMENT
    ) as process:
        yield _Server(process)
        assert process.stdin is not None
        process.stdin.close()


def _rounds(servers: Sequence[_Server], size: str) -> list[list[float]]:
    """Microseconds of CPU a request, by server and round; the order of the servers changes with each round."""
    tried = 5
    seconds = [server.tell("round", size, tried)["cpu_seconds"] / tried for server in servers]
    counts = [max(tried, round(ROUND_SECONDS / one)) for one in seconds]
    rounds: list[list[float]] = [[] for _ in servers]
    for turn in range(ROUNDS):
        for step in range(len(servers)):
            place = (turn + step) % len(servers)
            taken = servers[place].tell("round", size, counts[place])["cpu_seconds"]
            rounds[place].append(taken / counts[place] * 1e6)
    return rounds


def _apart(ours: _Server, peer: _Server) -> float:
    """The largest distance of a peer's answers, relative to the greater one of 1 and the value."""
    pairs = [
        pair
        for size, count in {"one": 50, "thousand": 1}.items()
        for pair in zip(*(server.tell("values", size, count)["values"] for server in (ours, peer)), strict=True)
    ]
    return float(max(abs(a - b) / max(1.0, abs(a)) for a, b in pairs))


def _document(cpu_us: Mapping[str, Sequence[Sequence[float]]], memory: Sequence[float], apart: float) -> str:
    libraries = ("fastapi", "numpy", "onnxruntime", "pandas", "scikit-learn", "xgboost-cpu")
    rows = [
        [
            label,
            *(
                cell
                for size in SIZES
                for cell in (f"{median(cpu_us[size][place]) / 1000:.3g}", _ratio(cpu_us[size], place))
            ),
            f"{memory[place]:.0f}",
        ]
        for place, label in enumerate(SERVERS.values())
    ]
    header = ["server", *(cell for size in SIZES for cell in (f"{WORDS[size]}, ms", "times ours")), "memory, MiB"]
    return "\n\n".join(
        [
            f"Written by `python -m benchmarks.boosters`: an XGBRegressor of {TREES} trees of depth {DEPTH} over"
            f" {FEATURES} numbers with missing values, published from its joblib, and the same joblib behind FastAPI."
            " Whole request bytes in and whole response bytes out, no sockets; each server has a process of its own"
            f" with one thread, and they take turns in {ROUNDS} rounds. CPU time, medians over the rounds; ratios are"
            " medians of the ratios within a round. Take the ratios: the times belong to the machine.",
            f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
            f" {platform.python_version()}; {', '.join(f'{name} {version(name)}' for name in libraries)}.",
            table(header, rows),
            f"The answers differ by {apart:.1e} relative at most, the digits with which a float32 is written.",
        ]
    )


def _ratio(cpu_us: Sequence[Sequence[float]], place: int) -> str:
    return f"{ratio_within_rounds(cpu_us[place], cpu_us[0]):.2f}"


def serve(name: str, folder: Path) -> None:
    """Answer the orders on stdin: requests in a round, with their CPU seconds, or the values that are predicted."""
    is_ours = name == "despliegue"
    application = (
        _despliegue(folder) if is_ours else importlib.import_module(f"benchmarks.peers.boosted.{name}").create(folder)
    )
    caller = AsgiCaller(application)
    bodies = {size: read_bodies(folder, size) for size in SIZES}
    for line in sys.stdin:
        order = json.loads(line)
        size, count = order["size"], order["count"]
        path = f"/models/{MODEL}/predict" if is_ours else "/predict" if size == "one" else "/predict/batch"
        if order["do"] == "round":
            chosen = [body for body, _ in zip(cycle(bodies[size]), range(count), strict=False)]
            before = time.process_time()
            caller.last_answer(path, chosen)
            answer: Any = {"cpu_seconds": time.process_time() - before, "resident_mb": resident_mb()}
        else:
            found = [json.loads(caller.last_answer(path, [body])) for body in bodies[size][:count]]
            rows = [one["data"]["predictions"] if is_ours else one for one in found]
            answer = {"values": [value for row in rows for value in (row if isinstance(row, list) else [row])]}
        print(json.dumps(answer), flush=True)


def _despliegue(folder: Path) -> Any:
    from functions.core.model_folder import load_definition
    from functions.local.application import local_application

    definitions = {MODEL: load_definition(folder / "models" / MODEL)}
    return local_application(home_of(folder), definitions, base_url="http://127.0.0.1:8000")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(main())
