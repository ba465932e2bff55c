"""Imputers, encoders, scalers and other transformers, each in front of a linear model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import cluster, decomposition, ensemble, kernel_approximation, preprocessing, random_projection
from sklearn.compose import make_column_transformer
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  IterativeImputer is hidden behind it
from sklearn.feature_extraction import FeatureHasher
from sklearn.impute import IterativeImputer, KNNImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline, make_union

from model_export.transformers.expressions import Expressions
from tools.conversion.configuration import Configuration, fitted
from tools.conversion.tables import TargetKind

SECTION = "Preparing"


def _row(
    name: str,
    table: str,
    steps: Callable[[], list[Any]],
    target: TargetKind = "number",
    model: Callable[[], Any] = Ridge,
) -> Configuration:
    return Configuration(SECTION, name, table, target, fitted(lambda: make_pipeline(*steps(), model())))


def _regression(name: str, table: str, step: Callable[[], Any]) -> Configuration:
    return _row(name, table, lambda: [step()])


def _numbers(step: Callable[[], Any]) -> Callable[[], Any]:
    """The step on the numbers of a mixed table, next to one-hot texts."""
    numeric = ["age", "height", "weight", "dose", "change"]
    return lambda: make_column_transformer(
        (make_pipeline(SimpleImputer(), step()), numeric),
        (preprocessing.OneHotEncoder(handle_unknown="ignore"), ["city", "plan"]),
    )


_OVER_HOLES: dict[str, Callable[[], Any]] = {
    "SimpleImputer": SimpleImputer,
    "SimpleImputer(strategy='median')": lambda: SimpleImputer(strategy="median"),
    "SimpleImputer(strategy='most_frequent')": lambda: SimpleImputer(strategy="most_frequent"),
    "SimpleImputer(strategy='constant')": lambda: SimpleImputer(strategy="constant", fill_value=-1),
    "SimpleImputer(add_indicator=True)": lambda: SimpleImputer(add_indicator=True),
    "KNNImputer": KNNImputer,
    "KNNImputer(weights='distance')": lambda: KNNImputer(weights="distance", n_neighbors=3),
    "KNNImputer(n_neighbors=1, add_indicator=True)": lambda: KNNImputer(n_neighbors=1, add_indicator=True),
    "IterativeImputer": lambda: IterativeImputer(max_iter=3, tol=10, random_state=0),
    "SimpleImputer and MissingIndicator in a FeatureUnion": lambda: make_union(SimpleImputer(), MissingIndicator()),
    "MissingIndicator(features='all')": lambda: MissingIndicator(features="all"),
}
_OVER_NUMBERS: dict[str, Callable[[], Any]] = {
    "StandardScaler": preprocessing.StandardScaler,
    "StandardScaler(with_mean=False)": lambda: preprocessing.StandardScaler(with_mean=False),
    "StandardScaler(with_std=False)": lambda: preprocessing.StandardScaler(with_std=False),
    "MinMaxScaler": preprocessing.MinMaxScaler,
    "MinMaxScaler(clip=True)": lambda: preprocessing.MinMaxScaler(clip=True),
    "MaxAbsScaler": preprocessing.MaxAbsScaler,
    "RobustScaler": preprocessing.RobustScaler,
    "Normalizer(norm='l2')": preprocessing.Normalizer,
    "Normalizer(norm='l1')": lambda: preprocessing.Normalizer(norm="l1"),
    "Normalizer(norm='max')": lambda: preprocessing.Normalizer(norm="max"),
    "Binarizer": lambda: preprocessing.Binarizer(threshold=60),
    "KBinsDiscretizer": lambda: preprocessing.KBinsDiscretizer(quantile_method="averaged_inverted_cdf"),
    "KBinsDiscretizer(encode='ordinal', strategy='uniform')": lambda: preprocessing.KBinsDiscretizer(
        encode="ordinal", strategy="uniform"
    ),
    "QuantileTransformer": lambda: preprocessing.QuantileTransformer(n_quantiles=100),
    "QuantileTransformer(output_distribution='normal')": lambda: preprocessing.QuantileTransformer(
        n_quantiles=100, output_distribution="normal"
    ),
    "PowerTransformer": preprocessing.PowerTransformer,
    "PolynomialFeatures": preprocessing.PolynomialFeatures,
    "PolynomialFeatures(degree=3, include_bias=False)": lambda: preprocessing.PolynomialFeatures(3, include_bias=False),
    "PolynomialFeatures(interaction_only=True)": lambda: preprocessing.PolynomialFeatures(interaction_only=True),
    "SplineTransformer": preprocessing.SplineTransformer,
    "SplineTransformer(extrapolation='linear')": lambda: preprocessing.SplineTransformer(extrapolation="linear"),
    "PCA": lambda: decomposition.PCA(3),
    "PCA(whiten=True)": lambda: decomposition.PCA(3, whiten=True),
    "PCA(0.95)": lambda: decomposition.PCA(0.95),
    "IncrementalPCA": lambda: decomposition.IncrementalPCA(3),
    "TruncatedSVD": lambda: decomposition.TruncatedSVD(3, random_state=0),
    "FastICA": lambda: decomposition.FastICA(3, random_state=0, max_iter=500, tol=0.1),
    "KernelPCA(kernel='rbf')": lambda: decomposition.KernelPCA(3, kernel="rbf"),
    "FactorAnalysis": lambda: decomposition.FactorAnalysis(3),
    "RandomTreesEmbedding": lambda: ensemble.RandomTreesEmbedding(5, random_state=0),
    "RBFSampler": lambda: kernel_approximation.RBFSampler(gamma=1e-4, random_state=0),
    "Nystroem": lambda: kernel_approximation.Nystroem(gamma=1e-4, n_components=20, random_state=0),
    "FeatureAgglomeration": lambda: cluster.FeatureAgglomeration(3),
    "GaussianRandomProjection": lambda: random_projection.GaussianRandomProjection(3, random_state=0),
    "KMeans": lambda: cluster.KMeans(4, n_init=1, random_state=0),
    "FunctionTransformer(None)": preprocessing.FunctionTransformer,
    **{
        f"FunctionTransformer(np.{name})": (lambda function: lambda: preprocessing.FunctionTransformer(function))(
            getattr(np, name)
        )
        for name in ("abs", "square", "tanh", "cbrt", "sign", "sin", "cos", "arctan", "floor", "rint", "reciprocal")
    },
    "FunctionTransformer(np.clip, kw_args)": lambda: preprocessing.FunctionTransformer(
        np.clip, kw_args={"a_min": 0, "a_max": 100}
    ),
}
_OVER_POSITIVE: dict[str, Callable[[], Any]] = {
    **{
        f"FunctionTransformer(np.{name})": (lambda function: lambda: preprocessing.FunctionTransformer(function))(
            getattr(np, name)
        )
        for name in ("log1p", "sqrt")
    },
    "PowerTransformer(method='yeo-johnson')": preprocessing.PowerTransformer,
    "NMF": lambda: decomposition.NMF(2, random_state=0, max_iter=1000, tol=0.01),
}
_OVER_MINUTES: dict[str, Callable[[], Any]] = {
    **{
        f"FunctionTransformer(np.{name})": (lambda function: lambda: preprocessing.FunctionTransformer(function))(
            getattr(np, name)
        )
        for name in ("log", "log2", "log10")
    },
    "PowerTransformer(method='box-cox')": lambda: preprocessing.PowerTransformer(method="box-cox"),
}
_EXPRESSIONS = {
    "rate": "clicks / (1 + visits)",
    "size": "log1p(spent) + sqrt(minutes)",
    "is_long": "minutes > 20",
    "rest": "where(visits == 0, -1, minutes % (visits + 1))",
}
_ROUNDED: dict[str, Callable[[], Any]] = {
    "KBinsDiscretizer": lambda: preprocessing.KBinsDiscretizer(quantile_method="averaged_inverted_cdf"),
    "QuantileTransformer": lambda: preprocessing.QuantileTransformer(n_quantiles=100),
}
_ONE_HOT: dict[str, dict[str, Any]] = {
    "OneHotEncoder(handle_unknown='ignore')": {"handle_unknown": "ignore"},
    "OneHotEncoder(handle_unknown='warn')": {"handle_unknown": "warn"},
    "OneHotEncoder(drop='first')": {"handle_unknown": "ignore", "drop": "first"},
    "OneHotEncoder(drop='if_binary')": {"handle_unknown": "ignore", "drop": "if_binary"},
    "OneHotEncoder(min_frequency=0.1)": {"handle_unknown": "infrequent_if_exist", "min_frequency": 0.1},
    "OneHotEncoder(max_categories=4)": {"handle_unknown": "ignore", "max_categories": 4},
    "OneHotEncoder(dtype=np.float32)": {"handle_unknown": "ignore", "dtype": np.float32},
    "OneHotEncoder(dtype=int)": {"handle_unknown": "ignore", "dtype": int},
}
_ORDINAL: dict[str, dict[str, Any]] = {
    "OrdinalEncoder(unknown_value=-1)": {"handle_unknown": "use_encoded_value", "unknown_value": -1},
    "OrdinalEncoder(encoded_missing_value=-2)": {
        "handle_unknown": "use_encoded_value",
        "unknown_value": -1,
        "encoded_missing_value": -2,
    },
    "OrdinalEncoder(min_frequency=0.1)": {
        "handle_unknown": "use_encoded_value",
        "unknown_value": -1,
        "encoded_missing_value": -2,
        "min_frequency": 0.1,
    },
}


def _expressions_in_columns() -> Any:
    ratio = Expressions({"slim": "height / weight ** 2"}, keep_columns=False)
    return make_column_transformer(
        (make_pipeline(ratio, preprocessing.StandardScaler()), ["height", "weight"]),
        (preprocessing.OneHotEncoder(handle_unknown="ignore"), ["city", "plan"]),
    )


def _expressions_in_front() -> list[Any]:
    columns = make_column_transformer(
        (SimpleImputer(), ["slim", "age"]), (preprocessing.OneHotEncoder(handle_unknown="ignore"), ["city"])
    )
    return [Expressions({"slim": "height / weight ** 2"}), columns]


def _behind_a_logarithm(step: Callable[[], Any]) -> Callable[[], list[Any]]:
    return lambda: [
        make_column_transformer((make_pipeline(preprocessing.FunctionTransformer(np.log1p), step()), ["clicks"]))
    ]


def _encoder(kind: Any, options: dict[str, Any]) -> Callable[[], Any]:
    return lambda: kind(**options)


def _of_minutes(step: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: make_column_transformer((step(), ["minutes"]))


def _ordinal(options: dict[str, Any]) -> Callable[[], list[Any]]:
    return lambda: [preprocessing.OrdinalEncoder(**options), SimpleImputer()]


def _target_encoder(kind: TargetKind) -> Configuration:
    model: Callable[[], Any] = Ridge if kind == "number" else LogisticRegression
    return _row(
        "TargetEncoder",
        "categories with holes",
        lambda: [preprocessing.TargetEncoder(cv=3, random_state=0, shuffle=True)],
        kind,
        model,
    )


CONFIGURATIONS: tuple[Configuration, ...] = (
    *(_regression(name, "small with holes", step) for name, step in _OVER_HOLES.items() if "features" not in name),
    _row(
        "MissingIndicator(features='all')",
        "wide with holes",
        lambda: [MissingIndicator(features="all")],
        "two",
        LogisticRegression,
    ),
    _regression(
        "SimpleImputer(add_indicator=True), nothing missing", "small", lambda: SimpleImputer(add_indicator=True)
    ),
    _regression("SimpleImputer on whole numbers", "codes", SimpleImputer),
    _regression(
        "SimpleImputer(strategy='most_frequent') on whole numbers",
        "codes",
        _OVER_HOLES["SimpleImputer(strategy='most_frequent')"],
    ),
    _regression(
        "SimpleImputer(strategy='constant') on whole numbers",
        "codes",
        _OVER_HOLES["SimpleImputer(strategy='constant')"],
    ),
    _regression("SimpleImputer(missing_values=-1)", "positive", lambda: SimpleImputer(missing_values=-1)),
    *(_regression(name, "small", step) for name, step in _OVER_NUMBERS.items()),
    *(_regression(name, "positive", step) for name, step in _OVER_POSITIVE.items()),
    *(_regression(f"{name} on one column", "positive", _of_minutes(step)) for name, step in _OVER_MINUTES.items()),
    _regression("KNNImputer", "wide with holes", KNNImputer),
    _regression("Expressions", "positive", lambda: Expressions(_EXPRESSIONS)),
    _row(
        "Expressions(keep_columns=False)",
        "positive",
        lambda: [Expressions(_EXPRESSIONS, keep_columns=False)],
        "two",
        lambda: ensemble.RandomForestClassifier(8, random_state=0),
    ),
    _regression("Expressions that divide by 0", "positive", lambda: Expressions({"each": "spent / clicks"})),
    _regression("Expressions in a ColumnTransformer", "mixed", _expressions_in_columns),
    _row("Expressions in front of a ColumnTransformer", "mixed with holes", _expressions_in_front),
    *(
        _row(
            f"FunctionTransformer(np.log1p) and {name} on whole numbers",
            "positive",
            _behind_a_logarithm(step),
        )
        for name, step in _ROUNDED.items()
    ),
    *(
        _regression(name, "categories with holes", _encoder(preprocessing.OneHotEncoder, options))
        for name, options in _ONE_HOT.items()
    ),
    _regression("OneHotEncoder()", "categories", preprocessing.OneHotEncoder),
    _regression(
        "OneHotEncoder(handle_unknown='ignore') on whole numbers",
        "codes",
        lambda: preprocessing.OneHotEncoder(handle_unknown="ignore"),
    ),
    *(
        _row(
            name,
            "categories with holes",
            _ordinal(options),
        )
        for name, options in _ORDINAL.items()
    ),
    _regression("OrdinalEncoder()", "categories", preprocessing.OrdinalEncoder),
    *(_target_encoder(kind) for kind in ("number", "two", "three")),
    _row(
        "SimpleImputer(strategy='most_frequent') and OneHotEncoder",
        "categories with holes",
        lambda: [SimpleImputer(strategy="most_frequent"), preprocessing.OneHotEncoder(handle_unknown="ignore")],
    ),
    _row(
        "SimpleImputer(strategy='constant') and OneHotEncoder",
        "categories with holes",
        lambda: [
            SimpleImputer(strategy="constant", fill_value="?"),
            preprocessing.OneHotEncoder(handle_unknown="ignore"),
        ],
    ),
    Configuration(
        SECTION,
        "SimpleImputer for NaN where holes are None, and OneHotEncoder",
        "categories with holes",
        "number",
        fitted(
            lambda: make_pipeline(
                SimpleImputer(strategy="most_frequent"), preprocessing.OneHotEncoder(handle_unknown="ignore"), Ridge()
            )
        ),
        rows=lambda frame: frame.astype(object).where(frame.notna(), None),
    ),
    *(
        _regression(f"{name} in a mixed ColumnTransformer", "mixed", _numbers(step))
        for name, step in {
            "PowerTransformer": preprocessing.PowerTransformer,
            "PolynomialFeatures": preprocessing.PolynomialFeatures,
            "KBinsDiscretizer": _OVER_NUMBERS["KBinsDiscretizer"],
            "PCA": _OVER_NUMBERS["PCA"],
            "QuantileTransformer": _OVER_NUMBERS["QuantileTransformer"],
        }.items()
    ),
    _regression(
        "FeatureUnion(StandardScaler, MinMaxScaler)",
        "small",
        lambda: make_union(preprocessing.StandardScaler(), preprocessing.MinMaxScaler()),
    ),
    _regression(
        "FeatureUnion(PCA, StandardScaler)",
        "small",
        lambda: make_union(decomposition.PCA(2), preprocessing.StandardScaler()),
    ),
    Configuration(
        SECTION,
        "FeatureHasher",
        "categories",
        "number",
        fitted(lambda: make_pipeline(FeatureHasher(32), Ridge())),
        rows=lambda frame: frame.to_dict("records"),
    ),
)
