"""Arguments of a training as others may read them: without the folders and accounts of who trained."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import PureWindowsPath
from typing import Any

from model_export.checkpoints.documents import HUB_ID

BASE = "model_name"
"""The argument that names the model that the training started from."""
TOKENIZER_OF_BASE = "tokenizer_name"
OF_THIS_MACHINE = re.compile(r".*_dir|wandb_.*")
"""Names of arguments that do not describe the model."""
PATH = re.compile(r"[/~].*|\.{1,2}(/.*)?|[A-Za-z]:/.*|.*\\.*|file:.*", re.DOTALL)
"""What only a path looks like; a relative one may look like an id of the hub as well."""


def names_folder(name: str) -> bool:
    """True for the name of a model that is a path here, and no id of the hub."""
    if PATH.fullmatch(name):
        return True
    # os.path.exists: a name may be too long for a path, which is an error of Path.exists
    return "/" in name and (not HUB_ID.fullmatch(name) or os.path.exists(name))


def public_arguments(args: Mapping[str, Any], is_folder: Callable[[str], bool] = names_folder) -> dict[str, Any]:
    """`args` without paths and accounts; a base that is a folder is named by its last part alone."""
    public = {name: value for name, value in args.items() if not OF_THIS_MACHINE.fullmatch(name)}
    base, tokenizer = public.get(BASE), public.get(TOKENIZER_OF_BASE)
    if isinstance(base, str) and is_folder(base):
        # this class takes the separators of every system
        public[BASE] = PureWindowsPath(base).name
    if isinstance(tokenizer, str) and is_folder(tokenizer):
        del public[TOKENIZER_OF_BASE]
    return {name: value for name, value in public.items() if not _holds_path(value)}


def _holds_path(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_path, value.values()))
    if isinstance(value, list):
        return any(map(_holds_path, value))
    return isinstance(value, str) and PATH.fullmatch(value) is not None
