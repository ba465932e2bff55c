"""Pipelines of the shapes that ninety public training scripts save, and how many scripts have each shape."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from sklearn import ensemble, linear_model, tree
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, OrdinalEncoder, PolynomialFeatures, RobustScaler
from sklearn.preprocessing import StandardScaler as Scaler
from sklearn.svm import SVC, LinearSVC

from tools.conversion.configuration import Configuration, Fit, Key, fitted, piped, side_by_side
from tools.conversion.configurations.boosters import LIBRARIES
from tools.conversion.configurations.composing import NUMBERS, TEXTS, mixed
from tools.conversion.own_code import CODE, own_module
from tools.conversion.tables import TargetKind

SECTION = "Public training scripts"
Build = Callable[[], Any]
_FEW: dict[str, Any] = {"n_estimators": 8, "random_state": 0}
_ITSELF: Callable[[Any], Any] = lambda one: one  # noqa: E731  the form of most scripts


@dataclass(frozen=True, slots=True)
class Shape:
    """What `scripts` of the ninety save; several configurations where a script keeps the best of several models."""

    scripts: int
    configurations: tuple[Configuration, ...]


def share_taken(taken: Collection[Key]) -> float:
    """The share of the scripts whose shape is among `taken`, with every model that a script chooses from."""
    scripts = sum(shape.scripts for shape in SHAPES if all(one.key in taken for one in shape.configurations))
    return scripts / sum(shape.scripts for shape in SHAPES)


def _boosted(library: str, kind: str) -> Build:
    package, prefix, options = LIBRARIES[library]
    return lambda: getattr(import_module(package), prefix + kind)(**options)


_CLASSIFIERS: dict[str, Build] = {
    "RandomForestClassifier": lambda: ensemble.RandomForestClassifier(**_FEW),
    "ExtraTreesClassifier": lambda: ensemble.ExtraTreesClassifier(**_FEW),
    "GradientBoostingClassifier": lambda: ensemble.GradientBoostingClassifier(**_FEW),
    "HistGradientBoostingClassifier": lambda: ensemble.HistGradientBoostingClassifier(max_iter=8, random_state=0),
    "DecisionTreeClassifier": lambda: tree.DecisionTreeClassifier(max_depth=5, random_state=0),
    "LogisticRegression": lambda: linear_model.LogisticRegression(max_iter=2000),
    "LogisticRegression(class_weight='balanced')": lambda: linear_model.LogisticRegression(
        class_weight="balanced", max_iter=2000
    ),
    "LogisticRegression(solver='liblinear')": lambda: linear_model.LogisticRegression(solver="liblinear"),
    "SVC": SVC,
    "SVC(probability=True)": lambda: SVC(probability=True, random_state=0),
    "LinearSVC": lambda: LinearSVC(random_state=0),
    "KNeighborsClassifier": KNeighborsClassifier,
    "MLPClassifier": lambda: MLPClassifier((16,), max_iter=50, random_state=0),
    "MultinomialNB": MultinomialNB,
    "XGBClassifier": _boosted("XGB", "Classifier"),
    "LGBMClassifier": _boosted("LGBM", "Classifier"),
    "CatBoostClassifier": _boosted("CatBoost", "Classifier"),
    "VotingClassifier with XGBClassifier": lambda: ensemble.VotingClassifier(
        [("rf", ensemble.RandomForestClassifier(**_FEW)), ("xgb", _boosted("XGB", "Classifier")())], voting="soft"
    ),
    "StackingClassifier of GaussianNB": lambda: ensemble.StackingClassifier(
        [("nb", GaussianNB()), ("rf", ensemble.RandomForestClassifier(**_FEW))], cv=2
    ),
}
_REGRESSORS: dict[str, Build] = {
    "RandomForestRegressor": lambda: ensemble.RandomForestRegressor(**_FEW),
    "GradientBoostingRegressor": lambda: ensemble.GradientBoostingRegressor(**_FEW),
    "GradientBoostingRegressor(loss='quantile')": lambda: ensemble.GradientBoostingRegressor(loss="quantile", **_FEW),
    "HistGradientBoostingRegressor": lambda: ensemble.HistGradientBoostingRegressor(max_iter=8, random_state=0),
    "LinearRegression": linear_model.LinearRegression,
    "Ridge": linear_model.Ridge,
    "Lasso": linear_model.Lasso,
    "ElasticNet": linear_model.ElasticNet,
    "XGBRegressor": _boosted("XGB", "Regressor"),
    "LGBMRegressor": _boosted("LGBM", "Regressor"),
    "VotingRegressor with XGBRegressor": lambda: ensemble.VotingRegressor(
        [("rf", ensemble.RandomForestRegressor(**_FEW)), ("xgb", _boosted("XGB", "Regressor")())]
    ),
    "StackingRegressor with LGBMRegressor": lambda: ensemble.StackingRegressor(
        [("rf", ensemble.RandomForestRegressor(**_FEW)), ("lgbm", _boosted("LGBM", "Regressor")())], cv=2
    ),
}
_MODELS = _CLASSIFIERS | _REGRESSORS
_PACKAGES = {"XGB": "xgboost", "LGBM": "lightgbm", "CatBoost": "catboost"}


def _encoder(**options: Any) -> Any:
    return OneHotEncoder(handle_unknown="ignore", **options)


_TRANSFORMERS: dict[str, Build] = {
    "StandardScaler": Scaler,
    "SimpleImputer, StandardScaler": lambda: make_pipeline(SimpleImputer(), Scaler()),
    "PolynomialFeatures": PolynomialFeatures,
    "DictVectorizer": lambda: DictVectorizer(sparse=False),
    "CountVectorizer": CountVectorizer,
    "TfidfVectorizer": TfidfVectorizer,
    "ColumnTransformer(StandardScaler of 4 columns, passthrough)": lambda: make_column_transformer(
        (Scaler(), NUMBERS[:4]), remainder="passthrough"
    ),
    "ColumnTransformer(SimpleImputer, StandardScaler)": lambda: make_column_transformer(
        (make_pipeline(SimpleImputer(), Scaler()), NUMBERS)
    ),
    "ColumnTransformer(SimpleImputer, StandardScaler, OneHotEncoder)": lambda: mixed(sparse_threshold=0),
    "ColumnTransformer(SimpleImputer, OneHotEncoder)": lambda: make_column_transformer(
        (SimpleImputer(), NUMBERS), (make_pipeline(SimpleImputer(strategy="most_frequent"), _encoder()), TEXTS)
    ),
    "ColumnTransformer(OneHotEncoder)": lambda: make_column_transformer((_encoder(), TEXTS)),
    "ColumnTransformer(OneHotEncoder, StandardScaler)": lambda: make_column_transformer(
        (_encoder(), TEXTS), (Scaler(), NUMBERS)
    ),
    "ColumnTransformer(RobustScaler, OneHotEncoder)": lambda: make_column_transformer(
        (RobustScaler(), NUMBERS), (_encoder(), TEXTS)
    ),
    "ColumnTransformer(OneHotEncoder, remainder='passthrough')": lambda: make_column_transformer(
        (_encoder(), TEXTS), remainder="passthrough"
    ),
    "ColumnTransformer(passthrough, OneHotEncoder)": lambda: make_column_transformer(
        ("passthrough", NUMBERS), (_encoder(), TEXTS)
    ),
    "ColumnTransformer(TfidfVectorizer)": lambda: make_column_transformer((TfidfVectorizer(), "review")),
    "TfidfVectorizer next to StandardScaler": lambda: make_column_transformer(
        (TfidfVectorizer(), "review"), (Scaler(), NUMBERS)
    ),
}


def _of(
    scripts: int,
    before: str,
    models: str,
    table: str = "small",
    target: TargetKind = "two",
    *,
    form: str = "",
    saved: Callable[[Any], Any] = _ITSELF,
    rows: Callable[[pd.DataFrame], Any] = _ITSELF,
    wrap: Callable[[Any], Any] = _ITSELF,
    fit: Callable[[Build], Fit] = fitted,
) -> Shape:
    """The shape of transformers `before`, none if empty, and each of `models`, given with a bar between them."""

    def one(model: str) -> Configuration:
        steps = (_TRANSFORMERS[before], _MODELS[model]) if before else ()
        build = piped(*steps) if steps else _MODELS[model]
        name = f"{before}, {model}{form}" if before else f"{model} alone{form}"
        packages = [package for prefix, package in _PACKAGES.items() if prefix in model]
        requires = packages[0] if packages else None
        return Configuration(
            SECTION, name, table, target, fit(lambda: wrap(build())), rows=rows, saved=saved, requires=requires
        )

    return Shape(scripts, tuple(one(model) for model in models.split(" | ")))


def _searched(estimator: Any) -> Any:
    return GridSearchCV(estimator, {}, cv=2)


def _fitted_on_codes(build: Build) -> Fit:
    return lambda rows, target: build().fit(rows, LabelEncoder().fit_transform(target))


def _two(pipeline: Any) -> Any:
    return pipeline[0], pipeline[1]


def _two_and_labels(pipeline: Any) -> Any:
    return {"scaler": pipeline[0], "model": pipeline[1], "label_encoder": LabelEncoder().fit(["a", "b", "c"])}


def _with_metadata(model: Any) -> Any:
    return {"model": getattr(model, "best_estimator_", model), "metadata": {"version": 1, "features": NUMBERS}}


def _records(frame: pd.DataFrame) -> Any:
    return frame.to_dict("records")


def _review(frame: pd.DataFrame) -> Any:
    return frame["review"]


def _single(
    name: str,
    table: str,
    target: TargetKind,
    fit: Fit,
    *,
    rows: Callable[[pd.DataFrame], Any] = _ITSELF,
    saved: Callable[[Any], Any] = _ITSELF,
    requires: str | None = None,
    code: str | None = None,
    targets: int = 1,
) -> Shape:
    return Shape(1, (Configuration(SECTION, name, table, target, fit, rows, saved, code, requires, targets),))


class _BoosterOfRecords:
    """A Booster of xgb.train that is asked records, as its script does by hand."""

    def __init__(self, records: Any, target: Any) -> None:
        self.vectorizer = DictVectorizer()
        self.xgboost = import_module("xgboost")
        matrix = self.xgboost.DMatrix(self.vectorizer.fit_transform(records), label=target)
        self.booster = self.xgboost.train({"max_depth": 4, "nthread": 1}, matrix, num_boost_round=15)

    def predict(self, records: Any) -> Any:
        return self.booster.predict(self.xgboost.DMatrix(self.vectorizer.transform(records)))


def _lightgbm_booster(rows: Any, target: Any) -> Any:
    lightgbm = import_module("lightgbm")
    return lightgbm.train({"verbose": -1, "num_threads": 1}, lightgbm.Dataset(rows, target), num_boost_round=15)


def _several_of_texts(model: Build) -> Fit:
    """Two targets from one text, through a tokenizer of the user's own."""

    def fit(texts: Any, target: Any) -> Any:
        words = CountVectorizer(tokenizer=own_module().words, token_pattern=None)
        several = MultiOutputClassifier(model())
        return make_pipeline(words, TfidfTransformer(), several).fit(texts, side_by_side(target, 2))

    return fit


