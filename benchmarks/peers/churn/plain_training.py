"""The training of the churn model as a script: python -m benchmarks.peers.churn.plain_training TABLE EVALUATION_ROWS"""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

TARGET, ID = "Churn", "customerID"


def main(path: str, evaluation_rows: str) -> None:
    table = pd.read_csv(path)
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce").fillna(0)
    is_evaluation = np.zeros(len(table), dtype=bool)
    is_evaluation[np.load(evaluation_rows)] = True
    rows, leaves = table.drop(columns=[TARGET, ID]), table[TARGET] == "Yes"
    pipeline = make_pipeline(DictVectorizer(sparse=False), LogisticRegression(C=0.5, solver="liblinear", max_iter=1000))
    pipeline.fit(rows[~is_evaluation].to_dict("records"), leaves[~is_evaluation])
    probabilities = pipeline.predict_proba(rows[is_evaluation].to_dict("records"))[:, 1]
    print(json.dumps({"roc_auc": roc_auc_score(leaves[is_evaluation], probabilities)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
