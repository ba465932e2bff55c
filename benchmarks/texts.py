"""CPU time for a document of a text model, compared with its scikit-learn pipeline: python -m benchmarks.texts"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from statistics import median
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.measure import ratio_within_rounds
from benchmarks.preparation import MODELS, PROJECT
from functions.core.definition import Definition
from functions.core.model_folder import load_definition
from functions.predictors.by_task import Predictor, open_graph_predictor
from model_export.pipelines.convert import classes, export
from model_export.pipelines.pipeline_module import build_pipeline
from model_export.training_files.rows import read_rows

MODEL = "project-tags"
PUBLIC_TABLE = PROJECT.parent / "shared" / "data" / "madewithml" / "dataset.csv"
LARGEST_SHARE = 0.25
"""The largest share of scikit-learn's CPU time that a single document may take."""
ROUNDS = 15
ROUND_SECONDS = 0.05
VECTORIZERS: dict[str, dict[str, Any] | None] = {
    "the model's own": None,
    "words 1 to 2": {"ngram_range": (1, 2), "sublinear_tf": True},
    "words without accents": {"strip_accents": "unicode", "stop_words": "english"},
    "characters 2 to 4": {"analyzer": "char", "ngram_range": (2, 4)},
    "characters in words 2 to 4": {"analyzer": "char_wb", "ngram_range": (2, 4)},
}
HEADER = """| vectorizer | documents | Despliegue, µs a document | scikit-learn | share |
|---|---|---|---|---|"""


def main() -> int:
    """Print a table; 1 if a single document takes more than the required share."""
    definition = load_definition(MODELS / MODEL)
    path = PUBLIC_TABLE if PUBLIC_TABLE.is_file() else definition.folder / "sample.csv"
    table = read_rows(path.read_bytes(), path.name, definition).table
    texts, tags = [str(text) for text in table["text"]], table["tag"]
    print(f"{len(texts)} documents of {sum(map(len, texts)) // len(texts)} characters on average\n\n{HEADER}")
    alone = [_compare(name, definition, texts, tags) for name in VECTORIZERS]
    return 0 if max(alone) <= LARGEST_SHARE else 1


def _compare(name: str, definition: Definition, texts: Sequence[str], tags: Sequence[Any]) -> float:
    """Print a line for each kind of batch; returns the share for a single document."""
    pipeline = build_pipeline(definition, definition.args)
    options = VECTORIZERS[name]
    if options is not None:
        pipeline.set_params(vectorizer=TfidfVectorizer(**options))
    pipeline.fit(texts, tags)
    files = export(definition.task, pipeline, definition.schema)
    predictor = open_graph_predictor(definition.task, files, definition.schema, classes(pipeline))
    batches = {
        "one": [[text] for text in texts[:100]],
        "a thousand": [list(islice(cycle(texts), 1000))],
        "one of forty together": [[" ".join(texts[:40])]],
    }
    shares = [_line(f"| {name} | {kind} ", pipeline, predictor, batch) for kind, batch in batches.items()]
    return shares[0]


def _line(start: str, pipeline: Any, predictor: Predictor, batches: Sequence[list[Any]]) -> float:
    ours, theirs = _microseconds(
        [lambda batch: predictor.predict({"text": batch}), lambda batch: pipeline.predict_proba(batch)], batches
    )
    share = ratio_within_rounds(ours, theirs)
    print(f"{start}| {median(ours):.1f} | {median(theirs):.1f} | {share:.2f} |", flush=True)
    return share


def _microseconds(calls: Sequence[Callable[[list[Any]], object]], batches: Sequence[list[Any]]) -> list[list[float]]:
    """CPU time for a document by call and round; the calls take turns."""
    counts = [max(1, int(ROUND_SECONDS / _seconds(call, batches, 1))) for call in calls]
    documents = sum(map(len, batches)) / len(batches)
    rounds = [
        [_seconds(call, batches, count) / documents * 1e6 for call, count in zip(calls, counts, strict=True)]
        for _ in range(ROUNDS)
    ]
    return [list(one) for one in zip(*rounds, strict=True)]


def _seconds(call: Callable[[list[Any]], object], batches: Sequence[list[Any]], count: int) -> float:
    """Seconds of CPU time for a call."""
    chosen = list(islice(cycle(batches), count))
    before = time.process_time()
    for batch in chosen:
        call(batch)
    return (time.process_time() - before) / count


if __name__ == "__main__":
    sys.exit(main())