def _resampled(step: Build, model: Build) -> Fit:
    return lambda rows, target: (
        import_module("imblearn.pipeline")
        .make_pipeline(step(), import_module("imblearn.over_sampling").SMOTE(random_state=0), model())
        .fit(rows, target)
    )


def _ordinal_in_single() -> Any:
    return make_column_transformer((OrdinalEncoder(dtype=np.float32), TEXTS), ("passthrough", NUMBERS))


_SCALED = "StandardScaler"
_APART: dict[str, Any] = {"form": ", the transformer in a file of its own", "saved": _two}
_FOREST = "RandomForestClassifier"
_PREPARED = "ColumnTransformer(SimpleImputer, StandardScaler, OneHotEncoder)"

SHAPES: tuple[Shape, ...] = (
    _of(1, "DictVectorizer", _FOREST, "mixed", rows=_records, saved=_two),
    _of(2, "DictVectorizer", "LogisticRegression(solver='liblinear')", "mixed", rows=_records, saved=_two),
    _of(3, "DictVectorizer", "LogisticRegression", "mixed", rows=_records, saved=_two),
    _of(1, "DictVectorizer", "RandomForestRegressor", "mixed", "positive", rows=_records, saved=_two),
    _single(
        "DictVectorizer, xgboost.train",
        "mixed",
        "number",
        _BoosterOfRecords,
        rows=_records,
        saved=lambda one: (one.vectorizer, one.booster),
        requires="xgboost",
    ),
    _of(12, "", _FOREST),
    _of(1, "", _FOREST, target="three"),
    _of(5, "", _FOREST, form=" in a GridSearchCV", target="three", wrap=_searched),
    _of(1, "", "RandomForestRegressor", target="number", form=" in {model, metadata}", saved=_with_metadata),
    _of(
        1,
        "",
        "RandomForestRegressor",
        target="number",
        form=" of a GridSearchCV in {model, metadata}",
        saved=_with_metadata,
        wrap=_searched,
    ),
    _single(
        "RandomForestClassifier, LabelEncoder of the target in a file of its own",
        "small",
        "three",
        _fitted_on_codes(_MODELS[_FOREST]),
        saved=lambda model: (model, LabelEncoder().fit(["a", "b", "c"])),
    ),
    _of(1, "", "XGBClassifier", target="zero_one"),
    _of(1, "", "XGBRegressor", target="number", form=" in a GridSearchCV", wrap=_searched),
    _of(1, _SCALED, f"{_FOREST} | SVC(probability=True) | KNeighborsClassifier | DecisionTreeClassifier", **_APART),
    _of(
        1,
        "",
        "XGBRegressor | LGBMRegressor | GradientBoostingRegressor | RandomForestRegressor | Ridge | Lasso | ElasticNet"
        " | StackingRegressor with LGBMRegressor | VotingRegressor with XGBRegressor",
        target="number",
    ),
    _of(1, _PREPARED, f"LogisticRegression | {_FOREST}", "mixed with holes", form=", searched", wrap=_searched),
    _of(1, _PREPARED, _FOREST, "mixed with holes", "three", form=", searched", wrap=_searched),
    _of(1, "ColumnTransformer(OneHotEncoder)", "LogisticRegression", "mixed", form=", searched", wrap=_searched),
    _of(
        1,
        "ColumnTransformer(OneHotEncoder, StandardScaler)",
        "LogisticRegression",
        "mixed",
        form=", searched",
        wrap=_searched,
    ),
    _of(1, "SimpleImputer, StandardScaler", "LogisticRegression(class_weight='balanced')", "small with holes"),
    _single(
        "own class around a pipeline (--code)",
        "small",
        "two",
        lambda rows, target: (
            own_module().Around(make_pipeline(Scaler(), _MODELS["LogisticRegression"]())).fit(rows, target)
        ),
        code=CODE,
    ),
    _of(
        1,
        _SCALED,
        f"LogisticRegression | DecisionTreeClassifier | {_FOREST} | XGBClassifier | LGBMClassifier",
        target="zero_one",
    ),
    _of(2, "CountVectorizer", "LogisticRegression", "texts", rows=_review),
    _of(2, _SCALED, _FOREST),
    _of(1, "TfidfVectorizer", "MLPClassifier", "texts", "three", rows=_review),
    _single(
        "imblearn Pipeline of ColumnTransformer, SMOTE, SVC(probability=True)",
        "mixed",
        "two",
        _resampled(_TRANSFORMERS[_PREPARED], _MODELS["SVC(probability=True)"]),
        requires="imblearn",
    ),
    _single("lightgbm.train", "wide", "number", _lightgbm_booster, requires="lightgbm"),
    _single("lightgbm.train, missing values", "wide with holes", "number", _lightgbm_booster, requires="lightgbm"),
    _of(1, "", "LGBMClassifier", target="zero_one"),
    _of(1, "", "GradientBoostingRegressor", target="number"),
    *(
        _single(
            f"CountVectorizer(own tokenizer), TfidfTransformer, MultiOutputClassifier({name}) (--code)",
            "texts",
            "zero_one",
            _several_of_texts(_MODELS[name]),
            rows=_review,
            code=CODE,
            targets=2,
        )
        for name in (_FOREST, "DecisionTreeClassifier")
    ),
    _of(1, "", "GradientBoostingClassifier | LogisticRegression | SVC"),
    _of(1, "TfidfVectorizer", "MultinomialNB", "texts", rows=_review, **_APART),
    _of(1, _SCALED, "XGBClassifier", target="zero_one"),
    _of(1, "ColumnTransformer(passthrough, OneHotEncoder)", "XGBClassifier", "mixed", "zero_one"),
    _of(1, _PREPARED, "HistGradientBoostingClassifier", "mixed with holes"),
    _of(1, "ColumnTransformer(OneHotEncoder, StandardScaler)", _FOREST, "mixed"),
    _of(1, _SCALED, "LogisticRegression"),
    _of(1, _SCALED, "SVC"),
    _of(1, "", "SVC", form=" in a GridSearchCV", wrap=_searched),
    _of(1, "ColumnTransformer(OneHotEncoder, remainder='passthrough')", "RandomForestRegressor", "mixed", "number"),
    _of(1, "", "GradientBoostingRegressor | RandomForestRegressor | XGBRegressor", "codes", "number"),
    _of(
        1,
        "ColumnTransformer(RobustScaler, OneHotEncoder)",
        f"LogisticRegression | {_FOREST} | ExtraTreesClassifier | GradientBoostingClassifier | XGBClassifier"
        " | VotingClassifier with XGBClassifier",
        "mixed",
        "zero_one",
        **_APART,
    ),
    _single(
        "imblearn Pipeline of OrdinalEncoder(dtype=np.float32), SMOTE, XGBClassifier",
        "mixed",
        "zero_one",
        _resampled(_ordinal_in_single, _MODELS["XGBClassifier"]),
        requires="imblearn",
    ),
    _of(
        1,
        "TfidfVectorizer next to StandardScaler",
        f"LogisticRegression | LinearSVC | {_FOREST} | GradientBoostingClassifier",
        "texts and numbers",
    ),
    _of(
        1,
        "",
        "LinearRegression | RandomForestRegressor | GradientBoostingRegressor"
        " | GradientBoostingRegressor(loss='quantile')",
        "dummies",
        "number",
    ),
    _of(1, "ColumnTransformer(SimpleImputer, OneHotEncoder)", "LogisticRegression", "mixed with holes"),
    _of(
        1,
        "",
        "XGBClassifier | CatBoostClassifier | LGBMClassifier",
        target="zero_one",
        form=" in a GridSearchCV",
        wrap=_searched,
    ),
    _of(
        1,
        _PREPARED,
        "StackingClassifier of GaussianNB",
        "mixed with holes",
        form=" in a list of models",
        saved=lambda pipeline: [pipeline, _MODELS[_FOREST](), _MODELS["LogisticRegression"]()],
    ),
    _of(1, _PREPARED, "LogisticRegression", "mixed with holes", **_APART),
    _of(1, _PREPARED, "XGBClassifier", "mixed with holes", "zero_one"),
    _of(1, "", "GradientBoostingClassifier"),
    _of(1, _PREPARED, "HistGradientBoostingRegressor", "mixed with holes", "number"),
    _of(1, _PREPARED, f"XGBClassifier | {_FOREST} | LogisticRegression", "mixed with holes", "zero_one"),
    _of(3, "TfidfVectorizer", "LogisticRegression", "texts", rows=_review),
    _of(1, "ColumnTransformer(SimpleImputer, StandardScaler)", _FOREST, "small with holes"),
    _of(1, "ColumnTransformer(passthrough, OneHotEncoder)", "RandomForestRegressor", "mixed", "number"),
    _of(1, "ColumnTransformer(TfidfVectorizer)", "LogisticRegression", "texts"),
    _of(4, _SCALED, _FOREST, **_APART),
    _of(
        1,
        "ColumnTransformer(StandardScaler of 4 columns, passthrough)",
        f"LogisticRegression | {_FOREST} | DecisionTreeClassifier",
        **_APART,
    ),
    _of(
        1,
        _SCALED,
        "KNeighborsClassifier | LogisticRegression | DecisionTreeClassifier",
        target="three",
        form=" and LabelEncoder, each in a file of its own",
        saved=_two_and_labels,
        fit=_fitted_on_codes,
    ),
    _single(
        "StandardScaler, KMeans",
        "small",
        "number",
        lambda rows, target: make_pipeline(Scaler(), KMeans(3, n_init=1, random_state=0)).fit(rows),
        saved=_two,
    ),
    _of(1, "PolynomialFeatures", "LinearRegression", target="number"),
    _single(
        "FeatureUnion(TfidfVectorizer, TruncatedSVD, own vectors), LogisticRegression (--code)",
        "texts",
        "two",
        lambda rows, target: make_pipeline(
            make_union(
                TfidfVectorizer(),
                make_pipeline(TfidfVectorizer(), TruncatedSVD(5, random_state=0)),
                own_module().Vectors(),
            ),
            _MODELS["LogisticRegression"](),
        ).fit(rows, target),
        rows=_review,
        code=CODE,
    ),
)
CONFIGURATIONS: tuple[Configuration, ...] = tuple(
    {one.key: one for shape in SHAPES for one in shape.configurations}.values()
)
"""Each once, though several shapes may hold it."""
