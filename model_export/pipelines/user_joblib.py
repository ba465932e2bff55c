"""Reader of a user's own joblibs or pickles: an estimator, or a model and what is in front of it, in some files."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import sklearn
from sklearn.exceptions import InconsistentVersionWarning

from functions.core.errors import ConversionError, Fault, InvalidInputError
from model_export.pipelines.assembly import Assembled, assemble, named_parts
from model_export.pipelines.convert.libraries import LIBRARIES
from model_export.pipelines.requirements import PACKAGES, pip_install

IN_MODULE = re.compile(r"on <module '([^']+)'|module '([^']+)' has no attribute")
SKLEARN_VERSION = re.compile(rb"_sklearn_version.{1,12}?(\d+\.\d+(?:\.\d+)?)", re.DOTALL)
MOST_MODULES = 20
"""Modules that one file may want in place of missing ones; a broken file could name others without end."""
DECOMPRESSORS: tuple[Callable[[bytes], bytes], ...] = (
    zlib.decompress,
    gzip.decompress,
    bz2.decompress,
    lzma.decompress,
)


def load_pipeline(paths: Sequence[Path], code: ModuleType | None = None) -> Assembled:
    """The fitted pipeline in the files, whose objects are joined in their order: a vectorizer, then a model.

    `code` takes the place of modules that a file wants and this machine lacks. Loading runs the files' code.
    Raises InvalidInputError for a file that cannot be read, ConversionError for one that does not load here,
    that was made with another scikit-learn, or that holds something else.
    """
    parts = [part for path in paths for part in named_parts(_loaded(path, code), path.stem)]
    return assemble(parts, ", ".join(map(str, paths)))


def _loaded(path: Path, code: ModuleType | None) -> Any:
    if not path.is_file():
        raise InvalidInputError([Fault((str(path),), "cannot be read: no such file", "unreadable")])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            loaded = _load(path, code)
        except Exception as error:  # the file's own code may raise anything
            _refuse_other_version(path, _versions(caught) | _versions_in(path))
            raise ConversionError(_why_not(path, error, code)) from error
    _refuse_other_version(path, _versions(caught))
    return loaded


def _load(path: Path, code: ModuleType | None) -> Any:
    """The loaded object; loading is tried again with `code` for each module that is missing or lacks a class."""
    substitutes: dict[str, ModuleType] = {}
    while True:
        try:
            with _modules(substitutes):
                return joblib.load(path)
        except (ModuleNotFoundError, AttributeError) as error:
            wanted = _wanted_module(error)
            if code is None or wanted is None or wanted in substitutes or len(substitutes) == MOST_MODULES:
                raise
            substitutes[wanted] = code


@contextmanager
def _modules(substitutes: Mapping[str, ModuleType]) -> Iterator[None]:
    before = {name: sys.modules.get(name) for name in substitutes}
    sys.modules.update(substitutes)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _wanted_module(error: Exception) -> str | None:
    if isinstance(error, ModuleNotFoundError):
        return None if str(error.name).partition(".")[0] in sys.stdlib_module_names else error.name
    match = IN_MODULE.search(str(error))
    name = (match[1] or match[2]) if match else None
    # a program that was started by the name of its module is __main__, but its errors have that name
    return "__main__" if name and repr(sys.modules["__main__"]).startswith(f"<module {name!r}") else name


def _why_not(path: Path, error: Exception, code: ModuleType | None) -> str:
    wanted = _wanted_module(error)
    if wanted is None or wanted.partition(".")[0] == "sklearn":
        return f"{path} holds no pipeline that loads here: {type(error).__name__}: {error}"
    library = next((library for library in LIBRARIES if library == wanted.partition(".")[0]), None)
    if library is not None:
        command = pip_install([PACKAGES[library]])
        return f"{path} holds a model of {library}, which is not installed here: {command}, in the version that made it"
    if code is not None:
        return f"{path} wants something of module {wanted} that --code does not define: {error}"
    return (
        f"{path} wants module {wanted}, which is not here: {error}. If it is your own, name its file: with --code of"
        " despliegue new, or in the model's folder; if it is a library, install it"
    )


def _versions(caught: list[warnings.WarningMessage]) -> set[str]:
    messages = (warning.message for warning in caught)
    return {str(text.original_sklearn_version) for text in messages if isinstance(text, InconsistentVersionWarning)}


def _versions_in(path: Path) -> set[str]:
    """Versions that scikit-learn wrote into the file with each estimator, for a file that does not load."""
    body = path.read_bytes()
    # joblib may have compressed the file in any of these ways; a plain file is searched as it is.
    for decompress in DECOMPRESSORS:
        try:
            body = decompress(body)
            break
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
            continue
    return {match.decode() for match in SKLEARN_VERSION.findall(body)}


def _refuse_other_version(path: Path, versions: set[str]) -> None:
    here = sklearn.__version__
    others = sorted(version for version in versions if version.split(".")[:2] != here.split(".")[:2])
    # Patch releases of scikit-learn keep the attributes of their estimators; minor ones may not.
    if others:
        raise ConversionError(
            f"{path} was made with scikit-learn {', '.join(others)}, and this is {here}, which may read it wrongly."
            f' Fit it again from its script: pip install "scikit-learn=={here}" and run the script here; or train on'
            " the table alone: despliegue new NAME --data TABLE --target COLUMN, without the file"
        )
