"""What the control routes work with. Nothing here loads a model, so nothing here imports what would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.core.definition import Definition, get_definition
from functions.core.jobs import Jobs
from functions.core.registry import Registry
from functions.core.submission import Submissions, require_retrainable
from functions.core.uploads import UploadLinks


@dataclass(frozen=True, slots=True)
class Control:
    """For the catalogue, training and promotion."""

    definitions: Mapping[str, Definition]
    registry: Registry
    submissions: Submissions
    links: UploadLinks
    wait_seconds: float = 25.0
    poll_seconds: float = 0.25

    @property
    def jobs(self) -> Jobs:
        return Jobs(self.registry.storage)

    def definition(self, model: str) -> Definition:
        """Raises NotFoundError."""
        return get_definition(self.definitions, model)

    def retrainable(self, model: str) -> Definition:
        """The same, of a model that takes training rows; raises ConflictError for one that is trained elsewhere."""
        definition = self.definition(model)
        require_retrainable(definition)
        return definition
