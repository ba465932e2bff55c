"""Configurations in processes of their own, a few at a time, each with a time limit."""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing.connection import Connection
from threading import Lock

import numpy as np

from tools.conversion import ours, stock
from tools.conversion.configuration import Configuration
from tools.conversion.outcome import Outcome
from tools.conversion.tables import sample

TIMEOUT_SECONDS = 180.0
STOCK_TIMEOUT_SECONDS = 20.0
"""Of the stock converter, which for some trees over missing values need not end."""
FORKING = Lock()
"""Two threads that fork at once: filelock, which some libraries load, refuses the second."""
SKIPPED = Outcome("skipped", "not installed")


@dataclass(frozen=True, slots=True)
class Played:
    """One row of the matrix; the stock outcomes are None where they were not asked for."""

    configuration: Configuration
    ours: Outcome
    stock_double: Outcome | None = None
    stock_single: Outcome | None = None


def play(configurations: Sequence[Configuration], *, processes: int, with_stock: bool) -> Iterator[Played]:
    """The rows in their order, as soon as each is there."""
    with ThreadPoolExecutor(processes) as pool:
        yield from pool.map(lambda one: _play(one, with_stock=with_stock), configurations)


def _play(configuration: Configuration, *, with_stock: bool) -> Played:
    if configuration.requires is not None and find_spec(configuration.requires) is None:
        return Played(configuration, SKIPPED)
    mine = _alone(configuration, "ours")
    if not with_stock:
        return Played(configuration, mine)
    return Played(configuration, mine, _alone(configuration, "double"), _alone(configuration, "single"))


def _alone(configuration: Configuration, which: str) -> Outcome:
    """The outcome, from a process that is ended when it takes too long: stock conversion need not end."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(configuration, which, there), daemon=True)
    with FORKING:
        process.start()
    there.close()
    limit = TIMEOUT_SECONDS if which == "ours" else STOCK_TIMEOUT_SECONDS
    try:
        return here.recv() if here.poll(limit) else Outcome("fails", f"no end in {limit:.0f} s")
    except EOFError:
        return Outcome("fails", "the process died")
    finally:
        process.kill()
        process.join()


def _send(configuration: Configuration, which: str, there: Connection) -> None:
    warnings.simplefilter("ignore")
    rows = sample(configuration.table, configuration.target)
    predictor = configuration.fit(configuration.rows(rows.training), rows.training_target)
    if which == "ours":
        there.send(ours.convert(configuration, rows, predictor))
    else:
        there.send(stock.convert(configuration, rows, predictor, np.float64 if which == "double" else np.float32))
