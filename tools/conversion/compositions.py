"""Random pipelines of supported parts, each from a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from sklearn import (
    decomposition,
    discriminant_analysis,
    ensemble,
    feature_selection,
    linear_model,
    multiclass,
    naive_bayes,
    neural_network,
    preprocessing,
    svm,
    tree,
)
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import f_classif, f_regression
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

from model_export.transformers.expressions import Expressions
from tools.conversion.configuration import Configuration, fitted
from tools.conversion.tables import TABLES, TargetKind

SECTION = "Compositions"
Random = np.random.Generator
Make = Callable[[Random], Any]
TARGETS: tuple[TargetKind, ...] = ("number", "positive", "two", "zero_one", "three", "four")
CHOSEN_TABLES = (
    "wide",
    "wide with holes",
    "small",
    "small with holes",
    "codes",
    "categories",
    "categories with holes",
    "mixed",
    "mixed with holes",
    "mixed with holes",
    "flags",
    "positive",
    "dummies",
    "texts",
    "texts and numbers",
    "two texts",
)
TEXT_COLUMNS = ("review", "reply")
TAKES_NO_SPARSE_ROWS = (ensemble.HistGradientBoostingClassifier, ensemble.HistGradientBoostingRegressor)


def composition(seed: int) -> Configuration:
    """The pipeline of that seed; the same for ever, as long as this file is."""
    random = np.random.default_rng(seed)
    table = _one(random, CHOSEN_TABLES)
    target: TargetKind = _one(random, TARGETS if table != "texts" else TARGETS[2:])
    is_classification = target not in ("number", "positive")
    build, rows = _pipeline(random, table, is_classification=is_classification)
    name = f"seed {seed}"
    return Configuration(SECTION, name, table, target, fitted(lambda: build), rows=rows)


def _one(random: Random, choices: Sequence[Any]) -> Any:
    return choices[int(random.integers(len(choices)))]


def _pipeline(random: Random, table: str, *, is_classification: bool) -> tuple[Any, Callable[[pd.DataFrame], Any]]:
    frame = TABLES[table](np.random.default_rng(0), 50)
    has_holes = bool(frame.isna().any(axis=None))
    if table == "texts":
        return make_pipeline(_vectorizer(random), _one(random, TEXT_MODELS)(random)), lambda rows: rows["review"]
    if not has_holes and random.random() < 0.12 and "texts" not in table:
        vectorizer = DictVectorizer(sparse=False)
        return make_pipeline(vectorizer, _model(random, is_classification)), lambda rows: rows.to_dict("records")
    model = _model(random, is_classification)
    front = _front(random, frame)
    columns = _columns(random, front[0][1].fit_transform(frame) if front else frame, is_classification)
    if isinstance(model, TAKES_NO_SPARSE_ROWS):
        columns.set_params(sparse_threshold=0)
    pipeline = Pipeline([*front, ("pre", columns), ("model", model)])
    if not is_classification and random.random() < 0.1:
        pipeline = TransformedTargetRegressor(pipeline, transformer=preprocessing.StandardScaler())
    if random.random() < 0.1:
        pipeline = GridSearchCV(pipeline, {}, cv=2)
    return pipeline, lambda rows: rows


def _front(random: Random, frame: pd.DataFrame) -> list[tuple[str, Any]]:
    """Expressions of two columns in front of the others, now and then."""
    numbers = [f"column({str(name)!r})" for name, column in frame.items() if pd.api.types.is_numeric_dtype(column)]
    if len(numbers) < 2 or random.random() > 0.15:
        return []
    left, right = numbers[:2]
    return [("front", Expressions({"left_by_right": f"{left} / (1 + abs({right}))", "is_more": f"{left} > {right}"}))]


def _columns(random: Random, frame: pd.DataFrame, is_classification: bool) -> Any:
    numbers = [str(name) for name, column in frame.items() if pd.api.types.is_numeric_dtype(column)]
    texts = [str(name) for name in frame if name not in numbers and name not in TEXT_COLUMNS]
    parts: list[Any] = [(name, _vectorizer(random), name) for name in TEXT_COLUMNS if name in frame]
    for name, columns, steps in (("num", numbers, _numeric), ("cat", texts, _categorical)):
        if columns:
            parts.append((name, steps(random, frame[columns], is_classification), columns))
    weights = {name: float(random.uniform(0.2, 3)) for name, _, _ in parts} if random.random() < 0.15 else None
    return ColumnTransformer(parts, sparse_threshold=_one(random, (0, 0.3)), transformer_weights=weights)


def _numeric(random: Random, frame: pd.DataFrame, is_classification: bool) -> Any:
    has_holes = bool(frame.isna().any(axis=None))
    steps: list[Any] = [_imputer(random)] if has_holes or random.random() < 0.3 else []
    if "minutes" in frame and random.random() < 0.5:
        steps.append(preprocessing.FunctionTransformer(_one(random, (np.log1p, np.sqrt, np.cbrt))))
    steps.append(_one(random, SCALERS)(random))
    steps.extend(_one(random, EXTRAS)(random) for _ in range(_one(random, (0, 0, 1, 1, 2))))
    if random.random() < 0.2:
        steps.append(_selector(random, is_classification))
    if random.random() < 0.15:
        indicator = MissingIndicator(features="all") if has_holes else preprocessing.MaxAbsScaler()
        weights = _one(random, (None, {"steps": 0.3}))
        return FeatureUnion([("steps", make_pipeline(*steps)), ("beside", indicator)], transformer_weights=weights)
    return make_pipeline(*steps)


def _selector(random: Random, is_classification: bool) -> Any:
    score = f_classif if is_classification else f_regression
    model: Any = linear_model.LogisticRegression() if is_classification else linear_model.Ridge()
    selectors = (
        feature_selection.VarianceThreshold(),
        feature_selection.SelectKBest(score, k=1),
        feature_selection.GenericUnivariateSelect(score, mode="k_best", param=1),
        feature_selection.SelectFromModel(model),
    )
    return _one(random, selectors)


def _imputer(random: Random) -> Any:
    if random.random() < 0.2:
        return KNNImputer(n_neighbors=int(random.integers(1, 6)), weights=_one(random, ("uniform", "distance")))
    strategy = _one(random, ("mean", "median", "most_frequent", "constant"))
    return SimpleImputer(strategy=strategy, add_indicator=random.random() < 0.3)


def _categorical(random: Random, frame: pd.DataFrame, is_classification: bool) -> Any:
    steps: list[Any] = []
    if frame.isna().any(axis=None) and random.random() < 0.6:
        steps.append(
            _one(random, (SimpleImputer(strategy="most_frequent"), SimpleImputer(strategy="constant", fill_value="?")))
        )
    steps.append(_one(random, ENCODERS)(random))
    return make_pipeline(*steps)


def _vectorizer(random: Random) -> Any:
    kind = _one(random, (CountVectorizer, TfidfVectorizer))
    words = {"ngram_range": _one(random, ((1, 1), (1, 2))), "strip_accents": _one(random, (None, "unicode", "ascii"))}
    letters = {"analyzer": _one(random, ("char", "char_wb")), "ngram_range": (2, 3)}
    if random.random() < 0.25:
        # the signs of hashes are no counts, which naive Bayes asks for
        hashing = {"n_features": int(random.integers(20, 300)), "alternate_sign": False}
        return HashingVectorizer(**hashing, norm=_one(random, ("l1", "l2", None)), **_one(random, (words, letters)))
    return kind(max_features=int(random.integers(20, 300)), **_one(random, (words, letters)))


def _model(random: Random, is_classification: bool) -> Any:
    return _one(random, CLASSIFIERS if is_classification else REGRESSORS)(random)


SCALERS: tuple[Make, ...] = (
    lambda random: preprocessing.StandardScaler(),
    lambda random: preprocessing.MinMaxScaler(clip=_one(random, (True, False))),
    lambda random: preprocessing.RobustScaler(),
    lambda random: preprocessing.MaxAbsScaler(),
)
EXTRAS: tuple[Make, ...] = (
    lambda random: preprocessing.FunctionTransformer(_one(random, (np.abs, np.square, np.tanh))),
    lambda random: preprocessing.PolynomialFeatures(2, interaction_only=random.random() < 0.5),
    lambda random: decomposition.PCA(_one(random, (1, 0.9)), whiten=random.random() < 0.5),
    lambda random: preprocessing.PowerTransformer(standardize=random.random() < 0.5),
    lambda random: preprocessing.QuantileTransformer(
        n_quantiles=int(random.integers(10, 200)), output_distribution=_one(random, ("uniform", "normal"))
    ),
    lambda random: preprocessing.KBinsDiscretizer(
        int(random.integers(2, 8)),
        encode=_one(random, ("onehot", "onehot-dense", "ordinal")),
        strategy=_one(random, ("uniform", "quantile")),
        quantile_method="averaged_inverted_cdf",
    ),
    lambda random: preprocessing.SplineTransformer(
        n_knots=int(random.integers(3, 7)), extrapolation=_one(random, ("constant", "linear", "continue"))
    ),
    lambda random: preprocessing.Normalizer(_one(random, ("l1", "l2", "max"))),
    lambda random: "passthrough",
)
ENCODERS: tuple[Make, ...] = (
    lambda random: preprocessing.OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=0.05, drop=_one(random, (None, "if_binary"))
    ),
    lambda random: preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=_one(random, (True, False))),
    lambda random: preprocessing.OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=-1,
        encoded_missing_value=-2,
        dtype=_one(random, (np.float64, np.float32)),
    ),
    lambda random: preprocessing.TargetEncoder(cv=3, random_state=0),
)
_FEW: dict[str, Any] = {"n_estimators": 8, "random_state": 0}
CLASSIFIERS: tuple[Make, ...] = (
    lambda random: linear_model.LogisticRegression(C=float(random.uniform(0.1, 2)), max_iter=500),
    lambda random: linear_model.SGDClassifier(loss=_one(random, ("log_loss", "modified_huber")), random_state=0),
    lambda random: tree.DecisionTreeClassifier(max_depth=int(random.integers(2, 8)), random_state=0),
    lambda random: ensemble.RandomForestClassifier(**_FEW),
    lambda random: ensemble.ExtraTreesClassifier(**_FEW),
    lambda random: ensemble.GradientBoostingClassifier(**_FEW),
    lambda random: ensemble.HistGradientBoostingClassifier(max_iter=8, random_state=0),
    lambda random: CalibratedClassifierCV(svm.LinearSVC(random_state=0), cv=2),
    lambda random: ensemble.VotingClassifier(
        [("a", ensemble.RandomForestClassifier(**_FEW)), ("b", linear_model.LogisticRegression(max_iter=500))],
        voting="soft",
    ),
    lambda random: ensemble.StackingClassifier([("a", ensemble.RandomForestClassifier(**_FEW))], cv=2),
    lambda random: linear_model.RidgeClassifier(),
    lambda random: svm.LinearSVC(random_state=0),
    lambda random: svm.SVC(kernel=_one(random, ("rbf", "linear")), random_state=0),
    lambda random: discriminant_analysis.LinearDiscriminantAnalysis(),
    lambda random: ensemble.AdaBoostClassifier(**_FEW),
    lambda random: ensemble.BaggingClassifier(**_FEW),
    lambda random: multiclass.OneVsRestClassifier(linear_model.LogisticRegression(max_iter=500)),
    lambda random: neural_network.MLPClassifier((8,), random_state=0, max_iter=20, tol=1),
    lambda random: lightgbm.LGBMClassifier(**_FEW, verbose=-1, n_jobs=1),
)
REGRESSORS: tuple[Make, ...] = (
    lambda random: linear_model.Ridge(alpha=float(random.uniform(0.1, 5))),
    lambda random: linear_model.ElasticNet(alpha=0.01, max_iter=5000),
    lambda random: tree.DecisionTreeRegressor(max_depth=int(random.integers(2, 8)), random_state=0),
    lambda random: ensemble.RandomForestRegressor(**_FEW),
    lambda random: ensemble.ExtraTreesRegressor(**_FEW),
    lambda random: ensemble.GradientBoostingRegressor(**_FEW),
    lambda random: ensemble.HistGradientBoostingRegressor(max_iter=8, random_state=0),
    lambda random: ensemble.VotingRegressor(
        [("a", ensemble.RandomForestRegressor(**_FEW)), ("b", linear_model.Ridge())]
    ),
    lambda random: linear_model.RidgeCV(),
    lambda random: linear_model.BayesianRidge(),
    lambda random: svm.SVR(),
    lambda random: ensemble.AdaBoostRegressor(**_FEW),
    lambda random: ensemble.BaggingRegressor(**_FEW),
    lambda random: ensemble.StackingRegressor([("a", ensemble.RandomForestRegressor(**_FEW))], cv=2),
    lambda random: neural_network.MLPRegressor(hidden_layer_sizes=(8,), random_state=0, max_iter=20, tol=10),
    lambda random: lightgbm.LGBMRegressor(**_FEW, verbose=-1, n_jobs=1),
)
TEXT_MODELS: tuple[Make, ...] = (
    lambda random: linear_model.LogisticRegression(max_iter=500),
    lambda random: linear_model.SGDClassifier(loss=_one(random, ("log_loss", "modified_huber")), random_state=0),
    lambda random: naive_bayes.MultinomialNB(alpha=float(random.uniform(0.01, 1))),
    lambda random: naive_bayes.ComplementNB(),
    lambda random: svm.LinearSVC(random_state=0),
    lambda random: ensemble.RandomForestClassifier(**_FEW),
)
