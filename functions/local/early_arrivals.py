"""Files that arrive for a model before its folder is known: a server and its processes find it at different times."""

from __future__ import annotations

import logging
from collections.abc import Container

from functions.core.uploads import Arrival, UploadKey

logger = logging.getLogger(__name__)


class EarlyArrivals:
    """Keeper of the arrivals for models that are not among `models`, whose folders may come."""

    def __init__(self, models: Container[str]) -> None:
        self._models = models
        self._kept: dict[str, dict[str, Arrival]] = {}
        self._logged: set[str] = set()

    def keep(self, arrival: Arrival) -> bool:
        """Keep an arrival if its model is not there, and log the first of each file; False if the model is there."""
        upload = UploadKey.parse(arrival.key)
        if upload is None or upload.model in self._models:
            return False
        self._kept.setdefault(upload.model, {})[arrival.key] = arrival
        if arrival.key not in self._logged:
            self._logged.add(arrival.key)
            logger.warning(
                "%s waits for the model %s, whose folder is not there, or not right yet", arrival.key, upload.model
            )
        return True

    def due(self) -> list[Arrival]:
        """The arrivals whose models have come; they are kept no longer."""
        come = [model for model in self._kept if model in self._models]
        return [arrival for model in come for arrival in self._kept.pop(model).values()]
