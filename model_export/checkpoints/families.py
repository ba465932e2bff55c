"""The table of model families: how each one is exported, and why others are refused; it imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from functions.core.errors import CheckpointError
from functions.core.tasks import TASKS, Task
from model_export.checkpoints.documents import CONFIG, known_keys, read_json_object

Exporter = Literal["optimum", "banded", "ids and mask"]
"""The way to a graph: optimum's own configuration of the family, the banded Longformer, or a configuration of ours."""
BLOCK_SPARSE = "block_sparse"
BLOCK_SIZE, RANDOM_BLOCKS = 64, 3
"""Of a BigBird whose configuration names none."""


@dataclass(frozen=True, slots=True)
class Family:
    """One family, under the `model_type` of its configurations.

    `is_behind_padding` is True where positions are counted from the one after the padding token's. Where
    `turns_sparse`, texts that are too short for sparse attention get full attention, and only these are exact.
    """

    exporter: Exporter = "optimum"
    is_behind_padding: bool = False
    turns_sparse: bool = False


FAMILIES: Mapping[str, Family] = {
    "albert": Family(),
    "bert": Family(),
    "big_bird": Family(turns_sparse=True),
    "camembert": Family(is_behind_padding=True),
    "convbert": Family(),
    "deberta": Family(),
    "deberta-v2": Family(),
    "distilbert": Family(),
    "electra": Family(),
    "longformer": Family(exporter="banded", is_behind_padding=True),
    "modernbert": Family(exporter="ids and mask"),
    "mpnet": Family(is_behind_padding=True),
    "roberta": Family(is_behind_padding=True),
    "roformer": Family(),
    "squeezebert": Family(),
    "xlm-roberta": Family(is_behind_padding=True),
}
"""DeBERTa v3 has the model_type of v2."""

_PLACES = "it reads the places of words on a page as well, and a request has texts alone"
_WRITES = "it has a decoder, which writes texts, and graphs are made of encoders alone"
REFUSED: Mapping[str, str] = {
    "bart": _WRITES,
    "funnel": "its layers shorten the text by steps that a graph would fix to one length",
    "layoutlm": _PLACES,
    "layoutlmv2": _PLACES,
    "layoutlmv3": _PLACES,
    "lilt": _PLACES,
    "markuplm": _PLACES,
    "mobilebert": "the numbers in its layers are so large that the logits of its graph differ from the model's by more "
    "than the tolerance",
    "mt5": _WRITES,
    "nystromformer": "its attention would be fixed to the length of the text that it was exported with",
    "t5": _WRITES,
    "umt5": _WRITES,
}
"""The families that people have and that cannot be served exactly, with the reason."""


@dataclass(frozen=True, slots=True)
class ModelSize:
    """Keys of config.json that bound the length of an input."""

    model_type: str | None = None
    max_position_embeddings: int | None = None
    pad_token_id: int | None = None
    attention_type: str | None = None
    block_size: int | None = None
    num_random_blocks: int | None = None

    @property
    def longest_input(self) -> int | None:
        """Tokens of the longest input; None where the configuration leaves it open."""
        if self.model_type is None or self.max_position_embeddings is None:
            return None
        family = FAMILIES.get(self.model_type, Family())
        # transformers numbers the padding token 1 where a configuration of these families names none
        padding = 1 if self.pad_token_id is None else self.pad_token_id
        longest = self.max_position_embeddings - (padding + 1 if family.is_behind_padding else 0)
        if family.turns_sparse and (self.attention_type or BLOCK_SPARSE) == BLOCK_SPARSE:
            # up to which transformers gives a BigBird full attention; longer texts take random blocks
            blocks = 5 + 2 * (self.num_random_blocks or RANDOM_BLOCKS)
            return min(longest, blocks * (self.block_size or BLOCK_SIZE))
        return longest


def model_size(document: Mapping[str, Any], source: str) -> ModelSize:
    """The size in a configuration; raises CheckpointError, with every fault under `source`."""
    return known_keys(document, ModelSize, source)


def family_of(folder: Path) -> str:
    """One of FAMILIES; raises CheckpointError with the reason why another is refused."""
    family = read_json_object(folder / CONFIG).get("model_type")
    if isinstance(family, str) and family in FAMILIES:
        return family
    known = f"known are {', '.join(FAMILIES)}"
    if family is None:
        raise CheckpointError(f"{folder / CONFIG} names no model_type, so its family is not known; {known}")
    if isinstance(family, str) and family in REFUSED:
        raise CheckpointError(f"{folder}: a {family!r} is not served: {REFUSED[family]}; {known}")
    raise CheckpointError(f"{folder}: a {family!r} is not known; {known}")


SEVERAL_LABELS = "ForMultiLabelSequenceClassification"
"""The end of the classes of Simple Transformers that may give a text several labels."""
HEADS: Mapping[str, str] = {
    "ForQuestionAnswering": "question-answering",
    "ForSequenceClassification": "text-classification",
    SEVERAL_LABELS: "text-classification",
    "ForTokenClassification": "token-classification",
    "ForMultipleChoice": "multiple-choice",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
    "ForPreTraining": "fill-mask",
    "Model": "feature-extraction",
}
"""From the end of an architecture's name to the task, as Hugging Face names it."""
CHECKPOINT_TASKS = tuple(task for task, traits in TASKS.items() if "checkpoint" in traits.served_files)


def architecture_of(folder: Path) -> str:
    """The name of the class that wrote the checkpoint; empty where its configuration names none."""
    architectures = read_json_object(folder / CONFIG).get("architectures")
    return str(architectures[0]) if isinstance(architectures, list) and architectures else ""


def checkpoint_task(folder: Path) -> Task:
    """The task that the checkpoint's architecture does; raises CheckpointError with its own if that is not served."""
    name = architecture_of(folder)
    task = next((task for end, task in HEADS.items() if name.endswith(end)), None)
    served = next((one for one in CHECKPOINT_TASKS if one == task), None)
    if served is not None:
        return served
    if not name:
        raise CheckpointError(
            f"{folder / CONFIG} names no architectures, so its task is not known: say --task "
            f"{' or '.join(CHECKPOINT_TASKS)}"
        )
    does = f"does {task}" if task else "has another task"
    raise CheckpointError(
        f"{folder}: a {name} {does}; served are {' and '.join(CHECKPOINT_TASKS)}: fine-tune it for one of them"
    )
