"""The record of a batch, a file of rows to predict: what was asked, the plan with its version, and the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

import orjson

from functions.core.clock import now
from functions.core.definition import FileSettings, Output

BatchState = Literal["waiting", "planned", "running", "succeeded", "partial", "failed", "cancelled"]
OUTPUTS: tuple[Output, ...] = get_args(Output)
PlainForm = Literal["csv", "jsonl", "converted"]


@dataclass(frozen=True, slots=True)
class Shard:
    """Bytes `start` to `end` (exclusive) of the input: whole rows, the first of them in `line` of the file.

    Numbers count from 1: part 0 of a CSV output is its header.
    Lines are those of a spreadsheet: the header is line 1, and a quoted line break does not end a line. `lines` is
    their number in the shard, empty ones among them.
    """

    number: int
    start: int
    end: int
    line: int
    lines: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The decisions of planning: the version that predicts, and the plain file that it reads.

    `header` are the columns of a CSV file, as it spells them, and empty for JSON Lines. The first row begins at byte
    `start`, in `line`. `files` are the settings by which cells become values. The shards have `shard_bytes` or a little
    more; they follow from that and the file. `rows` is the number of lines after the header, empty ones among them.
    `id` is the column of ids by the name that the model would have for it, None if the file has none.
    `kept` are the names of the columns that go with the predictions, `output_header` the columns of a CSV output.
    `no_lookup` is the reason why no prediction can be looked up, though it was asked for.
    """

    version: int
    time: str
    input: str
    form: PlainForm
    header: tuple[str, ...]
    start: int
    line: int
    files: FileSettings
    shard_bytes: int
    rows: int
    shards: int
    id: str | None = None
    kept: tuple[str, ...] = ()
    output_header: tuple[str, ...] = ()
    no_lookup: str | None = None
    notes: tuple[str, ...] = ()

    def has_lookup(self, batch: Batch) -> bool:
        """True if the predictions of the batch go to the store."""
        return batch.lookup and self.id is not None and self.no_lookup is None


@dataclass(frozen=True, slots=True)
class Converted:
    """The record of a conversion: the version for which the rows were read, and the changes made to the file.

    `id` is the column of ids; None if the file has none, and nobody needs it.
    """

    version: int
    notes: tuple[str, ...] = ()
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ShardResult:
    """The marker of a shard: the rows that were predicted, those that were refused, and the seconds it took."""

    number: int
    done: int
    refused: int
    seconds: float


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The end of a batch. `lookup` is None if its predictions can be looked up by id, else the reason why not."""

    state: BatchState
    time: str
    done: int
    refused: int
    seconds: float
    reason: str | None = None
    no_lookup: str | None = None
    parts: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    metrics: Mapping[str, float | None] | None = None


@dataclass(frozen=True, slots=True)
class Retried:
    """The beginning of the last attempt, and the number of shards that were done before it."""

    time: str
    shards: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The record of a batch. `input` is the key of the file that was sent; `id` names the column of ids, if any.

    `keep_columns` puts every column that was sent beside the predictions; `measure` computes metrics where the file has
    the target. Without `is_lookup_asked` a file without ids is predicted all the same, and has no lookups. `attempt`
    counts from 1 and grows with each retry. `faults` are those of the file as a whole.
    """

    batch: str
    model: str
    input: str
    output: Output
    id: str | None
    lookup: bool
    actor: str
    fingerprint: str
    created: str
    updated: str
    keep_columns: bool = False
    measure: bool = False
    is_lookup_asked: bool = True
    attempt: int = 1
    retried: Retried | None = None
    cancelled: str | None = None
    plan: Plan | None = None
    result: BatchResult | None = None
    faults: tuple[Mapping[str, Any], ...] = ()

    @property
    def needs_completion(self) -> bool:
        """True if something is made of all shards together: one Parquet file, or metrics."""
        return self.output == "parquet" or self.measure

    @property
    def is_finished(self) -> bool:
        """True after the end, also of a batch that was cancelled before it was planned: nobody works on it."""
        return self.result is not None or (self.cancelled is not None and self.plan is None)

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))

    def begun_again(self, done: int) -> Batch:
        """The next attempt, before which so many shards were done: what has no result runs, with the same version."""
        return replace(
            self, attempt=self.attempt + 1, retried=Retried(now(), done), cancelled=None, result=None, faults=()
        )

    def state(self, markers: int) -> BatchState:
        """The state of a batch that has so many markers."""
        if self.result is not None:
            return self.result.state
        if self.cancelled is not None:
            return "cancelled"
        if self.plan is None:
            return "waiting"
        return "running" if markers else "planned"
