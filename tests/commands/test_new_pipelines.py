"""despliegue new with a pipeline never seen before: served as it is, retrained, and kept with its code."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from functions.core.published import claimed_numbers
from functions.local.home import Home
from model_export.draft import create
from tests.commands import customer_models, empty_home
from tests.commands.customer_models import FEATURES, assert_retrains, assert_served_as, instances
from tests.commands.empty_home import Command
from tests.commands.serving import served

home, command, customers = empty_home.home, empty_home.command, customer_models.customers


def stacked() -> Any:
    """A stack found by a search, over infrequent levels and indicators of missing values."""
    prepared = make_column_transformer(
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), ["age", "income"]),
        (
            make_pipeline(
                SimpleImputer(strategy="most_frequent"),
                OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20),
            ),
            ["town", "plan"],
        ),
    )
    members = [("forest", RandomForestClassifier(10, random_state=0)), ("linear", LogisticRegression())]
    stack = StackingClassifier(members, cv=3)
    grid = {"stackingclassifier__final_estimator": [LogisticRegression(C=1.0), LogisticRegression(C=0.1)]}
    return GridSearchCV(make_pipeline(prepared, stack), grid, cv=2)


def chosen_by_type() -> Any:
    return make_pipeline(
        make_column_transformer(
            (SimpleImputer(strategy="median"), make_column_selector(dtype_include="number")),
            (OneHotEncoder(), make_column_selector(dtype_include="str")),
        ),
        LogisticRegression(max_iter=5000),
    )


CATEGORY = {"town": "category", "plan": "category"}
PIPELINES: dict[str, tuple[Callable[[], Any], Callable[[pd.DataFrame], Any]]] = {
    "boosting": (lambda: HistGradientBoostingClassifier(max_iter=20), lambda rows: rows.astype(CATEGORY)),
    "named": (lambda: HistGradientBoostingClassifier(max_iter=20, categorical_features=["town", "plan"]), pd.DataFrame),
    "stack": (stacked, pd.DataFrame),
    "types": (chosen_by_type, pd.DataFrame),
}


@pytest.mark.parametrize("kind", PIPELINES)
def test_a_pipeline_never_seen_before_is_served_as_it_is_and_retrained(
    command: Command, home: Home, customers: pd.DataFrame, connect: Any, kind: str
) -> None:
    make, prepare = PIPELINES[kind]
    rows = prepare(customers[FEATURES])
    pipeline = make().fit(rows, customers.left)
    joblib.dump(pipeline, "mine.joblib")
    status, out, err = command(
        "new", "leavers", "--data", "customers.csv", "--target", "left", "--pipeline", "mine.joblib"
    )
    assert status == 0, err
    assert "version 1 is in production" in out
    with served(home, connect) as client:
        assert_served_as(client, "leavers", pipeline, rows, instances(customers[FEATURES]))
        assert_retrains(client, "leavers", instances(customers[[*FEATURES, "left"]]))


def test_the_version_of_a_pipeline_is_claimed_before_a_running_server_can_see_its_folder(
    command: Command, home: Home, customers: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    joblib.dump(chosen_by_type().fit(customers[FEATURES], customers.left), "mine.joblib")
    claimed: list[list[int]] = []
    move = create._move

    def moved(folder: Path, final: Path) -> None:
        claimed.append(claimed_numbers(home.registry.storage, "leavers"))
        move(folder, final)

    monkeypatch.setattr(create, "_move", moved)
    new = ("new", "leavers", "--data", "customers.csv", "--target", "left")
    assert command(*new, "--pipeline", "nowhere.joblib")[0] == 1
    assert claimed_numbers(home.registry.storage, "leavers") == []
    assert command(*new, "--pipeline", "mine.joblib")[0] == 0
    assert claimed == [[1]]
    assert home.registry.versions("leavers") == [1]


@pytest.mark.usefixtures("damaged_graphs")
def test_a_pipeline_whose_version_cannot_serve_is_published_and_not_promoted(
    command: Command, home: Home, customers: pd.DataFrame
) -> None:
    joblib.dump(
        HistGradientBoostingRegressor(max_iter=5).fit(customers[["age", "visits"]], customers.income), "it.joblib"
    )
    customers[["age", "visits", "income"]].to_csv("customers.csv", index=False)
    arguments = ("--data", "customers.csv", "--target", "income", "--pipeline", "it.joblib")
    status, out, err = command("new", "incomes", *arguments)
    assert status == 1
    assert "version 1 is in production" not in out
    assert err.splitlines()[-1].startswith("despliegue: incomes version 1 is not promoted, because it cannot serve: ")
    assert (home.registry.versions("incomes"), home.registry.promotable("incomes").production) == ([1], None)


def test_a_regression_and_its_json_rows(command: Command, home: Home, customers: pd.DataFrame, connect: Any) -> None:
    features = ["town", "age", "visits"]
    rows = customers[features].astype({"town": "category"})
    pipeline = HistGradientBoostingRegressor(max_iter=20).fit(rows, customers.income)
    joblib.dump(pipeline, "mine.joblib")
    Path("rows.json").write_text(json.dumps(instances(customers[[*features, "income"]])), encoding="utf-8")
    status, _, err = command("new", "incomes", "--data", "rows.json", "--target", "income", "--pipeline", "mine.joblib")
    assert status == 0, err
    with served(home, connect) as client:
        assert_served_as(client, "incomes", pipeline, rows, instances(customers[features]))


def test_texts_with_accents(command: Command, home: Home, connect: Any) -> None:
    rng = np.random.default_rng(0)
    words = {"fútbol": ["gol", "árbitro", "campeón"], "cine": ["película", "guión", "estreno"]}
    labels = rng.choice(list(words), 200)
    both = ["también", "ayer", "según", "la", "crítica"]
    texts = [" ".join(rng.choice([*words[label] * 2, *both], 12)) for label in labels]
    pd.DataFrame({"id": range(200), "text": texts, "topic": labels}).to_csv("texts.csv", index=False)
    pipeline = make_pipeline(TfidfVectorizer(strip_accents="unicode", sublinear_tf=True), LogisticRegression())
    pipeline.fit(texts, labels)
    joblib.dump(pipeline, "mine.joblib")
    status, _, err = command("new", "topics", "--data", "texts.csv", "--target", "topic", "--pipeline", "mine.joblib")
    assert status == 0, err
    with served(home, connect) as client:
        assert_served_as(client, "topics", pipeline, texts, [{"text": text} for text in texts])


CODE = '''
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class Spread(TransformerMixin, BaseEstimator):
    """A transformer to the difference of two columns."""

    def fit(self, X, y=None):
        self.n_features_in_ = 2
        return self

    def transform(self, X):
        first, second = np.asarray(X, dtype=float).T
        return (first - second).reshape(-1, 1)

    def to_onnx(self, graph, x):
        first, second = (graph.op("Gather", x, graph.constant(np.array([i])), axis=1) for i in (0, 1))
        return graph.op("Sub", first, second)
'''


@pytest.fixture
def own_classes(home: Home, customers: pd.DataFrame) -> Callable[[str], Any]:
    """mine.joblib with a class of the module of that name, and mine.py that defines it; the module is gone then."""

    def make(module: str) -> Any:
        Path("mine.py").write_text(textwrap.dedent(CODE), encoding="utf-8")
        own = ModuleType(module)
        exec(CODE, own.__dict__)  # noqa: S102
        parts = module.split(".")
        names = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
        before = {name: sys.modules.get(name) for name in names}
        sys.modules.update({name: ModuleType(name) for name in names} | {module: own})
        try:
            columns = make_column_transformer((own.Spread(), ["income", "visits"]))
            rows = customers.assign(visits=customers.visits + 1)
            rows.to_csv("customers.csv", index=False)
            pipeline = make_pipeline(columns, LogisticRegression()).fit(rows, rows.left)
            joblib.dump(pipeline, "mine.joblib")
        finally:
            for name, found in before.items():
                sys.modules.pop(name) if found is None else sys.modules.update({name: found})
        return pipeline

    return make


OWN = ("new", "spreads", "--data", "customers.csv", "--target", "left", "--pipeline", "mine.joblib")


@pytest.mark.parametrize("module", ["transformers_of_mine", "__main__", "package.of.mine"])
def test_the_code_of_own_classes_is_kept_and_trains_again(
    command: Command, home: Home, own_classes: Any, connect: Any, module: str
) -> None:
    own_classes(module)
    status, _, err = command(*OWN, "--code", "mine.py")
    assert status == 0, err
    assert Path("models/spreads/mine.py").read_text(encoding="utf-8") == CODE
    shutil.rmtree(home.root)
    with served(home, connect) as client:
        rows = instances(pd.read_csv("customers.csv")[[*FEATURES, "left"]])
        needed = [{name: row[name] for name in (*FEATURES, "left")} for row in rows]
        answer = client.post("/models/spreads/retrain", json=needed)
        assert answer.json()["data"]["promoted"], answer.text


@pytest.mark.parametrize("module", ["transformers_of_mine", "__main__"])
def test_code_that_is_missing_is_named_with_what_to_do(command: Command, own_classes: Any, module: str) -> None:
    own_classes(module)
    status, _, err = command(*OWN)
    assert status == 1
    assert f"wants module {module}, which is not here" in err
    assert "--code" in err
    assert not Path("models").exists()
