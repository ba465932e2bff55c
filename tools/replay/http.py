"""Requests over HTTP exactly as written: a client library would tidy the path, the headers or the body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from tools.replay.answers import Answer, http_answer

HOST = "localhost"
"""The host header for every port, so that answers that quote the URL are equal."""
TIMEOUT_SECONDS = 120


def send(url: str, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """The answer, without a status where the server closed the connection instead."""
    sent = {"Host": HOST, **headers}
    is_chunked = "Transfer-Encoding" in sent
    if "Content-Length" not in sent and not is_chunked and (body or method in ("POST", "PUT")):
        sent["Content-Length"] = str(len(body))
    address = urlsplit(url)
    with closing(HTTPConnection(str(address.hostname), address.port, timeout=TIMEOUT_SECONDS)) as connection:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            connection.putheader(name, value.encode())
        try:
            with suppress(ConnectionError):  # refused before the body was read: the answer can be read all the same
                connection.endheaders(body or None, encode_chunked=is_chunked)
            answer = connection.getresponse()
            return http_answer(answer.status, answer.getheaders(), answer.read())
        except (HTTPException, ConnectionError) as error:
            return Answer(None, {}, json.dumps({"no answer": type(error).__name__}))
