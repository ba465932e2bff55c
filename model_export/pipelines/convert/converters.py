"""Table of converters: the one for each estimator, the columns that it takes and the output that it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from sklearn import (
    decomposition,
    discriminant_analysis,
    dummy,
    ensemble,
    impute,
    naive_bayes,
    neighbors,
    neural_network,
    preprocessing,
    random_projection,
    svm,
    tree,
)
from sklearn.compose import TransformedTargetRegressor
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.impute._iterative import IterativeImputer  # its public name is behind an experimental switch
from sklearn.isotonic import IsotonicRegression
from sklearn.kernel_ridge import KernelRidge

from model_export.pipelines.convert import (
    baselines,
    bayes,
    boosting,
    catboost_models,
    custom,
    date_parts,
    dict_vectorizer,
    discretizers,
    discriminants,
    encoders,
    expressions,
    forests,
    functions,
    gaussian_processes,
    imputers,
    inverses,
    isotonic,
    iterative_imputer,
    kernels,
    knn_imputer,
    lightgbm_models,
    linear,
    neighbours,
    networks,
    normalizers,
    polynomials,
    powers,
    projections,
    quantiles,
    scalers,
    selectors,
    splines,
    support_vectors,
    term_weights,
    xgboost_models,
)
from model_export.pipelines.convert.catboost_categories import CatBoostWithTexts
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.libraries import class_name
from model_export.transformers.dates import DateParts
from model_export.transformers.expressions import Expressions

Convert = Callable[[Graph, Any, Sequence[Tensor]], tuple[str, ...]]
OutputKind = Literal["same", "numbers", "strings", "regression", "classification"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`takes`: one tensor of numbers, of numbers or strings (`either`), of datetimes or of any kind.

    Or several tensors, strings and numbers apart.
    """

    convert: Convert
    takes: Literal["numbers", "either", "datetimes", "any", "several"] = "numbers"
    returns: OutputKind = "numbers"


