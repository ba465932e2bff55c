"""The definition of a model, and the sections of its model.toml with the bounds of their values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from functions.core.cron import Cron, CronError
from functions.core.datetimes import DateOrder
from functions.core.documents import fault, require_no_faults
from functions.core.errors import KeyFault, NotFoundError
from functions.core.schema import Schema
from functions.core.tasks import TASKS, ModelKind, Task, Traits

Output = Literal["jsonl", "csv", "parquet"]
"""The form of a batch's predictions."""
MODEL_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
GATEWAY_SECONDS = 30
LONGEST_TIMEOUT_SECONDS = GATEWAY_SECONDS - 1
"""One second less than the gateway waits, so that the function can still answer with the reason."""
SNAP_START_STORAGE_MB = 512

Count = Annotated[int, Meta(ge=1, le=10**9)]
MOST_BYTES = 10**12
Bytes = Annotated[int, Meta(ge=1, le=MOST_BYTES)]
MemoryMb = Annotated[int, Meta(ge=128, le=10_240)]
StorageMb = Annotated[int, Meta(ge=512, le=10_240)]
"""The sizes that Lambda offers, in MiB."""
TimeoutSeconds = Annotated[
    int,
    Meta(
        ge=1,
        le=LONGEST_TIMEOUT_SECONDS,
        description=(
            f"a whole number from 1 to {LONGEST_TIMEOUT_SECONDS} (the gateway gives up after {GATEWAY_SECONDS})"
        ),
    ),
]
# An account starts with 10 or 1000 at once and may ask for tens of thousands; 0 would switch the model off.
Concurrency = Annotated[int, Meta(ge=1, le=100_000)]
# 0 compares with the registry in every request; more than a day would hide a promotion.
Freshness = Annotated[float, Meta(ge=0, le=86_400)]
RetentionDays = Annotated[int, Meta(ge=1, le=36_500)]
# scikit-learn takes no other seeds.
Seed = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Requirement = Annotated[
    str,
    Meta(
        pattern=r"\A[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?==[0-9][0-9A-Za-z.]{0,39}\Z",
        description='a package and its one version, as "lightgbm==4.7.0"',
    ),
]
Sha256 = Annotated[str, Meta(pattern=r"\A(?:[0-9a-f]{64})?\Z", description="a sha256 of 64 hexadecimal digits")]


DecimalMark = Literal[".", ","]


@dataclass(frozen=True, slots=True)
class FileSettings:
    """The steps that bring a training file to the schema before it is checked.

    Order: `snake_case_columns`, `rename`, `join`, missing cells, `rename_values`, `snake_case_values`, `date_order`,
    `decimal`, `fill`. A column that is not in the file is joined from its parts in `join`, with spaces between them.
    Without `decimal`, the numbers of a column show which mark is in front of their decimals, or the file is refused.
    """

    snake_case_columns: bool = False
    snake_case_values: bool = False
    rename: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    missing: tuple[str, ...] = ("", "NA", "N/A", "NaN", "nan", "null", "None")
    join: Mapping[str, Annotated[Sequence[str], Meta(min_length=1)]] = field(default_factory=dict)
    rename_values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    date_order: Mapping[str, DateOrder] = field(default_factory=dict)
    decimal: DecimalMark | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """The way to set rows aside for evaluation; `hash` keeps equal rows on one side."""

    method: Literal["hash", "random"] = "hash"
    test_size: Annotated[float, Meta(gt=0, lt=1)] = 0.2
    seed: Seed = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """The condition that `metric` is at most `margin` worse than in production."""

    metric: str
    margin: Annotated[float, Meta(ge=0)] = 0.0


@dataclass(frozen=True, slots=True)
class Gate:
    """The conditions of a promotion; a ceiling is for metrics where less is better."""

    floors: Mapping[str, float] = field(default_factory=dict)
    ceilings: Mapping[str, float] = field(default_factory=dict)
    compare: Comparison | None = None


@dataclass(frozen=True, slots=True)
class SavedPipeline:
    """An unfitted pipeline in a file of the folder, instead of a pipeline.py; only training loads it.

    `sha256` is the file's digest. `code` names the files of the folder that define its own classes. `requires` are the
    packages that training needs beyond those of the project, with a joblib and with a pipeline.py.
    """

    joblib: str = ""
    sha256: Sha256 = ""
    code: tuple[str, ...] = ()
    requires: tuple[Requirement, ...] = ()

    def __post_init__(self) -> None:
        require_no_faults("[pipeline]", self._broken_rules())

    def _broken_rules(self) -> Iterator[KeyFault]:
        if self.joblib and not self.sha256:
            yield fault("sha256", "the digest of the joblib", self.sha256)
        if self.sha256 and not self.joblib:
            yield fault("joblib", "the file that has the sha256", self.joblib)
        names: dict[tuple[str | int, ...], str] = {("joblib",): self.joblib}
        names |= {("code", place): name for place, name in enumerate(self.code)}
        yield from (fault(key, "a file of the folder", name) for key, name in names.items() if not _is_file_name(name))


