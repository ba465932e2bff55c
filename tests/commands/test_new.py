"""despliegue new: from a table, or from a pipeline never seen before, to answers over HTTP."""

from __future__ import annotations

import json
import pickle
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
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
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from functions.core.model_folder import load_definitions
from functions.core.published import claimed_numbers
from functions.local.home import Home
from model_export.commands.main import main
from model_export.draft import create
from tests.commands.serving import retrained, served

Command = Callable[..., Any]
ROWS = 400
FEATURES = ["town", "plan", "age", "income", "visits", "vip"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home, and an empty working directory."""
    monkeypatch.setenv("DESPLIEGUE_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return Home(tmp_path / "home")


@pytest.fixture
def command(home: Home, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: object) -> Any:
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def customers(home: Home) -> pd.DataFrame:
    """customers.csv as pandas reads it: ids, text and numbers with holes, booleans, a rare level, a constant."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:05d}" for number in range(ROWS)],
            "town": pd.Series(rng.choice(["Málaga", "Łódź", "Cork", "Ávila"], ROWS, p=[0.4, 0.3, 0.28, 0.02])),
            "plan": rng.choice(["basic", "plus"], ROWS),
            "age": rng.integers(18, 80, ROWS).astype(float),
            "income": rng.lognormal(9, 1, ROWS).round(2),
            "visits": rng.integers(0, 5, ROWS),
            "vip": rng.random(ROWS) < 0.3,
            "country": "ES",
        }
    )
    frame.loc[rng.random(ROWS) < 0.1, "town"] = None
    frame.loc[rng.random(ROWS) < 0.1, "age"] = np.nan
    score = frame.income.rank(pct=True) + 0.3 * (frame.plan == "plus") + 0.1 * frame.town.isna()
    frame["left"] = np.where(score + rng.normal(0, 0.2, ROWS) > 0.7, "yes", "no")
    frame.to_csv("customers.csv", index=False)
    return pd.read_csv("customers.csv")


