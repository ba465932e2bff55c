"""ASGI, orjson and ONNX Runtime alone, nothing checked: about the least that the model can cost over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import orjson

from benchmarks.peers.churn.answers import churn_answers

NUMBERS = ("seniorcitizen", "tenure", "monthlycharges", "totalcharges")
Application = Callable[[Any, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


def create(folder: Path) -> Application:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])

    def answers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        texts = [name for name in rows[0] if name not in NUMBERS]
        strings = np.array([[row[name] for name in texts] for row in rows], dtype=object)
        numbers = np.array([[row[name] for name in NUMBERS] for row in rows], dtype=np.float64)
        return churn_answers(session.run(["probabilities"], {"strings": strings, "numbers": numbers})[0])

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