def _is_file_name(name: str) -> bool:
    return name != ".." and Path(name).name == name


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_tokens` bounds the tokens of all texts, or windows of texts, that a checkpoint reads in one request; the
    speed of the model may allow fewer.

    The default of `max_payload_bytes` is what gets through to Lambda in any form: its events hold 6,291,556 bytes, in
    which the gateway escapes a body's quotes, or writes it in base64. `max_training_bytes` is by default no bound of
    its own: the memory of the trainer decides, by core/training_memory.py.
    """

    max_instances: Count = 10_000
    max_payload_bytes: Bytes = 4_700_000
    max_training_bytes: Bytes = MOST_BYTES
    max_tokens: Count = 32_768
    minimum_training_rows: Count = 20


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """The predict function on Lambda. Without `memory_mb`, its memory follows from the task and the size of the model.

    `storage_mb` is the size of its temporary folder. `reserved_concurrency` is both reserved and the most requests at
    once. `freshness_seconds` is how long answers may come from a version after it was replaced.
    """

    memory_mb: MemoryMb | None = None
    timeout_seconds: TimeoutSeconds = LONGEST_TIMEOUT_SECONDS
    storage_mb: StorageMb = 512
    reserved_concurrency: Concurrency | None = None
    snap_start: bool = False
    freshness_seconds: Freshness = 0

    def __post_init__(self) -> None:
        if self.snap_start and self.storage_mb != SNAP_START_STORAGE_MB:
            hint = "SnapStart takes no other, so leave out one of the two"
            require_no_faults("[function]", [fault("storage_mb", str(SNAP_START_STORAGE_MB), self.storage_mb, hint)])


@dataclass(frozen=True, slots=True)
class Retention:
    """What `despliegue prune` keeps; without a value, everything of that kind.

    Of the versions: the newest `versions`, and each that was in production within `production_days`. A finished job for
    `job_days` after its end, a batch with its files and predictions for `batch_days`. The training rows of a version
    for `data_days` after their time.
    """

    versions: Count | None = None
    production_days: RetentionDays = 90
    job_days: RetentionDays | None = None
    batch_days: RetentionDays | None = None
    data_days: RetentionDays | None = None


@dataclass(frozen=True, slots=True)
class BatchSchedule:
    """The batch that is made again and again from one file, which others replace.

    `schedule` is in the spelling of EventBridge, in UTC. The `file` is the object scheduled/<model>/<file> beside the
    uploads. The other values are those of POST /models/{model}/batches.
    """

    schedule: str
    file: str
    output: Output = "jsonl"
    keep_columns: bool = False
    lookup: bool = True

    def __post_init__(self) -> None:
        require_no_faults("[batch]", self._broken_rules())

    def _broken_rules(self) -> Iterator[KeyFault]:
        try:
            Cron.parse(self.schedule)
        except CronError as error:
            yield fault(("schedule",), "a schedule", self.schedule, str(error))
        if not _is_file_name(self.file) or self.file.startswith("."):
            yield fault(("file",), "the name of a file, without a folder", self.file)


@dataclass(frozen=True, slots=True)
class Definition:
    """One model folder. Its `digest` follows from model.toml and the Python files alone; `kind` is None for the default
    kind of the task.
    """

    name: str
    task: Task
    description: str
    schema: Schema
    folder: Path
    digest: str
    kind: ModelKind | None = None
    retrainable: bool = True
    hub_id: str | None = None
    examples: tuple[Mapping[str, Any], ...] = ()
    args: Mapping[str, Any] = field(default_factory=dict)
    slices: tuple[str, ...] = ()
    files: FileSettings = field(default_factory=FileSettings)
    split: Split = field(default_factory=Split)
    gate: Gate = field(default_factory=Gate)
    pipeline: SavedPipeline = field(default_factory=SavedPipeline)
    limits: Limits = field(default_factory=Limits)
    function: FunctionSettings = field(default_factory=FunctionSettings)
    retention: Retention | None = None
    batch: BatchSchedule | None = None

    @property
    def traits(self) -> Traits:
        return TASKS[self.task]

    @property
    def model_kind(self) -> ModelKind:
        return self.kind or self.traits.default_kind

    @property
    def inline_bytes(self) -> int:
        """The size of a body that is answered on the event loop; free text next to numbers takes as long as alone."""
        if self.model_kind == "checkpoint":
            return 0
        has_texts = any(feature.is_string and not feature.categorical for feature in self.schema.features)
        own = self.traits.inline_bytes
        return min(own, TASKS["text-classification"].inline_bytes) if has_texts else own

    @property
    def is_classification(self) -> bool:
        return self.traits.predicts == "label"


def get_definition(definitions: Mapping[str, Definition], name: str) -> Definition:
    """The definition of `name`; raises NotFoundError that lists the known models."""
    if name not in definitions:
        raise NotFoundError("model", name, list(definitions))
    return definitions[name]
