"""The import of the versions in the image into the registry, as a step of a deployment.

It is a custom resource. CloudFormation waits, up to an hour, until its URL is answered, so every failure is answered
too: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aws.logs import json_logger
from functions.aws.pings import is_ping
from functions.aws.s3_storage import is_denied
from functions.aws.settings import ImportSettings
from functions.core.definition import Definition
from functions.core.errors import DespliegueError, StorageError
from functions.core.locations import open_storage
from functions.core.model_folder import load_definitions
from functions.core.registry import Registry
from functions.core.verdicts import outcomes
from functions.serving.promotion import import_and_promote

PHYSICAL_ID = "baked-versions"
"""The id never changes: after a new one, CloudFormation would delete the old resource."""
RESERVE_SECONDS = 20.0
"""The part of the time of the function that is kept for the answer."""
ANSWER_SECONDS = 5.0
ANSWER_PAUSES = (0.2, 1.0, None)
"""The seconds before each further attempt to answer; None ends the attempts."""
SETTLING_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, None)
"""The seconds before each further attempt to import after S3 denied one; None ends the attempts."""
REASON_CHARACTERS = 1000
OUTCOME_CHARACTERS = 1500
"""The answer may have 4096 bytes in all."""
OUTCOMES = "Outcomes"
"""The attribute of the resource that says of each version whether it was promoted, and why."""
PROMOTE, GATE = "Promote", "gate"
"""The property of the resource by which the gate is asked, and its value."""
logger = json_logger()


@dataclass(frozen=True, slots=True)
class Import:
    """An import of all versions; `outcomes` has a sentence on each one that was imported."""

    asks_gate: bool
    outcomes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@logger.inject_lambda_context(correlation_id_path="RequestId", log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Answer an event of CloudFormation: import at Create and Update, do nothing at Delete.

    Raises only if the answer does not arrive. The import can be repeated.
    """
    if is_ping(event):
        return
    done = Import(asks_gate=event.get("ResourceProperties", {}).get(PROMOTE) == GATE)
    failure = None if event["RequestType"] == "Delete" else _import_within(done, _seconds(context))
    if failure is not None:
        failure = f"{failure[:REASON_CHARACTERS]} (log stream {context.log_stream_name})"
        logger.error("nothing more was imported", extra={"reason": failure})
    _answer(event, failure, "; ".join(done.outcomes))


def _seconds(context: LambdaContext) -> float:
    return context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS


def _import_within(done: Import, seconds: float) -> str | None:
    """Import every version; returns the reason of a failure, or None."""
    # a daemon, so that an import which hangs cannot keep the process from answering
    thread = Thread(target=_import_all, args=(done,), daemon=True)
    thread.start()
    thread.join(max(seconds, 0.0))
    if thread.is_alive():  # every version is imported whole or not at all, so the next attempt continues
        return f"the import was not done after {seconds:.0f} s: give the function more time or memory"
    return done.failures[0] if done.failures else None


def _import_all(done: Import) -> None:
    try:
        settings = ImportSettings.read(os.environ)
        registry = Registry(open_storage(settings.registry))
        definitions = load_definitions(settings.models) if done.asks_gate else {}
        for folder in sorted(path for path in settings.versions.iterdir() if path.is_dir()):
            done.outcomes.append(_import_when_allowed(registry, folder, definitions.get(folder.name)))
    except DespliegueError as error:
        done.failures.append(str(error))
    except Exception as error:
        logger.exception("the import crashed")
        done.failures.append(f"{type(error).__name__}: {error}")


def _import_when_allowed(registry: Registry, folder: Path, gated: Definition | None) -> str:
    """Import a version; where S3 denies it, try again for half a minute. Returns the outcome in words.

    In a first deployment the role is some seconds old, and not every part of S3 knows its permissions yet.
    """
    for pause in SETTLING_PAUSES:
        try:
            return _import(registry, folder, gated)
        except StorageError as error:
            if pause is None or not is_denied(error):
                raise
            logger.warning("S3 denies the import, and may not know the role yet", extra={"error": str(error)})
            time.sleep(pause)
    raise AssertionError("the last pause is None")


def _import(registry: Registry, folder: Path, gated: Definition | None) -> str:
    """Import a version; with a definition, its gate decides where another version serves."""
    manifest = import_and_promote(registry, folder.name, folder)
    if gated is not None:
        # only now: it loads scikit-learn, and most deployments ask no gate
        from model_export.checkout_gate import promote_through_gate

        promote_through_gate(registry, gated, manifest)
    production = registry.promotable(folder.name).production
    (outcome,) = outcomes(registry.storage, folder.name, [manifest.version], production)
    facts = {"model": folder.name, "version": manifest.version, "production": production and production.version}
    verdict = {"promoted": outcome.promoted, "reason": outcome.reason}
    logger.info("the image's version is in the registry", extra={**facts, **verdict})
    return f"{folder.name} version {manifest.version} {outcome.sentence}"


def _answer(event: dict[str, Any], failure: str | None, told: str) -> None:
    """Send the answer, with what was `told` of each version.

    Raises OSError, HTTPException if CloudFormation is not reached.
    """
    answer = {
        "Status": "SUCCESS" if failure is None else "FAILED",
        "Reason": failure or "",
        "PhysicalResourceId": PHYSICAL_ID,
        "Data": {OUTCOMES: told[:OUTCOME_CHARACTERS]},
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    # the URL is signed without a content type, so the request must not have one
    request = Request(event["ResponseURL"], orjson.dumps(answer), {"Content-Type": ""}, method="PUT")  # noqa: S310
    for pause in ANSWER_PAUSES:
        try:
            with urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310  # CloudFormation's own URL
                return
        except (OSError, HTTPException) as error:
            if pause is None:
                raise
            logger.warning("CloudFormation was not reached", extra={"error": str(error)})
            time.sleep(pause)
