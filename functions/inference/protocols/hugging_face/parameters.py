"""Parameters that a request in the Hugging Face protocol may have, by task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from functions.core.tasks import Task
from functions.predictors.question_answering.parameters import AnsweringParameters


@dataclass(frozen=True, slots=True)
class LabelParameters:
    """Parameters of a classification; a `top_k` of None gives every label."""

    top_k: Annotated[int, Meta(ge=1, description="a whole number from 1")] | None = None
    function_to_apply: Annotated[None, Meta(description="the scores are probabilities already: leave it out")] = None


PARAMETERS_BY_TASK: Mapping[Task, type] = {
    "question-answering": AnsweringParameters,
    "text-classification": LabelParameters,
}
