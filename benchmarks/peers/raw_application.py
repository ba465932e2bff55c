"""ASGI and orjson alone, nothing checked: about the least that an answer of a model can cost over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import onnxruntime
import orjson

Application = Callable[[Any, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


def one_thread_session(folder: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])


def raw_application(answers: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Application:
    """Answer one row or a list of them, whatever the path."""

    async def application(scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Any]) -> None:
        body, is_whole = b"", False
        while not is_whole:
            message = await receive()
            body += message["body"]
            is_whole = not message.get("more_body", False)
        asked = orjson.loads(body)
        found = orjson.dumps(answers(asked) if isinstance(asked, list) else answers([asked])[0])
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(found)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": found})

    return application
