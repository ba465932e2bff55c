"""Table of converters: the one for each estimator, the columns that it takes and the output that it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sklearn import ensemble, impute, linear_model, preprocessing, svm, tree
from sklearn.compose import TransformedTargetRegressor

from model_export.pipelines.convert import (
    boosting,
    catboost_models,
    custom,
    dict_vectorizer,
    encoders,
    forests,
    functions,
    imputers,
    lightgbm_models,
    linear,
    scalers,
    xgboost_models,
)
from model_export.pipelines.convert.catboost_categories import CatBoostWithTexts
from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.libraries import class_name

Convert = Callable[[Graph, Any, Sequence[Tensor]], tuple[str, ...]]
OutputKind = Literal["same", "numbers", "strings", "regression", "classification"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`takes`: one tensor of numbers, one of either kind, or several tensors, strings and numbers apart."""

    convert: Convert
    takes: Literal["numbers", "either", "several"] = "numbers"
    returns: OutputKind = "numbers"


WITHOUT_PROBABILITIES = (svm.LinearSVC, linear_model.RidgeClassifier, linear_model.Perceptron)
"""Classifiers with scores alone, which a stack or a CalibratedClassifierCV takes."""
RULES: Mapping[type, Rule] = {
    impute.SimpleImputer: Rule(imputers.simple, takes="either", returns="same"),
    impute.MissingIndicator: Rule(imputers.indicator, takes="either"),
    preprocessing.StandardScaler: Rule(scalers.standard),
    preprocessing.MinMaxScaler: Rule(scalers.min_max),
    preprocessing.MaxAbsScaler: Rule(scalers.max_abs),
    preprocessing.RobustScaler: Rule(scalers.robust),
    preprocessing.FunctionTransformer: Rule(functions.function_transformer),
    preprocessing.OneHotEncoder: Rule(encoders.one_hot, takes="several"),
    preprocessing.OrdinalEncoder: Rule(encoders.ordinal, takes="several"),
    preprocessing.TargetEncoder: Rule(encoders.target, takes="several"),
    dict_vectorizer.NamedDictVectorizer: Rule(dict_vectorizer.dict_vectorizer, takes="several"),
    **dict.fromkeys(linear.OVER_TABLES, Rule(linear.linear_classifier, returns="classification")),
    linear_model.SGDRegressor: Rule(linear.linear_regressor, returns="regression"),
    linear_model.LinearRegression: Rule(linear.linear_regressor, returns="regression"),
    linear_model.Ridge: Rule(linear.linear_regressor, returns="regression"),
    linear_model.Lasso: Rule(linear.linear_regressor, returns="regression"),
    linear_model.ElasticNet: Rule(linear.linear_regressor, returns="regression"),
    tree.DecisionTreeClassifier: Rule(forests.tree_classifier, returns="classification"),
    tree.DecisionTreeRegressor: Rule(forests.tree_regressor, returns="regression"),
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
    TransformedTargetRegressor: Rule(functions.transformed_target, returns="regression"),
    **dict.fromkeys(WITHOUT_PROBABILITIES, Rule(linear.without_probabilities, returns="classification")),
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
        return Rule(custom.custom, takes="either", returns=returns)
    if isinstance(estimator, CatBoostWithTexts):
        estimator = estimator.estimator
    return RULES.get(type(estimator)) or BOOSTERS.get(class_name(estimator))


def is_booster(estimator: Any) -> bool:
    return class_name(estimator) in BOOSTERS
