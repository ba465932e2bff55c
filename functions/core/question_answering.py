"""The schema that all question-answering models share: a question, and the context that holds the answer."""

from __future__ import annotations

from functions.core.schema import Feature, Schema

QUESTION = "question"
CONTEXT = "context"
SCHEMA = Schema(
    features=(
        Feature(QUESTION, "string", "What is asked", categorical=False),
        Feature(CONTEXT, "string", "The text that the answer is a part of", categorical=False),
    ),
    target=Feature("answer", "string", "The part of the context that answers", categorical=False),
)
