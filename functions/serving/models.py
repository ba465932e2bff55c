"""The models of one process, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from functions.core.definition import Definition, get_definition
from functions.core.registry import Registry
from functions.serving.production import ServedModel


@dataclass(frozen=True, slots=True)
class ServedModels:
    """The models that a process predicts with; each is followed from its first request on."""

    definitions: Mapping[str, Definition]
    registry: Registry
    freshness_seconds: float = 0.0
    _served: dict[str, ServedModel] = field(default_factory=dict)

    def among(self, definitions: Mapping[str, Definition]) -> ServedModels:
        """The same models, of which those that are not among `definitions` are let go, and others may be followed."""
        for name in self._served.keys() - definitions.keys():
            self._served.pop(name, None)
        return replace(self, definitions=definitions)

    def served(self, model: str) -> ServedModel:
        """The model, followed from now on; raises NotFoundError for a model that this process does not serve."""
        get_definition(self.definitions, model)
        if model not in self._served:
            self._served[model] = ServedModel(self.registry, model, freshness_seconds=self.freshness_seconds)
        return self._served[model]
