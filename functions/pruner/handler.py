"""The pruner: once a day it removes what the retention of the models no longer keeps."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from functions.aws.invocations import LambdaContext, identified
from functions.aws.logs import json_logger
from functions.aws.settings import PruningSettings
from functions.core.locations import open_storage
from functions.core.model_folder import load_definitions
from functions.core.pruning import Pruning, retentions
from functions.core.registry import Registry

logger = json_logger()
_settings = PruningSettings.read(os.environ)
_pruning = Pruning(
    Registry(open_storage(_settings.registry)),
    open_storage(_settings.uploads),
    retentions(load_definitions(_settings.models), _settings.retention),
)


@identified
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Take the steps that are due; returns the number of each kind. A run that dies is continued by the next one."""
    plan = _pruning.plan()
    for one in plan:
        logger.info("pruning", extra={"step": one.step, "kind": one.kind, "key": one.key, "reason": one.reason})
        _pruning.carry_out([one])
    return dict(Counter(one.step for one in plan))
