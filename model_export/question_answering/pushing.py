"""Push of a checkpoint to the Hugging Face hub: model, tokenizer, training arguments, results and card."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from functions.core.errors import CheckpointError
from model_export.checkpoints.documents import CONFIG, HUB_ID, TRAINING_ARGUMENTS, read_json_object
from model_export.checkpoints.hub import BESIDE_THE_WEIGHTS, UNREACHABLE, hub_token
from model_export.checkpoints.loading import Checkpoint
from model_export.checkpoints.public_arguments import BASE, names_folder, public_arguments
from model_export.checkpoints.weight_files import SAFE_WEIGHTS
from model_export.question_answering.card import CARD, MARK, Base, card
from model_export.question_answering.checkpoints import load_checkpoint

OF_THE_MODEL = (*SAFE_WEIGHTS, *BESIDE_THE_WEIGHTS)
"""Names of the files that are pushed together; such files of an earlier push are deleted."""
FOLDERS_IN: Mapping[str, Sequence[str]] = {
    CONFIG: ("_name_or_path",),
    "tokenizer_config.json": ("name_or_path", "special_tokens_map_file", "tokenizer_file"),
}
"""Keys in which earlier versions of transformers write paths of the machine, which lead nowhere on another."""


@dataclass(frozen=True, slots=True)
class Push:
    """A folder to push, and its repository, which others may read only with `is_public`."""

    folder: Path
    hub_id: str
    message: str
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Pushed:
    """`address` leads to the commit; `notes` are about everything that may surprise."""

    address: str
    files: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository of the hub: the files at its top, and whether others may read it."""

    files: frozenset[str]
    is_public: bool


def push(order: Push) -> Pushed:
    """Push to the hub at $HF_ENDPOINT, by default huggingface.co, with the token in HF_TOKEN.

    Nothing is sent before everything was checked. Raises CheckpointError.
    """
    _refuse_name(order.hub_id)
    token = hub_token()
    if token is None:
        raise CheckpointError(
            f"HF_TOKEN is not set: set it to a token of the hub that may write to {_owner(order.hub_id)}"
        )
    checkpoint = _loaded(order.folder)
    api = HfApi(token=token)
    with _refusals_explained(order.hub_id):
        return _pushed(api, order, checkpoint)


def _refuse_name(hub_id: str) -> None:
    if not HUB_ID.fullmatch(hub_id):
        raise CheckpointError(f"{hub_id!r} is not the name of a repository: write owner/name")


def _loaded(folder: Path) -> Checkpoint:
    if not folder.is_dir():
        raise CheckpointError(f"{folder} is not a folder: name the one that holds the checkpoint")
    if not any(folder.glob(SAFE_WEIGHTS[0])):
        raise CheckpointError(
            f"{folder} holds no model.safetensors, and pickled weights are not pushed: save it with save_pretrained"
        )
    return load_checkpoint(folder, trust_pickle=False)


def _pushed(api: HfApi, order: Push, checkpoint: Checkpoint) -> Pushed:
    repository = _opened(api, order)
    args = public_arguments(checkpoint.args, lambda name: names_folder(name) or not _may_be_on_hub(api, name))
    files = _files(order.folder, args)
    notes = []
    if order.is_public and not repository.is_public:
        notes.append(f"{order.hub_id} exists already and stays private: make it public on its page")
    if CARD not in files and CARD in repository.files and not _is_ours(api, order.hub_id):
        notes.append(f"{CARD} of {order.hub_id} was not written by despliegue, so it stays as it is")
    elif CARD not in files:
        files[CARD] = card(order.hub_id, checkpoint, _base(api, args)).encode("utf-8")
    stale = sorted(name for name in repository.files - files.keys() if _is_any_of(name, OF_THE_MODEL))
    deleted = [CommitOperationDelete(name) for name in stale]
    added = [CommitOperationAdd(name, content) for name, content in files.items()]
    commit = api.create_commit(order.hub_id, [*deleted, *added], commit_message=order.message)
    return Pushed(commit.commit_url, tuple(files), tuple(notes))


def _opened(api: HfApi, order: Push) -> Repository:
    """The repository, which is created if it does not exist; public only if that is wanted."""
    # An existing repository keeps its visibility: `private` counts only when it is created.
    api.create_repo(order.hub_id, private=not order.is_public, exist_ok=True)
    about = api.model_info(order.hub_id)
    if not (about.private or order.is_public):
        raise CheckpointError(
            f"{order.hub_id} is public already: add --public to push there all the same; nothing of the model was sent"
        )
    return Repository(frozenset(file.rfilename for file in about.siblings or ()), not about.private)


def _files(folder: Path, args: Mapping[str, Any]) -> dict[str, Path | bytes]:
    """The files of the model by name, with the arguments `args`; all other files of the folder are left out."""
    kinds = (*OF_THE_MODEL, CARD)
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and _is_any_of(path.name, kinds))
    files: dict[str, Path | bytes] = {name: folder / name for name in names}
    if TRAINING_ARGUMENTS in files:
        files[TRAINING_ARGUMENTS] = _written(args)
    for name in FOLDERS_IN.keys() & files.keys():
        document = read_json_object(folder / name)
        public = {key: value for key, value in document.items() if key not in FOLDERS_IN[name]}
        if public != document:
            files[name] = _written(public)
    return files


def _written(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8")


def _is_any_of(name: str, kinds: Sequence[str]) -> bool:
    return any(fnmatch(name, kind) for kind in kinds)


def _is_ours(api: HfApi, hub_id: str) -> bool:
    return MARK in Path(api.hf_hub_download(hub_id, CARD)).read_text(encoding="utf-8", errors="replace")


def _may_be_on_hub(api: HfApi, name: str) -> bool:
    """False for a relative folder such as outputs/best_model, which looks like an id of the hub."""
    if not HUB_ID.fullmatch(name):
        return True
    try:
        return api.repo_exists(name)
    except HFValidationError:
        return False
    except HfHubHTTPError:
        return True


def _base(api: HfApi, args: Mapping[str, Any]) -> Base | None:
    """The model that the training started from, with what the hub knows about it; None if the arguments name none."""
    name = args.get(BASE)
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
def _refusals_explained(hub_id: str) -> Iterator[None]:
    """Turn refusals of the hub into CheckpointError, in words that hold no token."""
    try:
        yield
    except HFValidationError as error:  # it comes before the first request
        raise CheckpointError(f"{hub_id!r} is not the name of a repository: {error}") from None
    except UNREACHABLE as error:
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
            f"the token of HF_TOKEN may not write to {hub_id}: it needs the role write, as a member of {_owner(hub_id)}"
        )
    if status == 404:
        return f"the hub has no {hub_id}, or no {_owner(hub_id)} to make it for: check the spelling"
    return f"{hub_id}: the hub answered {status}: {error.server_message or 'try again later'}"


def _owner(hub_id: str) -> str:
    return hub_id.partition("/")[0]
