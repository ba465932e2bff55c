"""Requests as data, so that a recording can hold them and a later commit gets exactly the same ones."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LAPTOP = "laptop"
FOLDER = "folder"
"""The door to a laptop's folder for dropped training files."""
STORE = "store"
"""The door to the S3 double: a target is BUCKET/KEY."""
CONTROL = "control"
AUTHORIZER = "authorizer"
TRAINER = "trainer"
IMPORTER = "importer"
PREDICT = "predict:"
"""The prefix of the door to a model's own function; the name of the model follows."""
NEW = "@new"
"""The suffix of a function's door in a new deployment, whose registry is empty until the importer has run."""
REFERENCE = re.compile(r"\$\{([\w-]+(?:\.[\w-]+)*)\}")
JSON_BODY = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Body:
    """A body: text, or bytes in base64, or for a large one `head`, then `unit` so many times, then `tail`."""

    text: str = ""
    base64: str = ""
    repeated: tuple[str, str, int, str] | None = None

    @classmethod
    def of_bytes(cls, content: bytes) -> Body:
        return cls(base64=base64.b64encode(content).decode())

    def to_bytes(self, kept: Mapping[str, Any]) -> bytes:
        """The bytes to send; in a text, references to earlier answers are replaced."""
        if self.repeated is not None:
            head, unit, count, tail = self.repeated
            return (head + unit * count + tail).encode()
        return base64.b64decode(self.base64) if self.base64 else filled(self.text, kept).encode()


@dataclass(frozen=True, slots=True)
class Request:
    """One request, to a laptop's server or, by `door`, to a function on Lambda, a folder or the S3 double.

    `event` goes to a function as it is. `keep` names parts of the answer, by their paths, for later requests, which
    refer to them as ${name} or ${name.key}. With `until`, the request is repeated until the parts of the answer at
    these paths have one of these values. With `is_document`, only the JSON matters, not its spelling.
    """

    name: str
    kind: str
    door: str = LAPTOP
    method: str = "GET"
    target: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = field(default_factory=Body)
    event: Any = None
    keep: Mapping[str, str] = field(default_factory=dict)
    until: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_document: bool = False


def json_body(value: Any) -> Body:
    return Body(json.dumps(value, ensure_ascii=False))


def filled(text: str, kept: Mapping[str, Any]) -> str:
    """The text with every known ${reference} replaced; an unknown one stays as it is."""

    def value(found: re.Match[str]) -> str:
        part = part_of(kept, found[1])
        return found[0] if part is None else str(part)

    return REFERENCE.sub(value, text)


def part_of(document: Any, path: str) -> Any:
    """The part of a JSON document at a path such as data.jobs.0.state; None where there is none."""
    for name in path.split("."):
        if isinstance(document, Mapping):
            document = document.get(name)
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document
