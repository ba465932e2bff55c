"""A server that has trained on the shipped sample, and the scenarios sent to it in order."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tools.scenarios.accepted import COHERENT, DOUBTFUL
from tools.scenarios.refused import REFUSED
from tools.scenarios.retraining import RETRAINING
from tools.scenarios.scenario import Played, Scenario
from tools.serving import ROOT, serving

GROUPS = (COHERENT, DOUBTFUL, REFUSED, RETRAINING)
SCENARIOS = tuple(scenario for group in GROUPS for scenario in group.scenarios)
TIMEOUT_SECONDS = 60


def play() -> Mapping[str, Played]:
    """The answer to every scenario, by the scenario's name."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "models" / "car-price", root / "models" / "car-price")
        with (
            serving(root, root / "home") as server,
            httpx.Client(base_url=server.url, timeout=TIMEOUT_SECONDS) as http,
        ):
            return dict(_answers(http))


def _answers(http: httpx.Client) -> Iterator[tuple[str, Played]]:
    for scenario in SCENARIOS:
        answer = http.request(
            scenario.method, scenario.path, content=body_of(scenario), headers={"Content-Type": "application/json"}
        )
        document = answer.json()
        content = document["errors"] if "errors" in document else document["data"]
        yield scenario.name, Played(scenario, answer.status_code, document["message"], content)


def body_of(scenario: Scenario) -> str:
    if scenario.body is None:
        return ""
    return scenario.body if isinstance(scenario.body, str) else json.dumps(scenario.body)
