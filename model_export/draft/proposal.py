"""Proposals of a pipeline.py for users without a pipeline: plain code to start from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from string import Template
from typing import Any

from functions.core.schema import Schema
from functions.core.tasks import Task

LARGE_TABLE = 20_000

BOOSTING = Template('''\
"""Boosted trees over the columns as they are: missing numbers stay missing, levels of text become categories$words_say.

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

WITH_LEVELS = """\
    # At most $most levels a column, as the trees can take; the rarest share one. A level never seen is a missing one.
    levels = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=$most,
    )
""".replace("$most", "250")

WITH_DOCUMENTS = """\
    # The words of each text that occur most, weighted by how rare they are.
    words = TfidfVectorizer(strip_accents="unicode", sublinear_tf=True, max_features=200)
"""

WITH_DATES = """\
    # Numbers that trees can split; the days count from the earliest date of the training rows.
    dates = DateParts(["year", "month", "day", "weekday", "hour", "elapsed_days"])
"""

DOCUMENTS = Template('''\
"""Words and pairs of words, weighted by how rare they are, and a linear model over them$words_say.

Proposed by `despliegue new`; change it where you know better. `despliegue check $name` proves the result.
"""

from __future__ import annotations

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
${imports}from sklearn.pipeline import Pipeline


def build_pipeline(*, C: float = 10.0, min_df: int = 2, ngrams: int = 2) -> Pipeline:
    """An unfitted pipeline over a list of texts."""
    vectorizer = TfidfVectorizer(
        strip_accents="unicode", sublinear_tf=True, min_df=min_df, ngram_range=(1, ngrams), max_features=$most
    )
${each}    return Pipeline([("vectorizer", vectorizer), ("model", $model)])
''')


EACH = ",\none for each target"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`code` returns the text of a pipeline.py for a model's name, its schema and the features that are long texts.

    `args` returns its arguments for so many rows.
    """

    code: Callable[[str, Schema, Sequence[str]], str]
    args: Callable[[int], Mapping[str, Any]]


def _boosting(model: str, name: str, schema: Schema, texts: Sequence[str]) -> str:
    kinds = {
        "TEXT": [feature for feature in schema.string_names if feature not in texts],
        "DATES": schema.datetime_names,
        "DOCUMENTS": texts,
    }
    used = {constant: names for constant, names in kinds.items() if names}
    constants = "".join(f"{constant} = {_listed(names)}\n" for constant, names in used.items())
    several = f"MultiOutput{model.removeprefix('HistGradientBoosting')}" if schema.has_several_targets else ""
    return BOOSTING.substitute(
        name=name,
        model=model,
        imports=_imports(model, several, used),
        constants=f"{constants}\n" if constants else "",
        categorical="        categorical_features=list(range(len(TEXT))),\n" if "TEXT" in used else "",
        steps=_steps(f"{several}(model)" if several else "model", used),
        words_say=(",\nlong texts are read by their words" if texts else "") + (EACH if several else ""),
    )


def _steps(model: str, used: Collection[str]) -> str:
    if not used:
        return f'    return Pipeline([("model", {model})])'
    pieces = {
        "TEXT": (WITH_LEVELS, '("levels", levels, TEXT)'),
        "DATES": (WITH_DATES, '("dates", dates, DATES)'),
        "DOCUMENTS": (WITH_DOCUMENTS, "*((name, words, name) for name in DOCUMENTS)"),
    }
    wanted = [piece for constant, piece in pieces.items() if constant in used]
    parts = f"[{', '.join(part for _, part in wanted)}]"
    lines = [code for code, _ in wanted]
    if "DOCUMENTS" in used:
        lines.append(f"    parts = {parts}\n")
        lines.append('    columns = ColumnTransformer(parts, remainder="passthrough", sparse_threshold=0)\n')
    else:
        lines.append(f'    columns = ColumnTransformer({parts}, remainder="passthrough")\n')
    lines.append(f'    return Pipeline([("columns", columns), ("model", {model})])')
    return "".join(lines)


def _boosting_args(rows: int) -> Mapping[str, Any]:
    """Arguments for more and larger trees if there are many rows to learn from."""
    if rows < LARGE_TABLE:
        return {"max_iter": 100, "learning_rate": 0.05, "max_leaf_nodes": 15, "l2_regularization": 5.0}
    return {"max_iter": 300, "learning_rate": 0.1, "max_leaf_nodes": 31, "l2_regularization": 1.0}


def _documents(name: str, schema: Schema, texts: Sequence[str]) -> str:
    model = "LogisticRegression(C=C, max_iter=1000)"
    if not schema.has_several_targets:
        return DOCUMENTS.substitute(name=name, model=model, most="200_000", imports="", each="", words_say="")
    return DOCUMENTS.substitute(
        name=name,
        model="model",
        # several targets get the terms as a dense array
        most="20_000",
        imports="from sklearn.multioutput import MultiOutputClassifier\n",
        each=f"    model = MultiOutputClassifier({model})\n",
        words_say=EACH,
    )


def _documents_args(rows: int) -> Mapping[str, Any]:
    return {"C": 10.0, "min_df": 2, "ngrams": 2}


def _imports(model: str, several: str, used: Collection[str]) -> str:
    lines = {
        "import numpy as np": "TEXT" in used,
        "from sklearn.compose import ColumnTransformer": bool(used),
        f"from sklearn.ensemble import {model}": True,
        "from sklearn.feature_extraction.text import TfidfVectorizer": "DOCUMENTS" in used,
        f"from sklearn.multioutput import {several}": bool(several),
        "from sklearn.pipeline import Pipeline": True,
        "from sklearn.preprocessing import OrdinalEncoder": "TEXT" in used,
        "\nfrom model_export.transformers.dates import DateParts": "DATES" in used,
    }
    return "\n".join(line for line, wanted in lines.items() if wanted)


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
