"""Every error that Despliegue raises on purpose.

DespliegueError
├── DocumentError                 a document from outside has wrong keys or values; carries one entry for each fault
├── DefinitionError               a model.toml or pipeline.py is wrong
├── NotFoundError                 no such model, version, job, argument or filter
├── InvalidInputError             what was sent breaks the schema; carries one entry for each fault
├── TooLargeError                 more bytes or instances than the limit
├── TooSlowError                  a body that did not come in time
├── UnsupportedMediaTypeError     the body is not JSON
├── ConflictError                 the state does not allow it, or the race was lost
├── NotReadyError                 no version to serve yet
├── DamagedVersionError           an artifact is missing or differs from its digest, or cannot be served
├── DamagedRecordError            a job, a promotion or production.json that cannot be read
├── UnsupportedFormatError        a registry written by a newer Despliegue
├── ConversionError               a pipeline step that cannot become ONNX
├── CheckpointError               a question-answering checkpoint that cannot be fetched or loaded
├── ParityError                   ONNX and the original disagree
└── StorageError
    ├── DiskError                 the file system refused: full, read-only, not permitted
    ├── ObjectNotFoundError       no object under the key
    └── PreconditionFailedError   the object exists already, or changed since it was read
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

DISK_REMEDIES: Mapping[int, str] = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space, or ask for a larger quota",
    errno.EROFS: "make it writable",
    errno.EACCES: "let this user read and write it",
    errno.EPERM: "let this user read and write it",
    errno.EISDIR: "a folder is in the place of a file: move it away",
    errno.ENOTDIR: "a file is in the place of a folder: move it away",
    errno.EEXIST: "a file is in the place of a folder: move it away",
}
"""The remedy for each error of a file system that a person can mend."""
MAX_FAULTS = 1000
"""The most faults that one answer or one job lists; more would only make the answer large."""


KeyPath = tuple[str | int, ...]
"""The keys and the places in arrays that lead to a value of a document."""


FILE, LINE = "file", "line"
"""The first part of the place of a fault in a file: (file,), (file, column), (line, number), (line, number, column).

Lines are those of a spreadsheet: the first has number 1, and the header is one of them.
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in sent data: its place (a path of keys and indices), a message, and its kind."""

    loc: KeyPath
    msg: str
    type: str

    @property
    def place(self) -> str:
        """The place for people: line 12, column "price"; the keys and indices with points for what is no file."""
        match self.loc:
            case ("file", str(name)):
                return f"column {as_json(name)}"
            case ("line", number):
                return f"line {number}"
            case ("line", number, name):
                return f"line {number}, column {as_json(name)}"
        return ".".join(map(str, self.loc))

    def to_dict(self) -> dict[str, object]:
        return {"loc": list(self.loc), "msg": self.msg, "type": self.type}


BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class KeyFault:
    """One fault in a document: its key, the expected value, and the value that was found."""

    key: KeyPath
    expected: str
    found: str
    hint: str = ""

    @property
    def path(self) -> str:
        """The key in the spelling of TOML: features."my age".allowed[2]."""
        return "".join(map(_path_part, self.key)).removeprefix(".")

    def within(self, key: KeyPath) -> KeyFault:
        """The same fault, of a value under `key`."""
        return KeyFault((*key, *self.key), self.expected, self.found, self.hint)

    def __str__(self) -> str:
        text = f"{self.expected} is expected, {self.found} was found"
        return ": ".join(filter(None, (self.path, "; ".join(filter(None, (text, self.hint))))))


def as_json(value: object) -> str:
    """A value on one line for a message; characters that a terminal does not print are escaped."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:
        return "something nested too deep"
    return text if text.isprintable() else json.dumps(value, default=str)


def _path_part(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if BARE_KEY.fullmatch(part) else f".{as_json(part)}"


class DespliegueError(Exception):
    """Base of all errors; its text says what is wrong, where, and what to do. It may go to another process."""

    def __reduce__(self) -> tuple[Callable[..., DespliegueError], tuple[object, ...]]:
        """Python would call the class with the text alone, where many take other arguments."""
        return _restored, (type(self), self.args, self.__dict__)

    @property
    def public(self) -> str:
        """The text for clients, which lacks what is only for the log."""
        return str(self)


def _restored(kind: type[DespliegueError], args: tuple[object, ...], state: Mapping[str, object]) -> DespliegueError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class DocumentError(DespliegueError):
    """An error with one line for each fault; each line begins with `source`, the place of the document."""

    def __init__(self, source: str, faults: Sequence[KeyFault]) -> None:
        super().__init__("\n".join(f"{source}: {fault}" for fault in faults))
        self.source = source
        self.faults = tuple(faults)

    @property
    def brief(self) -> str:
        """The faults on one line, without the source."""
        return "; ".join(map(str, self.faults))


class DefinitionError(DespliegueError):
    pass


class NotFoundError(DespliegueError):
    def __init__(self, kind: str, name: object, known: Sequence[object] = (), *, remedy: str = "") -> None:
        hint = f"known: {', '.join(str(one) for one in known)}" if known else remedy
        super().__init__("; ".join(filter(None, (f"no {kind} {name!r}", hint))))
        self.kind = kind
        self.name = name


class InvalidInputError(DespliegueError):
    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{first.place}: {first.msg}{more}" if first.place else f"{first.msg}{more}")
        self.faults = tuple(faults)

    def relocated(self, place: Callable[[Fault], Fault]) -> InvalidInputError:
        """The same error with each fault where `place` puts it."""
        return InvalidInputError([place(fault) for fault in self.faults])


class TooLargeError(DespliegueError):
    pass


class TooSlowError(DespliegueError):
    pass


class UnsupportedMediaTypeError(DespliegueError):
    pass


class ConflictError(DespliegueError):
    pass


class NotReadyError(DespliegueError):
    pass


class DamagedVersionError(DespliegueError):
    pass


class DamagedRecordError(DespliegueError):
    pass


class UnsupportedFormatError(DespliegueError):
    pass


class ConversionError(DespliegueError):
    pass


class CheckpointError(DespliegueError):
    pass


class ParityError(DespliegueError):
    pass


class StorageError(DespliegueError):
    """An error whose text may have paths, buckets or accounts in it; clients get another one."""

    @property
    def public(self) -> str:
        return "the storage cannot be read or written now: try again; the log has the reason"


class DiskError(StorageError):
    """An error that names the path, the message of the operating system, and the remedy."""

    def __init__(self, path: str | os.PathLike[str], error: OSError) -> None:
        remedy = DISK_REMEDIES.get(error.errno or 0, "look at this path")
        self._refusal = f"{error.strerror or type(error).__name__}: {remedy}"
        super().__init__(f"{os.fspath(path)}: {self._refusal}")
        self.path = path

    @property
    def public(self) -> str:
        return f"the disk refuses: {self._refusal}; the log has the path"


class ObjectNotFoundError(StorageError):
    def __init__(self, key: str) -> None:
        super().__init__(f"no object {key!r} in the storage")
        self.key = key

    @property
    def public(self) -> str:
        return str(self)  # a key is no path


class PreconditionFailedError(StorageError):
    def __init__(self, key: str) -> None:
        super().__init__(f"{key!r} exists already or changed since it was read")
        self.key = key

    @property
    def public(self) -> str:
        return str(self)  # a key is no path
