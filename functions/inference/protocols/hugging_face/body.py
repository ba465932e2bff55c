"""Bodies of requests to the Hugging Face Inference API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from functions.core.errors import Fault, InvalidInputError
from functions.core.json_text import parse_json
from functions.core.unknown_keys import unknown_keys

SNIPPET_TYPES = frozenset({"application/x-www-form-urlencoded", "text/plain"})
"""Content types that `curl -d` and fetch() give the JSON of Hugging Face's own snippets, which name none."""
KNOWN_KEYS = ("inputs", "parameters", "options")
OPTION_HEADERS = {"wait_for_model": "x-wait-for-model", "use_cache": "x-use-cache"}
# clients of the Inference API may send it; there is no GPU to choose here
IGNORED_OPTIONS = frozenset({"use_gpu"})
HEADER_FLAGS = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """Options of a request: to wait until there is a version to serve, and to accept the answer of an equal request."""

    wait_for_model: bool = False
    use_cache: bool = True


@dataclass(frozen=True, slots=True)
class Body:
    """One request; `inputs` and `parameters` are for its task, and not checked yet."""

    inputs: Any
    parameters: Mapping[str, Any]
    options: RequestOptions = field(default_factory=RequestOptions)

    def to_json(self) -> bytes:
        """JSON of inputs and parameters, with sorted keys: equal requests give equal bytes.

        Raises InvalidInputError for values nested deeper than any that a task takes.
        """
        try:
            return orjson.dumps([self.inputs, self.parameters], option=orjson.OPT_SORT_KEYS)
        except TypeError:
            raise InvalidInputError([Fault(("inputs",), "nested too deeply", "recursion_loop")]) from None


def parse_body(body: bytes, headers: Mapping[str, str]) -> Body:
    """Read a request; options may also come as headers, and the body's win.

    Raises InvalidInputError with every fault, but for values in `inputs` and `parameters`: the task checks these.
    """
    document = parse_json(body)
    if not isinstance(document, dict):
        raise InvalidInputError([Fault((), 'send an object: {"inputs": ..., "parameters": {...}}', "dict_type")])
    others = unknown_keys(document, KNOWN_KEYS)
    faults = [Fault((name,), f"unknown; known: {', '.join(KNOWN_KEYS)}", "extra") for name in others]
    if "inputs" not in document:
        faults.append(Fault(("inputs",), "missing", "missing"))
    objects = {name: _object(document, name, faults) for name in ("parameters", "options")}
    options = {name: _flag(objects["options"], headers, name, faults) for name in OPTION_HEADERS}
    unknown = unknown_keys(objects["options"], OPTION_HEADERS.keys() | IGNORED_OPTIONS)
    faults += [
        Fault(("options", name), f"unknown; known: {', '.join(OPTION_HEADERS)}", "extra") for name in sorted(unknown)
    ]
    if faults:
        raise InvalidInputError(faults)
    chosen = {name: value for name, value in options.items() if value is not None}
    return Body(document["inputs"], objects["parameters"], RequestOptions(**chosen))


def _object(document: Mapping[str, Any], name: str, faults: list[Fault]) -> Mapping[str, Any]:
    value = document.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        faults.append(Fault((name,), "an object is expected", "dict_type"))
        return {}
    return value


def _flag(options: Mapping[str, Any], headers: Mapping[str, str], name: str, faults: list[Fault]) -> bool | None:
    flag = options.get(name)
    if flag is None:
        return HEADER_FLAGS.get(headers.get(OPTION_HEADERS[name], "").lower())
    if not isinstance(flag, bool):
        faults.append(Fault(("options", name), "true or false is expected", "bool_type"))
        return None
    return flag
