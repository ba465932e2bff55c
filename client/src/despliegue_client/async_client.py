"""The client with an event loop."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, overload

import httpx

from despliegue_client import batching, predicting, retraining, versions
from despliegue_client.api import Api, model_path
from despliegue_client.batching import BatchOptions, BatchOutcome, Output
from despliegue_client.exchange import Record, Run
from despliegue_client.loop_shell import LoopShell
from despliegue_client.retraining import Mode
from despliegue_client.retries import RetryPolicy
from despliegue_client.settings import read_settings
from despliegue_client.sources import Source
from despliegue_client.tables import Frame, Predictions, Rows

TIMEOUT_SECONDS = 60.0
"""More than a gateway waits."""
Progress = Callable[[Record], object]


class AsyncClient:
    """A server of Despliegue for programs with an event loop: the methods of Client, to be awaited.

    Without `base_url` and `token`, DESPLIEGUE_URL and DESPLIEGUE_TOKEN count. `timeout_seconds` is how long the server
    may be silent, `retry_seconds` how long a request is repeated, and `concurrency` how many requests a prediction of
    many rows has under way, each of at most `rows_per_request` rows (by default as many as the server takes). Every
    method raises ClientError, of which `despliegue_client.errors` has the kinds.
    """

    def __init__(
        self,
        base_url: str | None = None,
        token: str | None = None,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        retry_seconds: float = 120.0,
        concurrency: int = 4,
        rows_per_request: int | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        settings = read_settings(
            base_url,
            token,
            retry_seconds=retry_seconds,
            concurrency=concurrency,
            rows_per_request=rows_per_request,
        )
        self._api = Api(settings, RetryPolicy(settings.retry_seconds))
        self._http = httpx.AsyncClient(timeout=timeout_seconds, transport=transport)
        self._shell = LoopShell(self._http)

    def __repr__(self) -> str:
        return f"AsyncClient({self._api.settings.base_url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def models(self) -> list[Record]:
        """All models, each with its version in production."""
        return await self._shell.carry_out(versions.models(self._api))

    async def model(self, model: str) -> Record:
        """One model: what it takes and gives, its metrics and its limits."""
        return await self._shell.carry_out(self._api.get(model_path(model)))

    async def schema(self, model: str) -> Record:
        """The whole schema of the version in production, with an example."""
        return await self._shell.carry_out(self._api.get(model_path(model, "schema")))

    @overload
    async def predict(self, model: str, data: Rows | Mapping[str, Any]) -> Predictions: ...
    @overload
    async def predict(self, model: str, data: Frame) -> Frame: ...
    async def predict(self, model: str, data: Frame | Rows | Mapping[str, Any]) -> Predictions | Frame:
        """Predict the rows of a DataFrame, dicts or one dict, in their order, by as many requests as that takes.

        A frame is answered with a frame of its index: `prediction`, scores, `warnings`. Raises ApiError with the faults
        of all rows.
        """
        return await self._shell.carry_out(predicting.predict(self._api, model, data))

    @overload
    async def answer(self, model: str, question: str, context: str) -> Record: ...
    @overload
    async def answer(self, model: str, question: list[str], context: str | list[str]) -> Predictions: ...
    @overload
    async def answer(self, model: str, question: str, context: list[str]) -> Predictions: ...
    async def answer(self, model: str, question: str | list[str], context: str | list[str]) -> Record | Predictions:
        """Answer one question, or several: one question or context goes with all of the others."""
        return await self._shell.carry_out(predicting.answer(self._api, model, question, context))

    async def retrain(
        self,
        model: str,
        data: Source,
        *,
        mode: Mode = "replace",
        force: bool = False,
        idempotency_key: str | None = None,
        wait: bool = True,
        on_progress: Progress | None = None,
    ) -> Record:
        """Train a new version on labelled rows or a file. The result is the job, as it ended or, without `wait`, began.

        Raises TrainingError, with all faults, for rows that are refused and for a training that failed.
        """
        return await self._shell.carry_out(
            retraining.retrain(self._api, model, data, mode=mode, force=force, key=idempotency_key, wait=wait),
            on_progress,
        )

    async def job(self, model: str, job: str) -> Record:
        """One training."""
        return await self._shell.carry_out(retraining.job_details(self._api, model, job))

    async def jobs(self, model: str) -> list[Record]:
        """All trainings of a model, newest first."""
        return await self._shell.carry_out(self._api.all_pages(model_path(model, "jobs"), "jobs"))

    def follow_job(self, model: str, job: str) -> AsyncIterator[Record]:
        """Yield the record of a training as often as it changes, the last time as it ended. Raises TrainingError."""
        return self._shell.progress(Run(retraining.job_end(self._api, model, job)))

    async def batch(
        self,
        model: str,
        data: Source,
        *,
        to: str | os.PathLike[str] | None = None,
        output: Output = "jsonl",
        id: str | None = None,
        lookup: bool | None = None,
        keep_columns: bool = False,
        measure: bool = False,
        idempotency_key: str | None = None,
        on_progress: Progress | None = None,
    ) -> BatchOutcome:
        """Predict a file or rows as a batch, and wait for the outcome: predictions, or with `to` a file of them.

        The predictions of a file lie beside it if `to` names no other place. Raises BatchError unless it succeeded.
        """
        options = BatchOptions(output, id, lookup, keep_columns, measure)
        return await self._shell.carry_out(
            batching.batch(self._api, model, data, to, options, key=idempotency_key), on_progress
        )

    async def start_batch(
        self,
        model: str,
        data: Source,
        *,
        output: Output = "jsonl",
        id: str | None = None,
        lookup: bool | None = None,
        keep_columns: bool = False,
        measure: bool = False,
        idempotency_key: str | None = None,
    ) -> Record:
        """Begin a batch without waiting for it; the result is its record."""
        options = BatchOptions(output, id, lookup, keep_columns, measure)
        return await self._shell.carry_out(batching.start_batch(self._api, model, data, options, key=idempotency_key))

    async def batch_details(self, model: str, batch: str) -> Record:
        """One batch: state, progress, and links to its first files."""
        return await self._shell.carry_out(batching.batch_details(self._api, model, batch))

    async def batches(self, model: str) -> list[Record]:
        """All batches of a model, newest first."""
        return await self._shell.carry_out(self._api.all_pages(model_path(model, "batches"), "batches"))

    def follow_batch(self, model: str, batch: str) -> AsyncIterator[Record]:
        """Yield the record of a batch as often as it changes, the last time as it ended. Raises BatchError."""
        return self._shell.progress(Run(batching.batch_end(self._api, model, batch)))

    async def save_results(self, model: str, batch: str, to: str | os.PathLike[str]) -> Path:
        """Write all results of a batch into one file, compressed if its name ends in .gz."""
        return await self._shell.carry_out(batching.save_results(self._api, model, batch, to))

    async def cancel_batch(self, model: str, batch: str) -> Record:
        """Cancel a batch that goes on."""
        return await self._shell.carry_out(
            self._api.change("DELETE", model_path(model, "batches", batch), is_repeatable=True)
        )

    async def retry_batch(self, model: str, batch: str) -> Record:
        """Run what has no result in a batch that ended."""
        return await self._shell.carry_out(self._api.change("POST", model_path(model, "batches", batch, "retry")))

    async def lookup(self, model: str, ids: Sequence[str | int]) -> list[Record | None]:
        """The stored prediction of each id, in order; None for an id that the batch lacks."""
        return await self._shell.carry_out(versions.lookup(self._api, model, ids))

    async def production(self, model: str) -> Record:
        """The version in production: since when, by whom and why, and its metrics."""
        return await self._shell.carry_out(self._api.get(model_path(model, "production")))

    async def promote(self, model: str, version: int, *, pin: bool = False) -> Record:
        """Put a version in production; pinned, no training replaces it."""
        return await self._shell.carry_out(versions.promote(self._api, model, version, pin=pin))

    async def roll_back(self, model: str, *, pin: bool = True) -> Record:
        """Put the version back that was in production before, pinned so that no training replaces it by itself."""
        return await self._shell.carry_out(versions.roll_back(self._api, model, pin=pin))

    async def history(self, model: str) -> list[Record]:
        """Every version that was in production, newest first: when, by whom and why."""
        return await self._shell.carry_out(self._api.all_pages(model_path(model, "history"), "history"))

    async def versions(self, model: str) -> list[Record]:
        """All versions, newest first."""
        return await self._shell.carry_out(self._api.all_pages(model_path(model, "versions"), "versions"))

    async def version(self, model: str, version: int) -> Record:
        """One version."""
        return await self._shell.carry_out(self._api.get(model_path(model, "versions", version)))
