"""Proposals of a pipeline.py for users without a pipeline: plain code to start from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from string import Template
from typing import Any

from functions.core.schema import Schema
from functions.core.tasks import Task

LARGE_TABLE = 20_000

BOOSTING = Template('''\
"""Boosted trees over the columns as they are: missing numbers stay missing, levels of text become categories.

Proposed by `despliegue new`; change it where you know better. `despliegue check $name` proves the result.
"""

from __future__ import annotations

$imports

${constants}
def build_pipeline(
    *, max_iter: int = 100, learning_rate: float = 0.05, max_leaf_nodes: int = 15, l2_regularization: float = 5.0
) -> Pipeline:
    """An unfitted pipeline over a DataFrame: text columns of objects (None = missing), numbers float64 (NaN)."""
    model = $model(
        max_iter=max_iter,
        learning_rate=learning_rate,
        max_leaf_nodes=max_leaf_nodes,
        l2_regularization=l2_regularization,
$categorical        early_stopping=False,
        random_state=0,
    )
$steps
''')

WITH_TEXT = """\
    # At most $most levels a column, as the trees can take; the rarest share one. A level never seen is a missing one.
    levels = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=$most,
    )
    columns = ColumnTransformer([("levels", levels, TEXT)], remainder="passthrough")
    return Pipeline([("columns", columns), ("model", model)])""".replace("$most", "250")

DOCUMENTS = Template('''\
"""Words and pairs of words, weighted by how rare they are, and a linear model over them.

Proposed by `despliegue new`; change it where you know better. `despliegue check $name` proves the result.
"""

from __future__ import annotations

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline


def build_pipeline(*, C: float = 10.0, min_df: int = 2, ngrams: int = 2) -> Pipeline:
    """An unfitted pipeline over a list of texts."""
    vectorizer = TfidfVectorizer(
        strip_accents="unicode", sublinear_tf=True, min_df=min_df, ngram_range=(1, ngrams), max_features=200_000
    )
    return Pipeline([("vectorizer", vectorizer), ("model", LogisticRegression(C=C, max_iter=1000))])
''')


@dataclass(frozen=True, slots=True)
class Proposal:
    """`code` returns the text of a pipeline.py for a model's name and schema, `args` its arguments for so many rows."""

    code: Callable[[str, Schema], str]
    args: Callable[[int], Mapping[str, Any]]


def _boosting(model: str, name: str, schema: Schema) -> str:
    texts = schema.string_names
    return BOOSTING.substitute(
        name=name,
        model=model,
        imports=_imports(model, with_text=bool(texts)),
        constants=f"TEXT = {_listed(texts)}\n\n" if texts else "",
        categorical="        categorical_features=list(range(len(TEXT))),\n" if texts else "",
        steps=WITH_TEXT if texts else '    return Pipeline([("model", model)])',
    )


def _boosting_args(rows: int) -> Mapping[str, Any]:
    """Arguments for more and larger trees if there are many rows to learn from."""
    if rows < LARGE_TABLE:
        return {"max_iter": 100, "learning_rate": 0.05, "max_leaf_nodes": 15, "l2_regularization": 5.0}
    return {"max_iter": 300, "learning_rate": 0.1, "max_leaf_nodes": 31, "l2_regularization": 1.0}


def _documents(name: str, schema: Schema) -> str:
    return DOCUMENTS.substitute(name=name)


def _documents_args(rows: int) -> Mapping[str, Any]:
    return {"C": 10.0, "min_df": 2, "ngrams": 2}


def _imports(model: str, *, with_text: bool) -> str:
    lines = [f"from sklearn.ensemble import {model}", "from sklearn.pipeline import Pipeline"]
    if with_text:
        lines.insert(0, "from sklearn.compose import ColumnTransformer")
        lines.append("from sklearn.preprocessing import OrdinalEncoder")
        lines = ["import numpy as np", *lines]
    return "\n".join(lines)


def _listed(names: Sequence[str]) -> str:
    one_line = f"[{', '.join(map(_quoted, names))}]"
    if len(one_line) <= 100:
        return one_line
    return "[\n" + "".join(f"    {_quoted(name)},\n" for name in names) + "]"


def _quoted(name: str) -> str:
    quoted = repr(name)
    return f'"{quoted[1:-1]}"' if quoted[0] == "'" and '"' not in name else quoted


PROPOSALS: Mapping[Task, Proposal] = {
    "tabular-classification": Proposal(partial(_boosting, "HistGradientBoostingClassifier"), _boosting_args),
    "tabular-regression": Proposal(partial(_boosting, "HistGradientBoostingRegressor"), _boosting_args),
    "text-classification": Proposal(_documents, _documents_args),
}
"""The tasks that `despliegue new` can draft, the ones of a pipeline."""