def _regressor_of_a_step(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    rule = rule_of(estimator)
    if rule is None or rule.returns != "regression":
        raise InexactError(f"its estimator {type(estimator).__name__} has no exact converter; leave estimator at None")
    return rule.convert(graph, estimator, inputs)


RULES: Mapping[type, Rule] = {
    impute.SimpleImputer: Rule(imputers.simple, takes="either", returns="same"),
    IterativeImputer: Rule(partial(iterative_imputer.iterative, _regressor_of_a_step)),
    impute.KNNImputer: Rule(knn_imputer.nearest_filled),
    impute.MissingIndicator: Rule(imputers.indicator, takes="either"),
    preprocessing.StandardScaler: Rule(scalers.standard),
    preprocessing.MinMaxScaler: Rule(scalers.min_max),
    preprocessing.MaxAbsScaler: Rule(scalers.max_abs),
    preprocessing.RobustScaler: Rule(scalers.robust),
    Expressions: Rule(expressions.expressions),
    preprocessing.FunctionTransformer: Rule(functions.function_transformer),
    TfidfTransformer: Rule(term_weights.weighted_terms),
    preprocessing.Normalizer: Rule(normalizers.row_norm),
    preprocessing.Binarizer: Rule(discretizers.binarizer),
    preprocessing.KBinsDiscretizer: Rule(discretizers.bins),
    preprocessing.PolynomialFeatures: Rule(polynomials.polynomial),
    preprocessing.PowerTransformer: Rule(powers.power),
    preprocessing.QuantileTransformer: Rule(quantiles.quantile),
    preprocessing.SplineTransformer: Rule(splines.splines),
    decomposition.PCA: Rule(projections.principal),
    decomposition.IncrementalPCA: Rule(projections.principal),
    decomposition.TruncatedSVD: Rule(projections.plain),
    decomposition.FastICA: Rule(projections.independent),
    decomposition.FactorAnalysis: Rule(projections.factors),
    random_projection.GaussianRandomProjection: Rule(projections.plain),
    random_projection.SparseRandomProjection: Rule(projections.plain),
    **dict.fromkeys(selectors.SELECTORS, Rule(selectors.selector)),
    DateParts: Rule(date_parts.date_parts, takes="datetimes"),
    preprocessing.OneHotEncoder: Rule(encoders.one_hot, takes="several"),
    preprocessing.OrdinalEncoder: Rule(encoders.ordinal, takes="several"),
    preprocessing.TargetEncoder: Rule(encoders.target, takes="several"),
    dict_vectorizer.NamedDictVectorizer: Rule(dict_vectorizer.dict_vectorizer, takes="several"),
    **dict.fromkeys(linear.LINEAR_CLASSIFIERS, Rule(linear.linear_classifier, returns="classification")),
    **dict.fromkeys(linear.LINEAR_REGRESSORS, Rule(linear.linear_regressor, returns="regression")),
    **dict.fromkeys(linear.GENERALIZED_REGRESSORS, Rule(linear.generalized_regressor, returns="regression")),
    **dict.fromkeys(linear.CENTRED_REGRESSORS, Rule(linear.centred_regressor, returns="regression")),
    discriminant_analysis.QuadraticDiscriminantAnalysis: Rule(discriminants.quadratic, returns="classification"),
    neighbors.NearestCentroid: Rule(discriminants.nearest_centroid, returns="classification"),
    naive_bayes.GaussianNB: Rule(bayes.gaussian, returns="classification"),
    naive_bayes.BernoulliNB: Rule(bayes.bernoulli, returns="classification"),
    naive_bayes.CategoricalNB: Rule(bayes.categorical, returns="classification"),
    dummy.DummyClassifier: Rule(baselines.dummy_classifier, takes="several", returns="classification"),
    dummy.DummyRegressor: Rule(baselines.dummy_regressor, takes="several", returns="regression"),
    IsotonicRegression: Rule(isotonic.isotonic_regressor, returns="regression"),
    **dict.fromkeys((svm.SVC, svm.NuSVC), Rule(support_vectors.support_vector_classifier, returns="classification")),
    **dict.fromkeys((svm.SVR, svm.NuSVR), Rule(support_vectors.support_vector_regressor, returns="regression")),
    KernelRidge: Rule(kernels.kernel_ridge, returns="regression"),
    GaussianProcessRegressor: Rule(gaussian_processes.process_regressor, returns="regression"),
    neighbors.KNeighborsClassifier: Rule(neighbours.neighbours_classifier, returns="classification"),
    neighbors.KNeighborsRegressor: Rule(neighbours.neighbours_regressor, returns="regression"),
    neural_network.MLPClassifier: Rule(networks.network_classifier, returns="classification"),
    neural_network.MLPRegressor: Rule(networks.network_regressor, returns="regression"),
    tree.DecisionTreeClassifier: Rule(forests.tree_classifier, returns="classification"),
    tree.DecisionTreeRegressor: Rule(forests.tree_regressor, returns="regression"),
    tree.ExtraTreeClassifier: Rule(forests.tree_classifier, returns="classification"),
    tree.ExtraTreeRegressor: Rule(forests.tree_regressor, returns="regression"),
    ensemble.RandomForestClassifier: Rule(forests.tree_classifier, returns="classification"),
    ensemble.RandomForestRegressor: Rule(forests.tree_regressor, returns="regression"),
    ensemble.ExtraTreesClassifier: Rule(forests.tree_classifier, returns="classification"),
    ensemble.ExtraTreesRegressor: Rule(forests.tree_regressor, returns="regression"),
    ensemble.GradientBoostingClassifier: Rule(boosting.exact_classifier, returns="classification"),
    ensemble.GradientBoostingRegressor: Rule(boosting.exact_regressor, returns="regression"),
    ensemble.HistGradientBoostingClassifier: Rule(
        boosting.histogram_classifier, takes="several", returns="classification"
    ),
    ensemble.HistGradientBoostingRegressor: Rule(boosting.histogram_regressor, takes="several", returns="regression"),
    TransformedTargetRegressor: Rule(inverses.transformed_target, returns="regression"),
}
BOOSTERS: Mapping[str, Rule] = {
    "catboost.core.CatBoostClassifier": Rule(
        catboost_models.catboost_classifier, takes="several", returns="classification"
    ),
    "catboost.core.CatBoostRegressor": Rule(catboost_models.catboost_regressor, takes="several", returns="regression"),
    "lightgbm.sklearn.LGBMClassifier": Rule(
        lightgbm_models.lightgbm_classifier, takes="several", returns="classification"
    ),
    "lightgbm.sklearn.LGBMRegressor": Rule(lightgbm_models.lightgbm_regressor, takes="several", returns="regression"),
    "xgboost.sklearn.XGBClassifier": Rule(xgboost_models.xgboost_classifier, takes="several", returns="classification"),
    "xgboost.sklearn.XGBRFClassifier": Rule(
        xgboost_models.xgboost_classifier, takes="several", returns="classification"
    ),
    "xgboost.sklearn.XGBRegressor": Rule(xgboost_models.xgboost_regressor, takes="several", returns="regression"),
    "xgboost.sklearn.XGBRFRegressor": Rule(xgboost_models.xgboost_regressor, takes="several", returns="regression"),
}
"""Estimators of libraries that only the users of such a pipeline have, by module and class."""


def rule_of(estimator: Any) -> Rule | None:
    """The rule of exactly this class, or for a transformer with `to_onnx`; None without either.

    A subclass may predict otherwise, so it never gets the rule of its parent.
    """
    if custom.converts_itself(estimator):
        returns: OutputKind = "strings" if custom.returns_strings(estimator) else "numbers"
        return Rule(custom.custom, takes="any", returns=returns)
    if isinstance(estimator, CatBoostWithTexts):
        estimator = estimator.estimator
    return RULES.get(type(estimator)) or BOOSTERS.get(class_name(estimator))


def is_booster(estimator: Any) -> bool:
    return class_name(estimator) in BOOSTERS
