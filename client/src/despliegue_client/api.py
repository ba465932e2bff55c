"""Requests to the routes of one server, each an operation that gives back the data of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from despliegue_client.errors import UnsendableError
from despliegue_client.exchange import Answer, FormFile, Operation, Record, Request
from despliegue_client.json_values import json_bytes, text_of
from despliegue_client.retries import RetryPolicy, exchanged
from despliegue_client.settings import Settings

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Api:
    """`limits` are those of each model, asked once."""

    settings: Settings
    policy: RetryPolicy
    limits: dict[str, Mapping[str, int]] = field(default_factory=dict)

    def get(self, path: str, **query: object) -> Operation[Record]:
        answer = yield from self.send(Request("GET", self._url(path, query), is_repeatable=True))
        return answer.data()

    def change(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        is_repeatable: bool = False,
        **query: object,
    ) -> Operation[Record]:
        """A request with a JSON body, which is bytes if it is written already; `key` is its Idempotency-Key."""
        content = body if isinstance(body, bytes) or body is None else json_bytes(body)
        own = {"Idempotency-Key": key} if key else {}
        kind = {} if content is None else {"Content-Type": "application/json"}
        request = Request(
            method,
            self._url(path, query),
            {**kind, **own, **(headers or {})},
            content,
            is_repeatable=is_repeatable or key is not None,
        )
        answer = yield from self.send(request)
        return answer.data()

    def send(self, request: Request) -> Operation[Answer]:
        """A request to the server itself, with the token."""
        headers = {**self.settings.headers(), **request.headers}
        own = Request(request.method, request.url, headers, request.body, None, request.is_repeatable)
        return (yield from exchanged(own, self.policy))

    def upload(self, form: Record, file: FormFile) -> Operation[None]:
        """Post a file by a form that the server gave; the token stays out, as the address may be another host's.

        A post whose answer was lost is repeated at once: it writes the same file under the same key.
        """
        yield from exchanged(Request("POST", str(form["url"]), form=file, is_repeatable=True), self.policy)

    def download(self, url: str) -> Operation[bytes]:
        """The file of a link, which needs no token."""
        answer = yield from exchanged(Request("GET", url, is_repeatable=True), self.policy)
        return answer.body

    def all_pages(self, path: str, name: str) -> Operation[list[Record]]:
        """The entries of every page of a list, in its order."""
        found: list[Record] = []
        page = 1
        while True:
            data = yield from self.get(path, page=page, page_size=PAGE_SIZE)
            found += data[name]
            if len(found) >= data["total"] or not data[name]:
                return found
            page += 1

    def limits_of(self, model: str) -> Operation[Mapping[str, int]]:
        known = self.limits.get(model)
        if known is None:
            details = yield from self.get(model_path(model))
            known = self.limits[model] = details["limits"]
        return known

    def _url(self, path: str, query: Mapping[str, object]) -> str:
        asked = {name: _text(value) for name, value in query.items() if value is not None}
        return f"{self.settings.base_url}{path}" + (f"?{urlencode(asked)}" if asked else "")


def model_path(model: str, *parts: str | int) -> str:
    """The path of a model, or of something below it; every part is percent-encoded."""
    texts = [text_of(part) for part in (model, *parts)]
    for text in texts:
        if text in ("", ".", ".."):
            raise UnsendableError(f"{text!r} cannot be a part of a path: give the name of a model, job or batch")
    return "/".join(("/models", *(quote(text, safe="") for text in texts)))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else text_of(value)
