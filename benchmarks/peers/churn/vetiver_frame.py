"""vetiver, the pipeline loaded once, each row checked against a prototype. It answers labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from vetiver import VetiverAPI, VetiverModel


def create(folder: Path) -> Any:
    rows = [json.loads(body) for body in json.loads((folder / "one.json").read_bytes())]
    model = VetiverModel(joblib.load(folder / "frame.joblib"), "churn", prototype_data=pd.DataFrame(rows))
    return VetiverAPI(model, check_prototype=True).app
