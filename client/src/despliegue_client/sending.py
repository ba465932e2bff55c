"""Requests and answers of this package in the words of httpx, for both shells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from despliegue_client.errors import NoAnswerError
from despliegue_client.exchange import Answer, FormFile, Request

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
OCTETS = "application/octet-stream"


@contextmanager
def sendable(request: Request) -> Iterator[dict[str, Any]]:
    """The arguments of `httpx.Client.request`, with the file of a form open; failures become NoAnswerError."""
    own = {"method": request.method, "url": request.url, "headers": dict(request.headers)}
    try:
        if request.form is None:
            yield {**own, "content": request.body}
        else:
            with _opened(request.form) as content:
                files = {"file": (request.form.name, content, OCTETS)}
                yield {**own, "data": dict(request.form.fields), "files": files}
    except httpx.TransportError as error:
        # their texts name no header and no query
        reason = f"{type(error).__name__} {error}".strip()
        raise NoAnswerError(f"{request.place}: {reason}", was_sent=not isinstance(error, NEVER_SENT)) from None


def answer_of(response: httpx.Response) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, response.content)


@contextmanager
def _opened(form: FormFile) -> Iterator[Any]:
    if isinstance(form.content, bytes):
        yield form.content
        return
    with form.content.open("rb") as file:
        yield file
