"""Processors of a training: as many threads as the machine gives this process, which sleep while they wait."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


def sleep_while_waiting() -> None:
    """Have idle threads of OpenMP sleep, for this process and those that it starts; call it before scikit-learn loads.

    They would spin instead, and on a busy machine take the time of the threads that they wait for.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@contextmanager
def given_threads() -> Iterator[None]:
    """Let numerical libraries use the processors that the affinity and the quota of a container leave to the process.

    They would count those of the machine.
    """
    from joblib import cpu_count
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=cpu_count()):
        yield
