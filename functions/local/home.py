"""$DESPLIEGUE_HOME, the folder of a laptop with its registry, its uploads, and its batches with their predictions."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from functions.core.errors import DiskError
from functions.core.local_storage import LocalStorage, remove_leftovers
from functions.core.registry import Registry
from functions.core.uploads import AWAITED
from functions.local.prediction_database import PredictionDatabase

DEFAULT_HOME = ".despliegue"


@dataclass(frozen=True, slots=True)
class Home:
    """The parts of the folder. `uploads` has what is below uploads/, to-predict/ and batches/, as a bucket on AWS."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        return cls(Path(os.environ.get("DESPLIEGUE_HOME", DEFAULT_HOME)).resolve())

    @property
    def registry(self) -> Registry:
        return Registry(LocalStorage(self.root / "registry"))

    @property
    def has_registry(self) -> bool:
        """True if something was published here, or a server ran."""
        return (self.root / "registry").is_dir()

    @property
    def uploads(self) -> LocalStorage:
        return LocalStorage(self.root)

    @property
    def predictions(self) -> PredictionDatabase:
        return PredictionDatabase(self.root / "predictions")

    def create(self, models: list[str]) -> None:
        """Make the registry's folder, two for each model to drop files into, and remove half-written leftovers.

        Raises DiskError.
        """
        dropped = (self.root / prefix / model for prefix in AWAITED for model in models)
        for folder in (self.root / "registry", *dropped):
            _make_writable(folder)
        remove_leftovers(self.root)


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # writing is the only sure test: permissions say nothing about a full or read-only disk
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DiskError(folder, error) from error
