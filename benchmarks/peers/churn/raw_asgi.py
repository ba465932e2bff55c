"""Despliegue's own graph of the churn model behind ASGI alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.churn.answers import churn_answers
from benchmarks.peers.raw_application import Application, one_thread_session, raw_application

NUMBERS = ("seniorcitizen", "tenure", "monthlycharges", "totalcharges")


def create(folder: Path) -> Application:
    session = one_thread_session(folder)

    def answers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        texts = [name for name in rows[0] if name not in NUMBERS]
        strings = np.array([[row[name] for name in texts] for row in rows], dtype=object)
        numbers = np.array([[row[name] for name in NUMBERS] for row in rows], dtype=np.float64)
        return churn_answers(session.run(["probabilities"], {"strings": strings, "numbers": numbers})[0])

    return raw_application(answers)
