"""Joblibs of users: the estimators that are found in them, and the reasons why others are refused."""

from __future__ import annotations

import gzip
import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from functions.core.errors import ConversionError, InvalidInputError
from model_export.pipelines.user_joblib import load_pipeline

Save = Callable[..., Path]
ROWS = np.arange(20.0).reshape(-1, 1)


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def write(found: Any, *, dump: Callable[[Any, Path], Any] = joblib.dump) -> Path:
        dump(found, tmp_path / "mine.joblib")
        return tmp_path / "mine.joblib"

    return write


def fitted() -> LinearRegression:
    return LinearRegression().fit(ROWS, ROWS[:, 0])


def as_pickle(found: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(found))


def compressed(found: Any, path: Path) -> None:
    joblib.dump(found, path, compress=("gzip", 3))


@pytest.mark.parametrize("dump", [joblib.dump, as_pickle, compressed])
def test_joblib_and_pickle_are_read(save: Save, dump: Any) -> None:
    assert isinstance(load_pipeline([save(fitted(), dump=dump)]).pipeline, LinearRegression)


def test_of_a_search_the_best_is_taken(save: Save) -> None:
    search = GridSearchCV(LinearRegression(), {"fit_intercept": [True]}, cv=2).fit(ROWS, ROWS[:, 0])
    assert type(load_pipeline([save(search)]).pipeline) is LinearRegression


@pytest.mark.parametrize(
    "shape", [tuple, lambda pair: pair[::-1], list, lambda pair: {"model": pair[1], "dv": pair[0]}]
)
def test_a_vectorizer_and_a_model_become_a_pipeline(save: Save, shape: Any) -> None:
    vectorizer = DictVectorizer().fit([{"a": 1.0}])
    found = load_pipeline([save(shape((vectorizer, fitted())))]).pipeline
    assert isinstance(found, Pipeline)
    assert [type(step) for _, step in found.steps] == [DictVectorizer, LinearRegression]


@pytest.mark.parametrize("found", ["text", {}, (), StandardScaler(), {"columns": ["a"]}])
def test_whatever_else_is_in_it_is_named(save: Save, found: Any) -> None:
    with pytest.raises(ConversionError, match="it should hold a fitted pipeline, classifier or regressor"):
        load_pipeline([save(found)])


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="no such file"):
        load_pipeline([tmp_path / "none.joblib"])
    (tmp_path / "text.joblib").write_text("no pickle")
    with pytest.raises(ConversionError, match="holds no pipeline that loads here"):
        load_pipeline([tmp_path / "text.joblib"])


@pytest.mark.parametrize("loads", [True, False])
@pytest.mark.parametrize("is_compressed", [True, False])
def test_another_scikit_learn_is_refused_with_both_versions(tmp_path: Path, loads: bool, is_compressed: bool) -> None:
    """Also where the file does not even load, as trees of other versions."""
    body = pickle.dumps(DecisionTreeRegressor(max_depth=2).fit(ROWS, ROWS[:, 0]), protocol=4)
    here = sklearn.__version__.encode()
    other = re.sub(rb"\d+\.\d+", b"1.2", here)[: len(here)].ljust(len(here), b"0")
    body = body.replace(here, other)
    if not loads:
        body = body.replace(b"sklearn.tree._tree", b"sklearn.tree._gone")
    path = tmp_path / "old.joblib"
    path.write_bytes(gzip.compress(body) if is_compressed else body)
    with pytest.raises(ConversionError) as refusal:
        load_pipeline([path])
    message = str(refusal.value)
    assert f"made with scikit-learn {other.decode()}, and this is {sklearn.__version__}" in message
    assert f'pip install "scikit-learn=={sklearn.__version__}"' in message
    assert "despliegue new NAME --data TABLE --target COLUMN, without the file" in message


def test_a_pipeline_in_two_files_is_read_in_their_order(tmp_path: Path) -> None:
    joblib.dump(StandardScaler().fit(ROWS), tmp_path / "scaler.pkl")
    joblib.dump(fitted(), tmp_path / "model.pkl")
    found = load_pipeline([tmp_path / "scaler.pkl", tmp_path / "model.pkl"])
    assert [type(step) for _, step in found.pipeline.steps] == [StandardScaler, LinearRegression]
    assert found.notes == ("read as one pipeline: StandardScaler -> LinearRegression",)


def test_a_patch_release_is_the_same_version(tmp_path: Path) -> None:
    body = pickle.dumps(fitted())
    here = sklearn.__version__
    other = f"{here.rpartition('.')[0]}.{9 if not here.endswith('9') else 8}"
    (tmp_path / "patch.pkl").write_bytes(body.replace(here.encode(), other.encode()))
    assert isinstance(load_pipeline([tmp_path / "patch.pkl"]).pipeline, LinearRegression)


@pytest.mark.parametrize(
    ("library", "command"),
    [("xgboost", "xgboost-cpu"), ("lightgbm", "lightgbm"), ("catboost", "catboost")],
)
def test_a_library_of_boosters_that_is_missing_is_told_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, command: str
) -> None:
    body = pickle.dumps(DecisionTreeRegressor(), protocol=0).replace(
        b"sklearn.tree._classes", f"{library}.core".encode()
    )
    (tmp_path / "other.pkl").write_bytes(body)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ConversionError, match=f"holds a model of {library}, .*: python -m pip install {command}, in"):
        load_pipeline([tmp_path / "other.pkl"])


def test_a_missing_module_of_a_library_is_named(save: Save, tmp_path: Path) -> None:
    body = pickle.dumps(DecisionTreeRegressor(), protocol=0).replace(b"sklearn.tree._classes", b"xgboostings.core")
    (tmp_path / "other.pkl").write_bytes(body)
    with pytest.raises(ConversionError, match=r"wants module xgboostings, .* if it is a library, install it"):
        load_pipeline([tmp_path / "other.pkl"])


def test_the_readme_states_the_range_of_scikit_learn_that_is_taken() -> None:
    root = Path(__file__).parents[3]
    (required,) = re.findall(r'"scikit-learn>=([\d.]+),<', (root / "pyproject.toml").read_text())
    assert f"of scikit-learn {required}," in (root / "README.md").read_text()
    assert sklearn.__version__.startswith(required)
