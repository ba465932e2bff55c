"""Context of the control routes. They load no model, so nothing here imports what would load one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Header

from functions.core.batch_costs import BatchPrices
from functions.core.batch_submission import BatchSubmissions
from functions.core.batches import Batches
from functions.core.definition import Definition, get_definition
from functions.core.jobs import Jobs
from functions.core.lookups import PredictionStore
from functions.core.machine_memory import trainer_memory_bytes
from functions.core.patience import GATEWAY_PATIENCE_SECONDS
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.submission import Submissions, require_retrainable
from functions.core.training_memory import training_limit
from functions.core.uploads import DownloadLinks, UploadLinks
from functions.inference.authorised_route import accepted_token

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=200)]
LOCAL = "local"
"""Name of the client of a server without tokens."""


@dataclass(frozen=True, slots=True)
class Batching:
    """The records of batches, their files, and the links to those.

    `store` has the predictions that can be looked up, None where none are kept. `prices` is None where a batch costs
    nothing.
    """

    records: Storage
    files: Storage
    store: PredictionStore | None
    downloads: DownloadLinks
    prices: BatchPrices | None = None

    @property
    def batches(self) -> Batches:
        return Batches(self.records, self.files)

    @property
    def submissions(self) -> BatchSubmissions:
        return BatchSubmissions(self.records, self.files)


@dataclass(frozen=True, slots=True)
class Control:
    """Definitions and stores for the catalogue, training, promotion and batches.

    A retrain is answered `wait_seconds` after it arrived, even if its job is not finished. `is_behind_gateway` is True
    where a gateway checks tokens, sizes and rates before a request comes here; `checks_tokens` where this process does.
    `is_stopping` returns True once no queued job will be begun any more. `trainer_memory_bytes` is the memory of the
    trainer, which decides how large a file a form takes.
    """

    definitions: Mapping[str, Definition]
    registry: Registry
    submissions: Submissions
    links: UploadLinks
    batching: Batching
    wait_seconds: float = GATEWAY_PATIENCE_SECONDS
    poll_seconds: float = 0.25
    is_behind_gateway: bool = False
    checks_tokens: bool = False
    is_stopping: Callable[[], bool] = lambda: False
    trainer_memory_bytes: int = field(default_factory=trainer_memory_bytes)

    @property
    def jobs(self) -> Jobs:
        return Jobs(self.registry.storage)

    def definition(self, model: str) -> Definition:
        """Raises NotFoundError."""
        return get_definition(self.definitions, model)

    def training_limit(self, definition: Definition) -> int:
        """The bytes of the largest file that the model trains on."""
        return training_limit(definition.limits, self.trainer_memory_bytes)

    def retrainable(self, model: str) -> Definition:
        """Definition of a model that takes training rows; raises NotFoundError, ConflictError if it takes none."""
        definition = self.definition(model)
        require_retrainable(definition)
        return definition


def request_actor(scope: Mapping[str, Any]) -> str:
    """Name of the token that asks, for the record of who asked; LOCAL without one."""
    return accepted_token(scope) or LOCAL
