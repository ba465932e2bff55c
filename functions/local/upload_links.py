"""Signed forms for one file, and the route that receives it; on AWS they are presigned POSTs."""

from __future__ import annotations

import time

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
NOT_OURS = (
    "this form was not made by this server: ask POST /models/{model}/uploads for one, or POST /models/{model}/batches"
)
MOST_FORMS = 4
"""Forms that are received at once. Each may fill the temporary folder by the largest size that was signed."""


class LocalUploadLinks:
    """Signer of forms, with a key that lives as long as the process.

    The signature can only be checked after the whole form was read, so no form may be larger than the largest signed.
    """

    def __init__(self, uploads: LocalStorage) -> None:
        self._uploads = uploads
        self._signer = Signer()
        self._largest = 0
        self._receiving = 0

    @property
    def origins(self) -> tuple[str, ...]:
        return ()

    def create(self, key: str, *, max_bytes: int) -> UploadLink:
        expires = str(int(time.time()) + LINK_SECONDS)
        limit = str(max_bytes)
        self._largest = max(self._largest, max_bytes)
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
            if self._receiving >= MOST_FORMS:
                headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
                raise HTTPException(503, f"{MOST_FORMS} files are being uploaded: try again", headers)
            self._receiving += 1
            try:
                await self._receive(request)
            finally:
                self._receiving -= 1
            return Response(status_code=204)

        return router

    async def _receive(self, request: Request) -> None:
        bounded = Request(request.scope, _bounded(request, self._largest + FORM_BYTES))
        async with bounded.form(max_files=1, max_fields=8) as form:
            fields = {name: str(value) for name, value in form.items() if not isinstance(value, UploadFile)}
            file = form.get("file")
            max_bytes = self._verify(fields)
            if not isinstance(file, UploadFile):
                raise InvalidInputError([Fault(("body", "file"), "the form has no file", "missing")])
            if (file.size or 0) > max_bytes:
                raise TooLargeError(f"the file is larger than {max_bytes} bytes, for which this form was made")
            # a write of 100 MB, which may also wait for a lock, would hold up every other request
            await run_in_threadpool(self._uploads.write_from, fields["key"], file.file)

    def _verify(self, fields: dict[str, str]) -> int:
        key, expires, limit = (fields.get(name, "") for name in ("key", "expires", "max_bytes"))
        if not self._signer.has_signed(fields.get("signature", ""), key, expires, limit):
            raise HTTPException(403, NOT_OURS)
        if time.time() > int(expires):
            raise HTTPException(403, "this form has expired: ask for a new one")
        return int(limit)


def _bounded(request: Request, max_bytes: int) -> Receive:
    """The messages of `request`; raises TooLargeError after `max_bytes` of its body."""
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise TooLargeError(f"the form is larger than {max_bytes} bytes, more than any that this server made")
        return message

    return receive
