"""Sources of checkpoints: a folder on this machine, or a model of the Hugging Face hub, fetched into its cache."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import requests
from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from functions.core.errors import CheckpointError
from model_export.checkpoints.documents import (
    CONFIG,
    HUB_ID,
    TOKENIZER_FILES,
    TRAINING_ARGUMENTS,
    TRAINING_RESULTS,
)
from model_export.checkpoints.families import family_of
from model_export.checkpoints.weight_files import PICKLED_WEIGHTS, SAFE_WEIGHTS

BESIDE_THE_WEIGHTS = (
    CONFIG,
    *TOKENIZER_FILES,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "merges.txt",
    TRAINING_ARGUMENTS,
    TRAINING_RESULTS,
)
UNREACHABLE = (requests.ConnectionError, requests.Timeout, OfflineModeIsEnabled, LocalEntryNotFoundError)
SHARD = re.compile(r"-of-(\d+)\.")
"""The end of the name of a part of the weights, with the number of all parts."""


@dataclass(frozen=True, slots=True)
class Source:
    """The folder of a checkpoint; one from the hub has its id and its commit too."""

    folder: Path
    hub_id: str | None = None
    revision: str | None = None

    @property
    def name(self) -> str:
        return f"{self.hub_id} at {self.revision}" if self.hub_id else self.folder.name


def fetch(
    source: str,
    *,
    trust_pickle: bool,
    endpoint: str | None = None,
    revision: str | None = None,
    check: Callable[[Path], object] = lambda folder: None,
) -> Source:
    """The folder `source`, or the downloaded hub model of that id; no other token than HF_TOKEN is sent.

    A family that cannot be served is refused by its configuration, which comes first and alone; `check` gets the
    folder that holds it then, and refuses more.
    `endpoint` is the hub's address, by default $HF_ENDPOINT or huggingface.co; `revision` is the commit of a hub model,
    by default the last one. Raises CheckpointError.
    """
    folder = Path(source)
    if folder.is_dir():
        family_of(folder)
        check(folder)
        return Source(folder)
    if not HUB_ID.fullmatch(source):
        raise CheckpointError(f"{source!r} is no folder here, and no id of a hub model, which is written owner/name")
    try:
        return _download(source, check, trust_pickle=trust_pickle, endpoint=endpoint, revision=revision)
    except HFValidationError as error:
        raise CheckpointError(f"{source!r} is no folder here, and no id of a hub model: {error}") from None
    except GatedRepoError:
        raise CheckpointError(
            f"{source} is gated: ask for access on its page, then set HF_TOKEN to a token of that account"
        ) from None
    except RepositoryNotFoundError:
        raise CheckpointError(
            f"{source} is neither a folder here nor a model that the hub shows {_caller()}: check the spelling, or "
            "set HF_TOKEN to a token that may read it"
        ) from None
    except RevisionNotFoundError:
        raise CheckpointError(
            f"the hub has no {source} at {revision} any more: begin anew from its last commit"
        ) from None
    except HfHubHTTPError as error:
        raise CheckpointError(_refusal(source, error)) from None


def hub_token() -> str | None:
    """HF_TOKEN, or None if it is not set.

    Raises CheckpointError for a token that no header can hold; the message does not show it.
    """
    token = os.environ.get("HF_TOKEN") or None
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise CheckpointError("HF_TOKEN holds a space or another character that no token has: set it again")
    return token


def _download(
    hub_id: str, check: Callable[[Path], object], *, trust_pickle: bool, endpoint: str | None, revision: str | None
) -> Source:
    # None would let huggingface_hub send the token of an account that is logged in on this machine.
    token = hub_token() or False
    try:
        with _interruption_explained(hub_id):
            listed = HfApi(endpoint=endpoint, token=token).model_info(hub_id, revision=revision)
        names = [file.rfilename for file in listed.siblings or ()]
        if CONFIG not in names:
            raise CheckpointError(f"{hub_id} holds no {CONFIG}, so it is no checkpoint of transformers")
        with _interruption_explained(hub_id):
            configured = Path(hf_hub_download(hub_id, CONFIG, token=token, endpoint=endpoint, revision=revision)).parent
        family_of(configured)
        check(configured)
        wanted = [*BESIDE_THE_WEIGHTS, *_weights(names, trust_pickle)]
        with _interruption_explained(hub_id):
            folder = snapshot_download(
                hub_id, allow_patterns=wanted, token=token, endpoint=endpoint, revision=revision, max_workers=2
            )
            _require_all(Path(folder), [name for name in names if any(fnmatch(name, kind) for kind in wanted)])
    except UNREACHABLE as error:
        folder = _cached(hub_id, revision, error)
        check(Path(folder))
    return Source(Path(folder), hub_id, Path(folder).name)


@contextmanager
def _interruption_explained(hub_id: str) -> Iterator[None]:
    """Turn the errors of a download that stopped on its way into CheckpointError."""
    try:
        yield
    except (HfHubHTTPError, HFValidationError, *UNREACHABLE):
        raise
    except (OSError, RuntimeError, ValueError) as error:  # of requests, of huggingface_hub and of hf_xet
        raise CheckpointError(
            f"{hub_id}: the download broke off: run it again ({type(error).__name__}: {error})"
        ) from error


def _require_all(folder: Path, names: Sequence[str]) -> None:
    """Raise OSError for files that are not there: without a network snapshot_download gives what the cache has."""
    absent = [name for name in names if not (folder / name).is_file()]
    if absent:
        raise FileNotFoundError(f"{', '.join(absent[:5])} did not come")


def _weights(names: list[str], trust_pickle: bool) -> tuple[str, ...]:
    """Patterns of the files to fetch: safetensors if there are any; pickled weights only if they are trusted."""
    has_safe = any(fnmatch(name, SAFE_WEIGHTS[0]) for name in names)
    return PICKLED_WEIGHTS if trust_pickle and not has_safe else SAFE_WEIGHTS


def _cached(hub_id: str, revision: str | None, error: Exception) -> str:
    """The folder of the cache; raises CheckpointError if it does not hold the whole model."""
    unreachable = f"the hub cannot be reached for {hub_id} ({type(error).__name__})"
    try:
        folder = snapshot_download(hub_id, revision=revision, local_files_only=True)
    except LocalEntryNotFoundError:
        raise CheckpointError(
            f"{unreachable}: where there is a network run `hf download {hub_id} --local-dir FOLDER`, bring the folder "
            "here and name it instead"
        ) from None
    if not _is_whole(Path(folder)):
        raise CheckpointError(f"{unreachable}, and its cache here has only a part of it: run it again with a network")
    return folder


def _is_whole(folder: Path) -> bool:
    """True if a folder of the cache holds all weights of one kind, and a tokenizer."""
    kinds = (SAFE_WEIGHTS[0], PICKLED_WEIGHTS[0])
    has_weights = any(_are_all([path.name for path in folder.glob(kind)]) for kind in kinds)
    return has_weights and any((folder / name).is_file() for name in TOKENIZER_FILES)


def _are_all(weights: Sequence[str]) -> bool:
    shards = [int(found[1]) for name in weights if (found := SHARD.search(name))]
    return len(weights) >= max(shards, default=1)


def _refusal(hub_id: str, error: HfHubHTTPError) -> str:
    status = error.response.status_code if error.response is not None else "nothing"
    if status in (401, 403):
        return f"the hub does not show {hub_id} ({status}) {_caller()}: set HF_TOKEN to a token that may read it"
    return f"{hub_id}: the hub answered {status}; try again later"


def _caller() -> str:
    return "to the account of HF_TOKEN" if os.environ.get("HF_TOKEN") else "without a token"
