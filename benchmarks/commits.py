"""CPU time of this checkout beside another one: python -m benchmarks.commits CHECKOUT"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from benchmarks.measure import ROUNDS, ratio_within_rounds, rounds_of, running
from benchmarks.preparation import SIZES, prepare, read_bodies
from benchmarks.process_tree import cpu_seconds
from benchmarks.report import WORDS, table
from benchmarks.results_file import COMMITS, write_part
from benchmarks.runtime import (
    MODEL,
    PREDICT,
    function_variables,
    predict_event,
    running_function,
    upload_registry,
)
from benchmarks.servers import DESPLIEGUE, SERVERS
from benchmarks.slow_store import slow_store
from tools.checkout import HERE, Checkout
from tools.object_store import object_store, variables_for

STARTS = 15
Answering = Callable[[], float]
EVENTS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: what was measured, the most that is required of the ratio, and the CPU time in each round.

    `before` is the other checkout's, `now` this one's, in `unit`.
    """

    what: str
    unit: str
    at_most: float | None
    before: Sequence[float]
    now: Sequence[float]

    @property
    def ratio(self) -> float:
        return ratio_within_rounds(self.now, self.before)

    @property
    def is_enough(self) -> bool:
        return self.at_most is None or self.ratio <= self.at_most


MOST_IN_PROCESS = {("churn", "one"): 0.55, ("car-price", "one"): 0.55, ("churn", "thousand"): 0.6} | {
    ("car-price", "thousand"): 0.85
}
MOST_OF_A_START = 0.5
MOST_OF_AN_ANSWER = 0.35


def main() -> int:
    """Measure and write RESULTS.md; 1 if a required ratio is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commits", description=__doc__)
    parser.add_argument(
        "checkout", type=Path, help="a checkout of the other commit; its packages are those of this one"
    )
    other = Checkout(parser.parse_args().checkout.resolve(), sys.executable)
    with tempfile.TemporaryDirectory() as root:
        folders = {model: Path(root, model) for model in SERVERS}
        for model, folder in folders.items():
            print(f"{model}: training, then measuring", file=sys.stderr)
            folder.mkdir()
            prepare(model, folder)
        rows = [row for model, folder in folders.items() for row in _in_process(model, folder, other)]
        rows += _under_the_runtime_client(folders[MODEL], other)
    text = _document(rows, other)
    print(text)
    write_part(COMMITS, text)
    return 0 if all(row.is_enough for row in rows) else 1


def _in_process(model: str, folder: Path, other: Checkout) -> Iterator[Row]:
    """The application of a laptop, called without a socket."""
    with ExitStack() as stack:
        checkouts = (other, HERE)
        children = [stack.enter_context(running(DESPLIEGUE, model, folder, one.root)) for one in checkouts]
        for size in SIZES:
            before, now = rounds_of(children, size)
            yield Row(f"{model}, {WORDS[size]} in process", "µs", MOST_IN_PROCESS.get((model, size)), before, now)


def _under_the_runtime_client(folder: Path, other: Checkout) -> Iterator[Row]:
    """The predict function with its registry on S3, which runs in a process of its own and is not counted."""
    with object_store() as store:
        upload_registry(folder, store)
        variables = function_variables(store)
        starts = [[_start_ms(variables, folder, one) for one in (other, HERE)] for _ in range(STARTS)]
        yield Row("start of the predict function", "ms", MOST_OF_A_START, *zip(*starts, strict=True))
        yield _answers(
            "one row to the predict function, an S3 that ends each connection", None, variables, folder, other
        )
    with slow_store({}, 0.0) as keeping:
        store = variables_for(keeping.url)
        upload_registry(folder, store)
        variables = function_variables(store)
        what = "one row to the predict function, an S3 that keeps connections"
        yield _answers(what, MOST_OF_AN_ANSWER, variables, folder, other)


def _answers(what: str, at_most: float | None, variables: Mapping[str, str], folder: Path, other: Checkout) -> Row:
    with ExitStack() as stack:
        answers = [stack.enter_context(_answering(variables, folder, one)) for one in (other, HERE)]
        rounds = [[answer() for answer in answers] for _ in range(ROUNDS + 1)][1:]  # the first one warms
    return Row(what, "µs", at_most, *zip(*rounds, strict=True))


def _start_ms(variables: Mapping[str, str], folder: Path, checkout: Checkout) -> float:
    with running_function(PREDICT, variables, folder, checkout) as function:
        return 1000 * cpu_seconds(function.process_id)


@contextmanager
def _answering(variables: Mapping[str, str], folder: Path, checkout: Checkout) -> Iterator[Answering]:
    """Answers EVENTS events whenever it is called; returns the microseconds of CPU of each."""
    events = [predict_event(str(PREDICT.path), body.decode()) for body in read_bodies(folder, "one")]
    with running_function(PREDICT, variables, folder, checkout) as function:

        def answer() -> float:
            before = cpu_seconds(function.process_id)
            for event in islice(cycle(events), EVENTS):
                status = function(event)["statusCode"]
                if status != 200:
                    raise RuntimeError(f"a function answered {status}")
            return (cpu_seconds(function.process_id) - before) / EVENTS * 1e6

        yield answer


def _document(rows: Sequence[Row], other: Checkout) -> str:
    return "\n\n".join(
        [
            f"Written by `python -m benchmarks.commits CHECKOUT`: CPU time of this checkout and of commit"
            f" {other.commit()[:7]}, with the same packages. In process: the application of a laptop, registry in a"
            f" folder, {ROUNDS} rounds in turn. Function: under Lambda's own runtime client, registry on an S3 in"
            f" another process, which is not counted; {STARTS} starts, and {ROUNDS} rounds of {EVENTS} events, in turn."
            " S3 itself keeps connections; moto's server, which starts use, ends each one after its answer, and works"
            " so long on it that the caches of the processor are cold for the rest of the request."
            " Figures are medians, ratios medians of the ratios within a round.",
            f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
            f" {platform.python_version()}, shared with other work: take the ratios.",
            table(["measured", "before", "now", "ratio", "at most", "met"], list(map(_cells, rows))),
        ]
    )


def _cells(row: Row) -> list[str]:
    figures = [f"{median(one):.0f} {row.unit}" for one in (row.before, row.now)]
    limit = ["", ""] if row.at_most is None else [f"{row.at_most:g}", "yes" if row.is_enough else "**no**"]
    return [row.what, *figures, f"{row.ratio:.2f}", *limit]


if __name__ == "__main__":
    sys.exit(main())
