"""What a request in the Hugging Face protocol may ask, for each task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from functions.core.tasks import Task
from functions.predictors.question_answering.parameters import AnsweringParameters


@dataclass(frozen=True, slots=True)
class LabelParameters:
    """None for `top_k` is every label."""

    top_k: Annotated[int, Meta(ge=1, description="a whole number from 1")] | None = None
    function_to_apply: Annotated[None, Meta(description="the scores are probabilities already: leave it out")] = None


PARAMETERS_OF: Mapping[Task, type] = {
    "question-answering": AnsweringParameters,
    "text-classification": LabelParameters,
}
