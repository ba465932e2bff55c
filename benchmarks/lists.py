"""Requests and time of one page of versions, jobs and history, on S3 and in a folder: python -m benchmarks.lists"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx
from starlette.types import ASGIApp

from benchmarks.full_registry import MODEL, full_registry
from benchmarks.preparation import MODELS
from benchmarks.report import table
from benchmarks.results_file import LISTS, write_part
from benchmarks.slow_store import slow_store
from functions.core.local_storage import LocalStorage
from functions.core.locations import open_storage
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.submission import Submissions
from functions.inference.application import create_application
from functions.inference.control.context import Batching, Control
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.control.router import control_routers
from functions.local.download_links import LocalDownloadLinks
from functions.local.upload_links import LocalUploadLinks
from tools.object_store import variables_for

SIZES = (10, 1000, 10_000)
LISTED = ("versions", "jobs", "history")
ROUNDS = 5
PAUSE_SECONDS = 0.02
MOST_REQUESTS = 70
MOST_SECONDS = 1.0
HEADER = ("entries", "list", "S3: requests", "S3: seconds", "S3: CPU, s", "folder: seconds")


def main() -> int:
    """Measure and write RESULTS.md; 1 if a page takes more requests or seconds than it may."""
    rows: list[tuple[str, ...]] = []
    is_met = True
    for count in SIZES:
        on_disk = _in_folder(count)
        for name, (requests, seconds, cpu_seconds) in _on_s3(count, has_notes=True).items():
            is_met = is_met and requests <= MOST_REQUESTS and seconds < MOST_SECONDS
            figures = (str(requests), f"{seconds:.2f}", f"{cpu_seconds:.2f}", f"{on_disk[name]:.3f}")
            rows.append((f"{count:,}", name, *figures))
    for name, (requests, seconds, cpu_seconds) in _on_s3(SIZES[1], has_notes=False).items():
        rows.append((f"{SIZES[1]:,}, no notes", name, str(requests), f"{seconds:.2f}", f"{cpu_seconds:.2f}", ""))
    text = "\n\n".join([_introduction(), table(HEADER, rows), f"Met: {'yes' if is_met else 'no'}."])
    print(text)
    write_part(LISTS, text)
    return 0 if is_met else 1


def _introduction() -> str:
    return (
        "Written by `python -m benchmarks.lists`: one page of 50 in the middle of a list, through the HTTP application "
        "of control. The S3 is a process on this machine that answers each request after "
        f"{PAUSE_SECONDS * 1000:.0f} ms. Seconds are medians of {ROUNDS} requests. Without notes is a registry of an "
        "older release before its first training. "
        f"Required: at most {MOST_REQUESTS} requests and {MOST_SECONDS:g} s.\n\n"
        f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}."
    )


def _on_s3(count: int, *, has_notes: bool) -> dict[str, tuple[int, float, float]]:
    """Requests, seconds and CPU seconds by list."""
    with slow_store(full_registry(count, has_notes=has_notes), PAUSE_SECONDS) as store:
        os.environ.update(variables_for(store.url))
        control = _control(open_storage("s3://bucket"))
        _timed(control, LISTED[0], count)
        found = {}
        for name in LISTED:
            store.taken()
            measured = [_timed(control, name, count) for _ in range(ROUNDS)]
            requests = store.taken() // ROUNDS
            found[name] = (requests, median(one[0] for one in measured), median(one[1] for one in measured))
        return found


def _in_folder(count: int) -> dict[str, float]:
    """Seconds by list."""
    with _folder(full_registry(count)) as root:
        control = _control(LocalStorage(root))
        return {name: median(_timed(control, name, count)[0] for _ in range(ROUNDS)) for name in LISTED}


@contextmanager
def _folder(objects: dict[str, bytes]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as root:
        for key, body in objects.items():
            path = Path(root, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        yield Path(root)


def _control(storage: Storage) -> ASGIApp:
    definitions = {MODEL: load_definition(MODELS / MODEL)}
    registry, uploads = Registry(storage), LocalStorage(Path("uploads"))
    control = Control(
        definitions,
        registry,
        Submissions(registry, uploads),
        LocalUploadLinks(uploads),
        Batching(storage, uploads, None, LocalDownloadLinks(uploads)),
    )
    return create_application(fastapi_app(control_routers(control)))


def _timed(application: ASGIApp, name: str, count: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    asyncio.run(_page(application, name, count))
    return time.perf_counter() - wall, time.process_time() - cpu


async def _page(application: ASGIApp, name: str, count: int) -> None:
    """Ask for the page in the middle."""
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://control") as client:
        answer = await client.get(f"/models/{MODEL}/{name}", params={"page_size": 50, "page": 1 + count // 100})
    data = answer.json()["data"]
    if data["total"] != count or len(data[name]) != min(count, 50):
        raise RuntimeError(f"{name} answered {len(data[name])} entries of {data['total']}")


if __name__ == "__main__":
    sys.exit(main())
