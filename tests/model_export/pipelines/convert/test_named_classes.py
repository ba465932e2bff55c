"""Names for the classes of a classifier that takes only numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from model_export.pipelines.convert import unwrapped, with_named_classes
from model_export.pipelines.convert.named_classes import NamedClasses

X = np.array([[0.0], [1.0], [2.0], [3.0]] * 5)
NAMES = np.array(["dear", "dear", "cheap", "cheap"] * 5, dtype=object)


def test_the_classifier_is_fitted_on_places_and_answers_with_names() -> None:
    named = NamedClasses(LogisticRegression()).fit(X, NAMES)
    assert named.classes_.tolist() == ["cheap", "dear"]
    assert named.classifier_.classes_.tolist() == [0, 1]
    assert named.predict(X[:4]).tolist() == NAMES[:4].tolist()
    assert named.predict_proba(X[:1])[0].argmax() == 1


def test_steps_are_found_behind_the_names() -> None:
    model = LogisticRegression()
    assert unwrapped(NamedClasses(model)) is model
    assert type(unwrapped(NamedClasses(model).fit(X, NAMES))) is LogisticRegression


def test_only_classifiers_of_xgboost_need_names() -> None:
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    assert with_named_classes(pipeline) is pipeline


def test_a_classifier_of_xgboost_gets_names_in_a_pipeline_a_search_and_a_calibration() -> None:
    xgboost = pytest.importorskip("xgboost", reason="SKIPPED: needs xgboost-cpu, which this environment lacks")
    pipeline = make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=5, n_jobs=1))
    search = GridSearchCV(pipeline, {"xgbclassifier__max_depth": [2, 3]}, cv=2)
    for model in (pipeline, search, CalibratedClassifierCV(pipeline, cv=2)):
        named = with_named_classes(model).fit(X, NAMES)
        assert named.predict(X[:4]).tolist() == NAMES[:4].tolist()
    regression = make_pipeline(xgboost.XGBRegressor())
    assert with_named_classes(regression) is regression


def test_a_classifier_of_lightgbm_needs_names_for_numbers_alone() -> None:
    lightgbm = pytest.importorskip("lightgbm", reason="SKIPPED: needs lightgbm, which this environment lacks")
    few = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1)
    assert with_named_classes(few) is few
    assert type(with_named_classes(few.fit(X, np.arange(20) % 2))) is NamedClasses
    assert with_named_classes(few.fit(X, NAMES)) is few


def test_a_fitted_classifier_keeps_its_numbers_for_names() -> None:
    xgboost = pytest.importorskip("xgboost", reason="SKIPPED: needs xgboost-cpu, which this environment lacks")
    named = with_named_classes(xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(X, np.arange(20) % 2))
    assert named.classes_.tolist() == [0, 1]
    named.classes_ = np.array(["no", "yes"], dtype=object)
    assert set(named.predict(X)) <= {"no", "yes"}


def test_members_of_several_targets_get_names_each() -> None:
    xgboost = pytest.importorskip("xgboost", reason="SKIPPED: needs xgboost, which this environment lacks")
    several = with_named_classes(
        make_pipeline(StandardScaler(), MultiOutputClassifier(xgboost.XGBClassifier(n_estimators=2)))
    )
    both = np.column_stack([NAMES, NAMES[::-1]])
    several.fit(X, both)
    assert [one.tolist() for one in several[-1].classes_] == [["cheap", "dear"]] * 2
    assert several.predict(X[:4]).tolist() == both[:4].tolist()


def test_fitted_members_of_several_targets_stay_as_they_are() -> None:
    several = MultiOutputClassifier(LogisticRegression()).fit(X, np.column_stack([NAMES, NAMES]))
    assert with_named_classes(several) is several
    assert not isinstance(several.estimator, NamedClasses)
