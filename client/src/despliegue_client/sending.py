"""Requests and answers of this package in the words of httpx, for both shells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from despliegue_client.errors import NoAnswerError, UnsendableError
from despliegue_client.exchange import Answer, FormFile, Request
from despliegue_client.sources import opened

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
OCTETS = "application/octet-stream"


@contextmanager
def sendable(request: Request) -> Iterator[dict[str, Any]]:
    """The arguments of `httpx.Client.request`, with the file of a form open.

    Failures become NoAnswerError, an address or a file that cannot be used UnsendableError.
    """
    own = {"method": request.method, "url": request.url, "headers": dict(request.headers)}
    try:
        if request.form is None:
            yield {**own, "content": request.body}
        else:
            with _opened(request.form) as content:
                files = {"file": (request.form.name, content, OCTETS)}
                yield {**own, "data": dict(request.form.fields), "files": files}
    except httpx.InvalidURL as error:
        raise UnsendableError(f"the address of {request.method} cannot be asked: {error}") from None
    except httpx.RequestError as error:
        # also an answer that cannot be unpacked; their texts name no header and no query
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
    with opened(form.content) as file:
        yield file
