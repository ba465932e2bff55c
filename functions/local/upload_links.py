"""Signed forms for one file, and the route that receives it; on AWS they are presigned POSTs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.types import Message, Receive

from functions.core.errors import Fault, InvalidInputError, TooLargeError
from functions.core.local_storage import LocalStorage
from functions.core.uploads import LINK_SECONDS, UploadLink
from functions.inference.failures import RETRY_AFTER_SECONDS
from functions.local.signer import Signer

PATH = "/local-uploads"
FORM_BYTES = 10_000
FIELD_NAME = re.compile(rb'\bname="(key|expires|max_bytes|signature)"')
NOT_OURS = (
    "this form was not made by this server: ask POST /models/{model}/uploads for one, or POST /models/{model}/batches"
)
MOST_FORMS = 4
"""Forms that are received at once. Each may fill the temporary folder by the size that was signed for it."""


class LocalUploadLinks:
    """Signer of forms, with a key that lives as long as the process.

    Anybody may post, so no more is read than the beginning of a form until its signature is found there: the fields
    come before the file, as S3 requires it. They are checked again when the whole form was read.
    """

    def __init__(self, uploads: LocalStorage) -> None:
        self._uploads = uploads
        self._signer = Signer()
        self._receiving = 0

    @property
    def origins(self) -> tuple[str, ...]:
        return ()

    def create(self, key: str, *, max_bytes: int) -> UploadLink:
        expires = str(int(time.time()) + LINK_SECONDS)
        limit = str(max_bytes)
        fields = {
            "key": key,
            "expires": expires,
            "max_bytes": limit,
            "signature": self._signer.sign(key, expires, limit),
        }
        return UploadLink(PATH, fields, LINK_SECONDS)

    def router(self) -> APIRouter:
        """The route that receives the forms; it answers 204 as S3 does."""
        router = APIRouter(include_in_schema=False)

        @router.post(PATH)
        async def receive(request: Request) -> Response:
            head, receive = await _beginning(request)
            signed_bytes = self._signed_bytes(head)
            bounded = Request(request.scope, _bounded(receive, signed_bytes + FORM_BYTES))
            # a form without a signature fills nothing, and must not keep out those that have one
            with self._slot() if signed_bytes else nullcontext():
                await self._receive(bounded)
            return Response(status_code=204)

        return router

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if self._receiving >= MOST_FORMS:
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            raise HTTPException(503, f"{MOST_FORMS} files are being uploaded: try again", headers)
        self._receiving += 1
        try:
            yield
        finally:
            self._receiving -= 1

    async def _receive(self, request: Request) -> None:
        async with request.form(max_files=1, max_fields=8) as form:
            fields = {name: str(value) for name, value in form.items() if not isinstance(value, UploadFile)}
            file = form.get("file")
            max_bytes = self._verify(fields)
            if not isinstance(file, UploadFile):
                raise InvalidInputError([Fault(("body", "file"), "the form has no file", "missing")])
            if (file.size or 0) > max_bytes:
                raise TooLargeError(f"the file is larger than {max_bytes} bytes, for which this form was made")
            # a write of 100 MB, which may also wait for a lock, would hold up every other request
            await run_in_threadpool(self._uploads.write_from, fields["key"], file.file)

    def _signed_bytes(self, head: bytes) -> int:
        """The size that the fields at the beginning of a form permit; 0 unless they are signed."""
        fields = _fields(head)
        key, expires, limit, signature = (fields.get(one, "") for one in ("key", "expires", "max_bytes", "signature"))
        return int(limit) if self._signer.has_signed(signature, key, expires, limit) else 0

    def _verify(self, fields: dict[str, str]) -> int:
        key, expires, limit = (fields.get(name, "") for name in ("key", "expires", "max_bytes"))
        if not self._signer.has_signed(fields.get("signature", ""), key, expires, limit):
            raise HTTPException(403, NOT_OURS)
        if time.time() > int(expires):
            raise HTTPException(403, "this form has expired: ask for a new one")
        return int(limit)


def _fields(head: bytes) -> dict[str, str]:
    """The fields for a signature in the first FORM_BYTES of a form, in one pass: anybody may send what is read here."""
    fields: dict[str, str] = {}
    for part in head[:FORM_BYTES].split(b"\r\n--"):
        headers, _, value = part.partition(b"\r\n\r\n")
        if name := FIELD_NAME.search(headers):
            fields[name[1].decode()] = value.decode(errors="replace")
    return fields


async def _beginning(request: Request) -> tuple[bytes, Receive]:
    """The first FORM_BYTES of a body or a little more, and what gives all of its messages again."""
    messages: list[Message] = []
    head = b""
    while len(head) < FORM_BYTES:
        messages.append(await request.receive())
        head += messages[-1].get("body", b"")
        if not messages[-1].get("more_body", False):
            break

    async def receive() -> Message:
        return messages.pop(0) if messages else await request.receive()

    return head, receive


def _bounded(receive: Receive, max_bytes: int) -> Receive:
    """The messages of `receive`; raises TooLargeError after `max_bytes` of their body."""
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            text = "its signature permits no more, or its fields do not come before the file"
            raise TooLargeError(f"the form is larger than {max_bytes} bytes: {text}")
        return message

    return bounded
