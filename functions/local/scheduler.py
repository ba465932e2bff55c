"""The schedules of batches on a laptop or another server; on AWS, EventBridge keeps them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from functions.core.batch_submission import BatchSubmissions
from functions.core.clock import stamp
from functions.core.cron import Cron
from functions.core.definition import BatchSchedule, Definition
from functions.core.errors import DespliegueError

logger = logging.getLogger(__name__)
LONGEST_WAIT_SECONDS = 30.0
"""The longest wait for the next time: a clock that is set, or a laptop that slept, is noticed after it."""


class Scheduler:
    """Starter of the batches that the models schedule. A time while it does not run is left out."""

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        submissions: BatchSubmissions,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._scheduled = [
            (one, one.batch, Cron.parse(one.batch.schedule)) for one in definitions.values() if one.batch
        ]
        self._submissions = submissions
        self._clock = clock
        self._seen = clock()

    def run(self, until: threading.Event) -> None:
        """Start batches at their times until `until` is set; returns at once if no model schedules any."""
        while self._scheduled and not until.wait(self.seconds_left()):
            self.start_due()

    def seconds_left(self) -> float:
        """The seconds until the next time, at most LONGEST_WAIT_SECONDS."""
        following = [cron.next_after(self._seen) for _, _, cron in self._scheduled]
        left = [(time - self._clock()).total_seconds() for time in following if time is not None]
        return max(0.0, min([*left, LONGEST_WAIT_SECONDS]))

    def start_due(self) -> None:
        """Start the batches whose time came since the last call; of several times of one model, the last."""
        moment = self._clock()
        for definition, schedule, cron in self._scheduled:
            due, following = None, cron.next_after(self._seen)
            while following is not None and following <= moment:
                due, following = following, cron.next_after(following)
            if due is not None:
                self._start(definition, schedule, due)
        # also back, with a clock that was set: what comes twice is one batch
        self._seen = moment

    def _start(self, definition: Definition, schedule: BatchSchedule, due: datetime) -> None:
        try:
            batch = self._submissions.of_schedule(definition, schedule, stamp(due))
        except DespliegueError as error:
            logger.error("no scheduled batch of %s at %s: %s", definition.name, due.isoformat(), error)
        else:
            logger.info("%s batch %s is scheduled for %s", batch.model, batch.batch, due.isoformat())
