"""manifest.json, the description of a version. It is written last, so a version without one does not exist."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

import orjson

from functions.core.definition import Limits
from functions.core.documents import read_document
from functions.core.errors import DamagedVersionError, DocumentError, UnsupportedFormatError
from functions.core.measured_on import MeasuredOn
from functions.core.schema import Schema
from functions.core.tasks import TASKS, ModelKind, Scoring, Task

MANIFEST_FORMAT_VERSION = 2
"""The newest format. Format 2 is of several targets: `labels`, and `target` in its schema, are lists with one for each.

A version of one target is still written in format 1, which an older Despliegue reads.
"""
Label = str | int | float | bool
Labels = tuple[Label | tuple[Label, ...], ...]
"""Labels in the order of the graph, of several targets a tuple for each; none of a regression."""
Mode = Literal["replace", "extend"]
"""What becomes of the rows of the version before: new ones replace them, or extend them."""
MODES: tuple[Mode, ...] = get_args(Mode)
Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
LEFT_OUT: Mapping[str, object] = {
    "kind": None,
    "scoring": "probabilities",
    "metrics_in_sample": False,
    "measured_rows": None,
}
"""Keys that were added to the format, and the values with which they are not written: older readers expect these."""
UPGRADES: dict[int, Upgrade] = {1: lambda document: document}
"""The function for each older format version that turns a document into the next format.

To change the format: raise MANIFEST_FORMAT_VERSION, add the upgrade from the previous one, and keep a manifest
of the old format in tests/core/manifests/, where a test reads every manifest.
"""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a version."""

    sha256: str
    size_bytes: int

    @classmethod
    def of(cls, body: bytes) -> Artifact:
        return cls(hashlib.sha256(body).hexdigest(), len(body))


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The rows that a version was trained on; `digest` names the object data/<digest>, `time` is their age."""

    digest: str
    time: str
    rows_training: int
    rows_evaluation: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything known about a version, and the digest of each of its files.

    `kind` is None for the default kind of the task. `scoring` is of classifications. `metrics_in_sample` marks metrics
    that were measured on rows which the pipeline may have been fitted on, and which are therefore better than those of
    new rows. `measured_rows` is the number of rows behind the metrics of a version without `data`.
    """

    model: str
    version: int
    task: Task
    created: str
    definition_digest: str
    schema: Schema
    labels: Labels
    limits: Limits
    metrics: Mapping[str, float]
    args: Mapping[str, Any]
    data: TrainingData | None
    parity: Mapping[str, Any]
    libraries: Mapping[str, str]
    example: Mapping[str, Any]
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    kind: ModelKind | None = None
    scoring: Scoring = "probabilities"
    metrics_in_sample: bool = False
    measured_rows: int | None = None

    @property
    def measured_on(self) -> MeasuredOn:
        rows = self.data.rows_evaluation if self.data else self.measured_rows
        return MeasuredOn(rows, self.metrics_in_sample)

    @property
    def model_kind(self) -> ModelKind:
        return self.kind or TASKS[self.task].default_kind

    @property
    def served_files(self) -> tuple[str, ...]:
        """The names of the artifacts that serving reads."""
        traits = TASKS[self.task]
        return (
            *traits.served_files[self.model_kind],
            *(name for name in traits.optional_files if name in self.artifacts),
        )

    def to_json(self) -> bytes:
        document = {
            **{key: value for key, value in asdict(self).items() if key not in LEFT_OUT or LEFT_OUT[key] != value},
            "format_version": MANIFEST_FORMAT_VERSION if self.schema.has_several_targets else 1,
            "schema": self.schema.to_dict(),
            "artifacts": {name: asdict(artifact) for name, artifact in self.artifacts.items()},
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, body: bytes) -> Manifest:
        """The manifest of any format version up to this one.

        Raises UnsupportedFormatError for a newer format, DamagedVersionError for a body that is no manifest.
        """
        try:
            document = upgrade(orjson.loads(body), UPGRADES, MANIFEST_FORMAT_VERSION)
            del document["format_version"]
            _refuse_unknown_task(document["task"])
            # the bounds of a model.toml may have become stricter since the version was trained
            return read_document(document, cls, "manifest.json", bounds=False)
        except DocumentError as error:
            raise DamagedVersionError(f"manifest.json cannot be read: {error.brief}") from error
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise DamagedVersionError(f"manifest.json cannot be read: {error!r}") from error


def scoring_of(manifest: Manifest | None) -> Scoring:
    """The scoring of the version in production; before the first version, what most classifiers have."""
    return manifest.scoring if manifest else "probabilities"


def _refuse_unknown_task(task: object) -> None:
    if task not in TASKS:
        raise UnsupportedFormatError(f"this Despliegue serves no {task}: install a newer one")


def upgrade(document: dict[str, Any], upgrades: Mapping[int, Upgrade], target: int) -> dict[str, Any]:
    """The document in format version `target`, upgraded step by step."""
    version = document["format_version"]
    if version > target:
        raise UnsupportedFormatError(
            f"the registry has format version {version}, this Despliegue reads up to {target}: install a newer one"
        )
    for step in range(version, target):
        document = {**upgrades[step](document), "format_version": step + 1}
    return document
