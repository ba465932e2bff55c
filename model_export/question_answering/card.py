"""Model card of a pushed checkpoint, its README.md, from what is in its folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from huggingface_hub import ModelCardData

from model_export.checkpoints.loading import Checkpoint

CARD = "README.md"
# Cards of earlier pushes are recognised by this line, so it never changes.
MARK = "<!-- despliegue push-hub wrote this card and will write it anew. Delete this line to keep yours. -->"
SHOWN_ARGUMENTS = (
    "max_seq_length",
    "doc_stride",
    "max_query_length",
    "max_answer_length",
    "num_train_epochs",
    "train_batch_size",
    "gradient_accumulation_steps",
    "learning_rate",
    "warmup_ratio",
    "weight_decay",
    "manual_seed",
    "handle_impossible_answer",
)
"""Arguments of the training that describe the model and not the machine."""


@dataclass(frozen=True, slots=True)
class Base:
    """The model that a training started from: its name and, where known, its hub id, licence and language."""

    name: str
    hub_id: str | None = None
    licence: str | None = None
    language: str | list[str] | None = None


def card(hub_id: str, checkpoint: Checkpoint, base: Base | None) -> str:
    """The text of README.md."""
    about = ModelCardData(
        language=base.language if base else None,
        license=base.licence if base else None,
        base_model=base.hub_id if base else None,
        library_name="transformers",
        pipeline_tag="question-answering",
    )
    return "\n".join(
        [
            "---",
            about.to_yaml(),
            "---",
            MARK,
            "",
            f"# {hub_id.partition('/')[2]}",
            "",
            f"A question-answering model ({checkpoint.family}): it finds, in a text that is sent along, the words that",
            f"answer a question. It reads at most {checkpoint.max_length} tokens at once.",
            *([f"It was fine-tuned from {base.name}."] if base else []),
            "",
            *_table("Training arguments", "argument", {name: checkpoint.args.get(name) for name in SHOWN_ARGUMENTS}),
            *_table("Results on the test questions", "metric", checkpoint.results),
            "## Use",
            "",
            "```python",
            "from transformers import pipeline",
            "",
            f'answers = pipeline("question-answering", model="{hub_id}")',
            'answers(question="...", context="...")',
            "```",
            "",
            f"`despliegue export-hf {hub_id} --name NAME` serves it over HTTP.",
            "",
        ]
    )


def _table(title: str, kind: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Lines of a table with the known values; none where no value is known."""
    known = {name: value for name, value in values.items() if value is not None}
    if known:
        yield from (f"## {title}", "", f"| {kind} | value |", "|---|---|")
        yield from (f"| {name} | {_plain(value)} |" for name, value in known.items())
        yield ""


def _plain(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else json.dumps(value)
