"""Texts with topics, and the comparison of a text pipeline with the predictor that serves it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import SGDClassifier

from functions.core.schema import Feature, Schema
from functions.predictors.by_task import open_graph_predictor
from model_export.pipelines import answers
from model_export.pipelines.convert import export

TASK: Any = "text-classification"
SCHEMA = Schema((Feature("text", "string", categorical=False),), Feature("tag", "string"))
TOPICS = {
    "visión": "imagen image píxel camera convolución segmentación 画像",
    "lenguaje": "texto text palabra word traducción transformer 言語",
    "mlops": "despliegue deploy drift docker versión registry pipeline",
    "otros": "grafo graph recomendación agent política Größe номер",
}


def corpus(topics: int, rows: int = 120) -> tuple[list[str], list[str]]:
    chance = np.random.default_rng(1)
    names = list(TOPICS)[:topics]
    tags = chance.choice(names, rows).tolist()
    every = " ".join(TOPICS.values()).split()
    texts = [" ".join([*chance.choice(TOPICS[tag].split(), 5), *chance.choice(every, 4)]) for tag in tags]
    return texts, tags


def stochastic(**options: Any) -> SGDClassifier:
    return SGDClassifier(**{"random_state": 1, "loss": "log_loss", **options})


def assert_text_parity(pipeline: Any, texts: list[str]) -> None:
    predictor = open_graph_predictor(TASK, export(TASK, pipeline, SCHEMA), SCHEMA, pipeline.classes_.tolist())
    label, scores = predictor.run({"text": [*texts]})
    assert pipeline.classes_[label].tolist() == pipeline.predict(texts).tolist()
    np.testing.assert_allclose(scores, answers.scores(pipeline, texts), rtol=1e-10, atol=1e-13)
    assert (label.dtype, scores.dtype) == (np.int64, np.float64)
