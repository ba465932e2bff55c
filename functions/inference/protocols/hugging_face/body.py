"""What a client of the Hugging Face Inference API sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson

from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from functions.core.json_text import parse_json

KNOWN = ("inputs", "parameters", "options")
OPTIONS = {"wait_for_model": "x-wait-for-model", "use_cache": "x-use-cache"}
IGNORED_OPTIONS = frozenset({"use_gpu"})
WRITTEN = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class Options:
    """Whether to wait while there is no version to serve, and whether an equal request may be answered again."""

    wait_for_model: bool = False
    use_cache: bool = True


@dataclass(frozen=True, slots=True)
class Body:
    """`inputs` is what the task takes, unchecked; `parameters` are the task's own."""

    inputs: Any
    parameters: Mapping[str, Any]
    options: Options = field(default_factory=Options)

    def to_json(self) -> bytes:
        """Equal for equal questions, whatever the order of their keys and the options.

        Raises InvalidInputError for what is nested deeper than anything that a task takes.
        """
        try:
            return orjson.dumps([self.inputs, self.parameters], option=orjson.OPT_SORT_KEYS)
        except TypeError:
            raise InvalidInputError([Fault(("inputs",), "nested too deeply", "recursion_loop")]) from None


def parse_body(body: bytes, headers: Mapping[str, str]) -> Body:
    """The parts of a request; options may also come as headers, and the body's win.

    Raises InvalidInputError with every fault of the frame; what `inputs` and `parameters` hold is for the task.
    """
    document = parse_json(body)
    if not isinstance(document, dict):
        raise InvalidInputError([Fault((), 'send an object: {"inputs": ..., "parameters": {...}}', "dict_type")])
    others = islice((name for name in document if name not in KNOWN), MAX_FAULTS)
    faults = [Fault((name,), f"unknown; known: {', '.join(KNOWN)}", "extra") for name in others]
    if "inputs" not in document:
        faults.append(Fault(("inputs",), "missing", "missing"))
    objects = {name: _object(document, name, faults) for name in ("parameters", "options")}
    options = {name: _flag(objects["options"], headers, name, faults) for name in OPTIONS}
    unknown = objects["options"].keys() - OPTIONS.keys() - IGNORED_OPTIONS
    faults += [Fault(("options", name), f"unknown; known: {', '.join(OPTIONS)}", "extra") for name in sorted(unknown)]
    if faults:
        raise InvalidInputError(faults)
    given = {name: value for name, value in options.items() if value is not None}
    return Body(document["inputs"], objects["parameters"], Options(**given))


def _object(document: Mapping[str, Any], name: str, faults: list[Fault]) -> Mapping[str, Any]:
    found = document.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        faults.append(Fault((name,), "an object is expected", "dict_type"))
        return {}
    return found


def _flag(options: Mapping[str, Any], headers: Mapping[str, str], name: str, faults: list[Fault]) -> bool | None:
    found = options.get(name)
    if found is None:
        return WRITTEN.get(headers.get(OPTIONS[name], "").lower())
    if not isinstance(found, bool):
        faults.append(Fault(("options", name), "true or false is expected", "bool_type"))
        return None
    return found
