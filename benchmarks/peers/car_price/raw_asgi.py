"""Despliegue's own graph of the car prices behind ASGI alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.raw_application import Application, one_thread_session, raw_application

TEXTS = ("name", "fuel", "seller_type", "transmission", "owner")
NUMBERS = ("year", "km_driven")


def create(folder: Path) -> Application:
    session = one_thread_session(folder)

    def answers(rows: list[dict[str, Any]]) -> list[dict[str, float]]:
        strings = np.array([[row[name] or "" for name in TEXTS] for row in rows], dtype=object)
        # None becomes NaN
        numbers = np.array([[row[name] for name in NUMBERS] for row in rows], dtype=np.float64)
        prices = session.run(None, {"strings": strings, "numbers": numbers})[0]
        return [{"price": float(price)} for price in prices]

    return raw_application(answers)
