"""A regressor that was fitted on a function of the target, put into one that undoes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from sklearn.base import is_regressor
from sklearn.compose import TransformedTargetRegressor
from sklearn.preprocessing import FunctionTransformer

from functions.core.errors import DefinitionError
from model_export.pipelines.convert import target_count

TargetFunction = Literal["log", "log1p", "sqrt"]
INVERSES: Mapping[TargetFunction, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "log": (np.log, np.exp),
    "log1p": (np.log1p, np.expm1),
    "sqrt": (np.sqrt, np.square),
}
"""Each function that scripts put on a target, and its inverse."""


def undone(regressor: Any, name: TargetFunction) -> TransformedTargetRegressor:
    """The fitted regressor, which predicts `name` of the target, as one that predicts the target itself.

    Raises DefinitionError for a classifier.
    """
    if not is_regressor(regressor):
        raise DefinitionError(f"--target-was {name} is for a regressor, and the pipeline is a classifier")
    function, inverse = INVERSES[name]
    whole = TransformedTargetRegressor(regressor, func=function, inverse_func=inverse, check_inverse=False)
    # What fit would leave behind; the regressor is fitted already, and stays as it is.
    whole.regressor_ = regressor
    targets = target_count(regressor)
    ones = np.ones((1, targets))
    whole.transformer_ = FunctionTransformer(function, inverse, validate=True, check_inverse=False).fit(ones)
    whole._training_dim = 1 if targets == 1 else 2
    return whole
