"""The batch of the churn model as a script: python -m benchmarks.peers.churn.plain_batch PIPELINE TABLE OUT"""

from __future__ import annotations

import sys

import joblib
import pandas as pd

TARGET, ID = "Churn", "customerID"


def main(pipeline: str, path: str, out: str) -> None:
    """Predict a table by a pipeline over a DataFrame, or over dictionaries where its name says records."""
    model = joblib.load(pipeline)
    table = pd.read_csv(path)
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce").fillna(0)
    rows = table.drop(columns=[TARGET, ID])
    scores = model.predict_proba(rows.to_dict("records") if "records" in pipeline else rows)
    found = pd.DataFrame({ID: table[ID], "prediction": model.classes_[scores.argmax(axis=1)]})
    found[["score_no", "score_yes"]] = scores
    found.to_csv(out, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
