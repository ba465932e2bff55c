"""A checkpoint pushed to a repository of the Hugging Face hub: model, tokenizer, training arguments, results, card."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from functions.core.errors import CheckpointError
from model_export.question_answering.card import CARD, MARK, Base, card
from model_export.question_answering.checkpoints import Checkpoint, load_checkpoint
from model_export.question_answering.documents import TRAINING_ARGUMENTS
from model_export.question_answering.hub import BESIDE_THE_WEIGHTS, HUB_ID, SAFE_WEIGHTS, UNREACHABLE, hub_token

OF_THE_MODEL = (*SAFE_WEIGHTS, *BESIDE_THE_WEIGHTS)
"""Files of these names arrive together, and those of an earlier push go."""
OF_THIS_MACHINE = re.compile(r".*_dir|wandb_.*")
"""Training arguments that say nothing of the model, and are nobody else's business."""


@dataclass(frozen=True, slots=True)
class Push:
    """What to push, and where: to a repository that others may read only with `is_public`."""

    folder: Path
    hub_id: str
    message: str
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Pushed:
    """`address` is that of the commit; `notes` say what is not as one may expect."""

    address: str
    files: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repository:
    """One that is there: the files at its top, and whether others may read it."""

    files: frozenset[str]
    is_public: bool


def push(order: Push) -> Pushed:
    """To the hub at $HF_ENDPOINT, by default huggingface.co, with the token of HF_TOKEN.

    Nothing is sent before all is known to be good; raises CheckpointError.
    """
    _refuse_name(order.hub_id)
    token = hub_token()
    if token is None:
        raise CheckpointError(
            f"HF_TOKEN is not set: set it to a token of the hub that may write to {_owner(order.hub_id)}"
        )
    checkpoint = _loaded(order.folder)
    api = HfApi(token=token)
    with _told(order.hub_id):
        return _pushed(api, order, checkpoint)


def _refuse_name(hub_id: str) -> None:
    if not HUB_ID.fullmatch(hub_id):
        raise CheckpointError(f"{hub_id!r} is no name of a repository: that is owner/name")


def _loaded(folder: Path) -> Checkpoint:
    if not folder.is_dir():
        raise CheckpointError(f"{folder} is no folder")
    if not any(folder.glob(SAFE_WEIGHTS[0])):
        raise CheckpointError(
            f"{folder} holds no model.safetensors, and pickled weights are not pushed: save it with save_pretrained"
        )
    return load_checkpoint(folder, trust_pickle=False)


def _pushed(api: HfApi, order: Push, checkpoint: Checkpoint) -> Pushed:
    repository = _opened(api, order)
    files = _files(order.folder, checkpoint)
    notes = []
    if order.is_public and not repository.is_public:
        notes.append(f"{order.hub_id} was there already and stays private: its page makes it public")
    if CARD not in files and CARD in repository.files and not _is_ours(api, order.hub_id):
        notes.append(f"{CARD} of {order.hub_id} was written by somebody, so it stays as it is")
    elif CARD not in files:
        files[CARD] = card(order.hub_id, checkpoint, _base(api, checkpoint.args)).encode("utf-8")
    stale = sorted(name for name in repository.files - files.keys() if _is_any_of(name, OF_THE_MODEL))
    deleted = [CommitOperationDelete(name) for name in stale]
    added = [CommitOperationAdd(name, content) for name, content in files.items()]
    commit = api.create_commit(order.hub_id, [*deleted, *added], commit_message=order.message)
    return Pushed(commit.commit_url, tuple(files), tuple(notes))


def _opened(api: HfApi, order: Push) -> Repository:
    """The repository, made if it is not there; a public one only if that is wanted."""
    api.create_repo(order.hub_id, private=not order.is_public, exist_ok=True)
    found = api.model_info(order.hub_id)
    if not (found.private or order.is_public):
        raise CheckpointError(
            f"{order.hub_id} is public already: say --public to push there all the same; nothing of the model was sent"
        )
    return Repository(frozenset(one.rfilename for one in found.siblings or ()), not found.private)


def _files(folder: Path, checkpoint: Checkpoint) -> dict[str, Path | bytes]:
    """What belongs to the model, by name; whatever else lies in the folder stays there."""
    kinds = (*OF_THE_MODEL, CARD)
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and _is_any_of(path.name, kinds))
    found: dict[str, Path | bytes] = {name: folder / name for name in names}
    if TRAINING_ARGUMENTS in found:
        told = {name: value for name, value in checkpoint.args.items() if not OF_THIS_MACHINE.fullmatch(name)}
        found[TRAINING_ARGUMENTS] = json.dumps(told, ensure_ascii=False, indent=2).encode("utf-8")
    return found


def _is_any_of(name: str, kinds: Sequence[str]) -> bool:
    return any(fnmatch(name, kind) for kind in kinds)


def _is_ours(api: HfApi, hub_id: str) -> bool:
    return MARK in Path(api.hf_hub_download(hub_id, CARD)).read_text(encoding="utf-8", errors="replace")


def _base(api: HfApi, args: Mapping[str, Any]) -> Base | None:
    """What the hub tells of the model that the training started from, where that is one of the hub."""
    name = args.get("model_name")
    if not isinstance(name, str) or not name:
        return None
    if not HUB_ID.fullmatch(name):
        return Base(name)
    try:
        about = api.model_info(name).card_data
    except HfHubHTTPError:
        about = None
    return Base(name, name, getattr(about, "license", None), getattr(about, "language", None))


@contextmanager
def _told(hub_id: str) -> Iterator[None]:
    """What the hub refuses, as CheckpointError in words that hold no token."""
    try:
        yield
    except HFValidationError as error:  # it comes before the first request
        raise CheckpointError(f"{hub_id!r} is no name of a repository: {error}") from None
    except (*UNREACHABLE, LocalEntryNotFoundError) as error:
        raise CheckpointError(
            f"the hub cannot be reached for {hub_id} ({type(error).__name__}): push again where there is a network"
        ) from None
    except HfHubHTTPError as error:
        raise CheckpointError(_refusal(hub_id, error)) from None
    except (RuntimeError, ValueError) as error:
        raise CheckpointError(f"{hub_id}: the hub did not take it: {error}") from error


def _refusal(hub_id: str, error: HfHubHTTPError) -> str:
    status = error.response.status_code if error.response is not None else None
    if status == 401:
        return "the hub does not know the token of HF_TOKEN: set it to one that is valid"
    if status == 403:
        return (
            f"the token of HF_TOKEN may not write to {hub_id}: it needs the role write, and a part in {_owner(hub_id)}"
        )
    if status == 404:
        return f"the hub has no {hub_id}, or no {_owner(hub_id)} to make it for: check the spelling"
    return f"{hub_id}: the hub answered {status}: {error.server_message or 'try again later'}"


def _owner(hub_id: str) -> str:
    return hub_id.partition("/")[0]