def instances(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as requests, with null where a value is missing, and true and false."""
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records"))
    return rows


def assert_served_as(client: httpx.Client, model: str, pipeline: Any, rows: Any, sent: list[dict[str, Any]]) -> None:
    answer = client.post(f"/models/{model}/predict", json=sent)
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]["predictions"]
    if not hasattr(pipeline, "predict_proba"):
        np.testing.assert_allclose(found, pipeline.predict(rows), rtol=1e-9)
        return
    classes = [str(label) for label in pipeline.classes_]
    scores = [[one["scores"][label] for label in classes] for one in found]
    np.testing.assert_allclose(scores, pipeline.predict_proba(rows), rtol=1e-9, atol=1e-12)
    assert [one["label"] for one in found] == [str(label) for label in pipeline.predict(rows)]


def assert_retrains(client: httpx.Client, model: str, rows: list[dict[str, Any]]) -> None:
    # by force: production was fitted on these very rows, and may be clearly better on them
    found = retrained(client, model, rows, force=True)
    assert (found["version"], found["promoted"]) == (2, True), found["reason"]
    some = [{name: value for name, value in row.items() if name != "left"} for row in rows[:3]]
    assert client.post(f"/models/{model}/predict", json=some).json()["data"]["version"] == 2


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


def test_a_vectorizer_and_a_model_over_snake_case_with_numbered_classes(
    command: Command, home: Home, customers: pd.DataFrame, connect: Any
) -> None:
    """The notebook of ML Bookcamp put columns and values in snake case before it trained."""
    table = customers.rename(columns=lambda name: f"Customer {name.title()}").replace({"basic": "Basic Plan"})
    table.to_csv("customers.csv", index=False)
    names = ["customer_plan", "customer_visits"]
    frame = pd.DataFrame({"customer_plan": customers.plan.replace({"basic": "basic_plan"})})
    frame["customer_visits"] = customers.visits
    vectorizer = DictVectorizer(sparse=False)
    rows = vectorizer.fit_transform(frame.to_dict("records"))
    model = LogisticRegression().fit(rows, (customers.left == "yes").astype(int))
    Path("model.bin").write_bytes(pickle.dumps((vectorizer, model)))
    arguments = ("--data", "customers.csv", "--target", "Customer Left", "--pipeline", "model.bin")
    status, out, err = command("new", "leavers", *arguments)
    assert status == 0, err
    assert "0 as no, 1 as yes" in out
    with served(home, connect) as client:
        answer = client.post("/models/leavers/predict", json=instances(frame[names])).json()["data"]["predictions"]
        np.testing.assert_allclose([one["scores"]["yes"] for one in answer], model.predict_proba(rows)[:, 1], rtol=1e-9)


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


def test_a_proposal_is_served_and_retrained(
    command: Command, home: Home, customers: pd.DataFrame, connect: Any
) -> None:
    status, out, err = command("new", "leavers", "--data", "customers.csv", "--target", "left")
    assert status == 0, err
    assert "customer_id identifies the rows" in out
    assert "country is left out: all rows have the same value" in out
    assert command("train", "leavers")[0] == 0
    with served(home, connect) as client:
        answer = client.post(
            "/models/leavers/predict", json=json.loads(Path("models/leavers/examples.json").read_text(encoding="utf-8"))
        )
        assert answer.json()["data"]["ids"][0].startswith("c0")
        assert_retrains(client, "leavers", instances(customers[[*FEATURES, "left"]]))


def test_columns_of_odd_names_are_served_and_retrained(
    command: Command, home: Home, customers: pd.DataFrame, connect: Any
) -> None:
    """Quotes and line breaks are no names for msgspec, and `instances` would be ambiguous in a body."""
    names = {"town": 'to"wn\\', "plan": "pl\nan: 😀", "age": "texts", "income": "instances", "visits": "vi=sits"}
    table = customers[[*names, "left"]].rename(columns=names)
    table.to_csv("customers.csv", index=False)
    arguments = ("new", "leavers", "--data", "customers.csv", "--target", "left")
    status, _, err = command(*arguments)
    assert status == 1
    assert "pass --rename instances=instances_column" in err
    renames = ("--rename", "instances=income", "--rename", "vi=sits=visits")
    assert command(*arguments, *renames)[0] == 0
    assert command("train", "leavers")[0] == 0
    features = table.drop(columns="left").rename(columns={"instances": "income", "vi=sits": "visits"})
    with served(home, connect) as client:
        rows = instances(features)[:5]
        for body in (rows, rows[0], {"instances": rows}):
            answer = client.post("/models/leavers/predict", json=body)
            assert answer.status_code == 200, answer.text
        properties = client.get("/models/leavers").json()["data"]["schema"]["properties"]
        assert list(properties) == list(features)
        assert client.get("/openapi.json").status_code == 200
        assert_retrains(client, "leavers", instances(features.assign(left=table.left)))


def test_rows_stay_out_of_the_folder_on_request(command: Command, customers: pd.DataFrame) -> None:
    assert command("new", "leavers", "--data", "customers.csv", "--target", "left", "--no-sample")[0] == 0
    assert sorted(path.name for path in Path("models/leavers").iterdir()) == [
        "examples.json",
        "model.toml",
        "pipeline.py",
    ]


def test_a_spreadsheet_of_another_country_is_read_alike(command: Command, customers: pd.DataFrame) -> None:
    customers["income"] = customers["income"].round(2)
    customers.to_csv("customers.csv", index=False)
    customers.to_csv("clientes.csv.gz", index=False, sep=";", decimal=",", encoding="utf-16")
    status, out, err = command("new", "clientes", "--data", "clientes.csv.gz", "--target", "left")
    assert status == 0, err
    for message in ("unpacked with gzip", "read as UTF-16", "separated by semicolons", "income: ',' is the decimal"):
        assert message in out
    assert command("new", "customers", "--data", "customers.csv", "--target", "left")[0] == 0
    spelled = load_definitions(Path("models"))
    assert spelled["clientes"].schema.feature_names == spelled["customers"].schema.feature_names
    assert spelled["clientes"].schema.string_names == spelled["customers"].schema.string_names
    assert spelled["clientes"].examples == spelled["customers"].examples


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Leavers", "--target", "left"), "'Leavers' cannot name a model"),
        (("leavers", "--target", "LEFT"), "did you mean 'left'?"),
        (("leavers", "--target", "left", "--task", "tabular-regression"), "a regression predicts numbers"),
        (("leavers", "--target", "left", "--code", "mine.py"), "pass --pipeline too, or leave out --code"),
        (("leavers", "--target", "left", "--pipeline", "none.joblib"), "none.joblib: cannot be read"),
        (("leavers", "--target", "left", "--rename", "instances"), "--rename 'instances': write OLD=NEW"),
        (("leavers", "--target", "left", "--rename", "gone=x"), 'column "gone": the file has no such column'),
        (("leavers", "--target", "left", "--rename", "plan=instances"), "pass --rename instances=instances_column"),
    ],
)
def test_wrong_options_are_refused_and_nothing_is_written(
    command: Command, customers: pd.DataFrame, arguments: tuple[str, ...], message: str
) -> None:
    status, _, err = command("new", *arguments, "--data", "customers.csv")
    assert status == 1
    assert message in err
    assert not Path("models").exists()


def test_a_folder_that_is_there_is_left_alone(command: Command, customers: pd.DataFrame) -> None:
    Path("models/leavers").mkdir(parents=True)
    status, _, err = command("new", "leavers", "--data", "customers.csv", "--target", "left")
    assert status == 1
    assert "models/leavers exists already" in err
    assert list(Path("models/leavers").iterdir()) == []


@pytest.fixture
def scaled(home: Home) -> Any:
    """flats.csv, and scaler.pkl and model.pkl, which a script fitted on arrays and saved apart."""
    rng = np.random.default_rng(2)
    flats = pd.DataFrame({"age": rng.normal(40, 9, ROWS), "income": rng.normal(30_000, 7_000, ROWS)})
    flats["left"] = np.where(flats.age / 9 + flats.income / 7_000 + rng.normal(0, 0.2, ROWS) > 8.7, "yes", "no")
    flats.to_csv("flats.csv", index=False)
    flats[::4].to_csv("others.csv", index=False)
    scaler = StandardScaler().fit(flats[["age", "income"]].to_numpy())
    model = LogisticRegression().fit(scaler.transform(flats[["age", "income"]].to_numpy()), flats.left)
    joblib.dump(scaler, "scaler.pkl")
    joblib.dump(model, "model.pkl")
    return flats


FLATS = ("--data", "flats.csv", "--target", "left")


def test_a_model_without_its_scaler_is_kept_out_of_production_with_the_cause(
    command: Command, home: Home, scaled: pd.DataFrame
) -> None:
    status, out, err = command("new", "leavers", *FLATS, "--pipeline", "model.pkl")
    assert status == 1, err
    assert "their order is assumed to be the table's (--columns gives another): age, income" in out
    assert "version 1 is kept and not promoted: no better than guessing on 400 rows: accuracy 0." in out
    assert "likely cause: a scaler is missing in front of it: accuracy 0.9" in out
    assert "--pipeline scaler.pkl --pipeline model.pkl" in out
    assert (home.registry.versions("leavers"), home.registry.promotable("leavers").production) == ([1], None)
    shutil.rmtree("models")
    status, out, _ = command("new", "leavers", *FLATS, "--pipeline", "scaler.pkl", "--pipeline", "model.pkl")
    assert status == 0
    assert "version 2 is in production" in out
    assert "likely cause" not in out


def test_it_goes_into_production_by_force(command: Command, home: Home, scaled: pd.DataFrame) -> None:
    status, out, _ = command("new", "leavers", *FLATS, "--pipeline", "model.pkl", "--force")
    assert status == 0
    assert "version 1 is in production: your pipeline, unchanged, forced past: no better than guessing" in out
    assert home.registry.pointer("leavers").production is not None


def test_metrics_of_rows_that_were_perhaps_fitted_on_are_marked_everywhere(
    command: Command, home: Home, scaled: pd.DataFrame, connect: Any
) -> None:
    both = ("--pipeline", "scaler.pkl", "--pipeline", "model.pkl")
    _, out, _ = command("new", "leavers", *FLATS, *both)
    assert "rows that the pipeline may have been fitted on)" in out
    assert "rows that the pipeline may have been fitted on" in command("versions", "leavers")[1]
    _, out, _ = command("new", "others", *FLATS, *both, "--evaluation", "others.csv")
    assert "may have been fitted on" not in out + command("versions", "others")[1]
    with served(home, connect) as client:
        for model, in_sample in (("leavers", True), ("others", False)):
            for path in ("", "/performance", "/performance?filter=overall", "/versions/1"):
                data = client.get(f"/models/{model}{path}").json()["data"]
                assert data["metrics_in_sample"] is in_sample, path
        assert client.get("/models/others/performance?filter=overall").json()["data"]["performance"]["rows"] == 100
        schemas = client.get("/openapi.json").json()["components"]["schemas"]
        assert "so they flatter" in schemas["Performance"]["properties"]["metrics_in_sample"]["description"]


def test_the_table_itself_is_no_file_to_measure_on(command: Command, home: Home, customers: pd.DataFrame) -> None:
    status, _, err = command("new", "leavers", *FLATS[2:], "--data", "customers.csv", "--evaluation", "./customers.csv")
    assert status == 1
    assert "customers.csv is the table to learn from, customers.csv: give other rows" in err
    assert not Path("models", "leavers").exists()


def test_a_regressor_of_the_logarithm_predicts_the_target_with_one_option(
    command: Command, home: Home, connect: Any
) -> None:
    rng = np.random.default_rng(0)
    flats = pd.DataFrame({"m2": rng.integers(20, 200, 100), "floor": rng.integers(0, 8, 100)})
    flats["rent"] = np.exp(flats.m2 / 60 + 5).round(2)
    flats.to_csv("flats.csv", index=False)
    joblib.dump(LinearRegression().fit(flats[["m2", "floor"]], np.log1p(flats.rent)), "model.pkl")
    arguments = ("new", "rents", "--data", "flats.csv", "--target", "rent", "--pipeline", "model.pkl")
    status, out, _ = command(*arguments)
    assert status == 1
    assert "it was fitted on np.log1p of the target" in out
    shutil.rmtree("models")
    status, out, _ = command(*arguments, "--target-was", "log1p")
    assert status == 0, out
    with served(home, connect) as client:
        answer = client.post("/models/rents/predict", json={"m2": 60, "floor": 1}).json()["data"]["predictions"]
        assert answer[0] == pytest.approx(np.exp(6), rel=0.01)


def test_levels_of_the_pipeline_are_served_and_those_of_the_table_are_brought_to_them(
    command: Command, home: Home, customers: pd.DataFrame, connect: Any
) -> None:
    """ML Zoomcamp lowers the case of a column in the script; the table keeps the spelling of its owner."""
    table = customers.assign(town=customers.town.fillna("Cork"), floor=customers.visits)
    table["left"] = np.where((table.town == "Cork") | (table.floor > 3), "yes", "no")
    table[["town", "floor", "left"]].to_csv("customers.csv", index=False)
    frame = pd.DataFrame({"town": table.town.str.lower(), "floor": table.floor.astype(float).astype(str)})
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["town", "floor"]))
    pipeline = make_pipeline(columns, LogisticRegression()).fit(frame, table.left)
    joblib.dump(pipeline, "mine.joblib")
    status, out, err = command(
        "new", "leavers", "--data", "customers.csv", "--target", "left", "--pipeline", "mine.joblib"
    )
    assert status == 0, out + err
    assert "values are read in snake case, as the pipeline knows them" in out
    assert "floor: read as the pipeline knows it, " in out
    assert "'3' as '3.0'" in out
    with served(home, connect) as client:
        sent = json.loads(frame.to_json(orient="records"))
        assert_served_as(client, "leavers", pipeline, frame, sent)
        answer = client.post("/models/leavers/predict", json=[*sent[:1], {"town": "paris", "floor": "3.0"}]).json()
        assert [[one["type"] for one in row] for row in answer["data"]["warnings"]] == [[], ["unseen_level"]]
        refused = client.post("/models/leavers/predict", json={"town": "Cork", "floor": "3.0"}).json()
        assert "differs from the known 'cork' only in case" in refused["errors"][0]["msg"]
        assert_retrains(client, "leavers", [{**one, "left": left} for one, left in zip(sent, table.left, strict=True)])


TRUTHS: dict[str, Callable[[Any], Any]] = {
    "booleans": lambda left: left == "yes",
    "floats": lambda left: (left == "yes").astype(float),
    "integers": lambda left: (left == "yes").astype(int) + 1,
    "true and false as texts": lambda left: (left == "yes").astype(str),
}


@pytest.mark.parametrize("kind", TRUTHS)
def test_classes_keep_their_type_and_spelling_and_may_be_sent_back_as_they_came(
    command: Command, home: Home, customers: pd.DataFrame, connect: Any, kind: str
) -> None:
    labels = TRUTHS[kind](customers.left)
    whole = labels.astype(int) if kind == "floats" else labels
    customers[["plan", "income", "vip"]].assign(left=whole).to_csv("customers.csv", index=False)
    columns = make_column_transformer((OneHotEncoder(), ["plan", "vip"]), remainder="passthrough")
    pipeline = make_pipeline(columns, LogisticRegression(max_iter=5000))
    pipeline.fit(customers[["plan", "income", "vip"]], labels)
    joblib.dump(pipeline, "mine.joblib")
    arguments = ("--data", "customers.csv", "--target", "left", "--pipeline", "mine.joblib")
    status, out, err = command("new", "leavers", *arguments)
    assert status == 0, out + err
    features = instances(customers[["plan", "income", "vip"]])
    with served(home, connect) as client:
        properties = client.get("/models/leavers").json()["data"]["schema"]["properties"]
        assert properties["vip"] == {"type": "boolean"}
        assert_served_as(client, "leavers", pipeline, customers[["plan", "income", "vip"]], features)
        answered = client.post("/models/leavers/predict", json=features).json()["data"]["predictions"]
        sent_back = [{**row, "left": one["label"]} for row, one in zip(features, answered, strict=True)]
        assert_retrains(client, "leavers", sent_back)
        again = client.post("/models/leavers/predict", json=features).json()["data"]["predictions"]
        assert {one["label"] for one in again} == {one["label"] for one in answered} == set(map(str, set(labels)))
        native = [{**row, "left": label} for row, label in zip(features, labels.tolist(), strict=True)]
        assert retrained(client, "leavers", native)["version"] == 3
        refused = client.post("/models/leavers/predict", json={**features[0], "vip": "yes"}).json()
        assert refused["errors"][0]["msg"] == "must be true or false, not a string"
