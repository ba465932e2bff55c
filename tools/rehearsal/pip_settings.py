"""The host's pip settings inside a build: the index, certificate and folders of this machine."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.rehearsal.commands import output_of

CERTIFICATES = Path("/etc/ssl/certs")
PATH = re.compile(r"(?:^|\s)(file://)?(/\S+)")


@contextmanager
def build_mounts() -> Iterator[list[str]]:
    """Options of `buildah build` that give pip in the image the settings that it has here, while the block runs.

    No layer holds the mounted files, and the settings stay in a temporary folder: they may hold a password.
    """
    settings = _settings(output_of([sys.executable, "-m", "pip", "config", "list"]))
    with TemporaryDirectory(prefix="despliegue-pip-") as folder:
        file = Path(folder) / "pip.conf"
        file.touch(mode=0o600)
        file.write_text("\n".join(["[global]", *(f"{name} = {value}" for name, value in settings.items())]) + "\n")
        mounts = [(file, Path("/etc/pip.conf")), *((one, one) for one in _folders(settings.values()))]
        yield [f"--volume={outside}:{inside}:ro" for outside, inside in mounts]


def _settings(listing: str) -> dict[str, str]:
    """The settings that `pip config list` prints; those of the environment come last and win, as they do for pip."""
    settings: dict[str, tuple[bool, str]] = {}
    for line in listing.splitlines():
        key, separator, text = line.partition("=")
        section, _, name = key.rpartition(".")
        if not separator or section not in ("global", "install", ":env:") or name == "config-file":
            continue
        value = " ".join(str(ast.literal_eval(text)).split())
        if section == ":env:" or name not in settings or not settings[name][0]:
            settings[name] = (section == ":env:", value)
    return {name: value for name, (_, value) in settings.items()}


def _folders(values: Iterable[str]) -> list[Path]:
    """The certificates and folders that the settings name.

    For an index it is the folder above: the links of an index lead up to the files.
    """
    named = {(scheme, Path(path)) for value in values for scheme, path in PATH.findall(value)}
    folders = {path.parent if scheme or path.is_file() else path for scheme, path in named} | {CERTIFICATES}
    return sorted(path for path in folders if path.is_dir() and not any(one in folders for one in path.parents))
