"""Settings of a version that labels texts by a checkpoint (labelling.json)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Literal

import numpy as np
import orjson
from msgspec import Meta

from functions.core.documents import read_document
from functions.core.errors import DamagedVersionError, DocumentError
from functions.core.tasks import LABELLING
from functions.predictors.predictions import Doubles

Activation = Literal["softmax", "sigmoid"]


@dataclass(frozen=True, slots=True)
class LabellingSettings:
    """`max_length` is the most tokens of a text, special ones included; of a longer text only the first ones are read
    if `truncation` is set, else it is refused. With "softmax" one label of all is right, with "sigmoid" each is by
    itself.
    """

    max_length: Annotated[int, Meta(ge=1)]
    activation: Activation = "softmax"
    truncation: bool = False

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, body: bytes) -> LabellingSettings:
        """Read labelling.json; raises DamagedVersionError if it holds no settings."""
        try:
            return read_document(orjson.loads(body), cls, LABELLING)
        except DocumentError as error:
            raise DamagedVersionError(f"{LABELLING} cannot be read: {error.brief}") from error
        except orjson.JSONDecodeError as error:
            raise DamagedVersionError(f"{LABELLING} cannot be read: {error}") from error


def label_scores(logits: Doubles, activation: Activation) -> Doubles:
    """Probabilities [N, labels] of logits of the same shape; those of a softmax add up to 1 in each row."""
    if activation == "sigmoid":
        # of minus the absolute value, whose exponential cannot overflow
        small = np.exp(-np.abs(logits))
        bounded: Doubles = np.where(logits >= 0, 1.0, small) / (1.0 + small)
        return bounded
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Doubles = exponentials / exponentials.sum(axis=1, keepdims=True)
    return shares
