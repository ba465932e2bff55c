"""The interface to what runs the shards of a batch: a pool of processes, or a state machine."""

from __future__ import annotations

from typing import Protocol

from functions.core.batch_record import Batch


class BatchRunner(Protocol):
    """A runner of planned batches."""

    def run(self, batch: Batch) -> None:
        """Run the shards that have no marker yet, then finish the batch; a runner may go on after it returned.

        Called again for one attempt of a batch, it starts nothing else.
        """
        ...
