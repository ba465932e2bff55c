"""Errors of obstore, which carry the answer of S3 as text only, read into status, code and message."""

from __future__ import annotations

import re

from obstore.exceptions import BaseError

STATUS = re.compile(r"status code: (\d{3})\b")
CODE = re.compile(r"<Code>([^<]+)</Code>")
MESSAGE = re.compile(r"<Message>([^<]+)</Message>")
PROVIDER = re.compile(r"External AWS credential provider: (.*)", re.DOTALL)
TRANSPORT = re.compile(r"kind: (Connect|Timeout|Interrupted|Request|Decode|Unknown)\b")
CERTIFICATE = re.compile(r"InvalidCertificate\(\s*(\w+)")
CAUSE = re.compile(r'\b(?:message|error): "([^"]+)"')
DEBUG = "\n\nDebug source:"
"""The end of the text for people; what follows names Rust's types."""
MISSING_CODES = frozenset({"NoSuchKey", "AccessDenied", "KeyTooLongError"})
ELSEWHERE_STATUSES = frozenset({301, 307})
ELSEWHERE_CODES = frozenset({"AuthorizationHeaderMalformed", "IllegalLocationConstraintException"})
UNANSWERED = frozenset({"Timeout", "Interrupted"})
"""What obstore sends again by itself for reads and plain writes, but not for writes under a condition."""
TRANSPORT_TEXTS = {
    "Connect": "no connection",
    "Timeout": "no answer in time",
    "Request": "the connection ended without an answer",
    "Interrupted": "the connection ended in the answer",
}
FAILURES = (BaseError, FileNotFoundError, ValueError)
"""What calls of obstore raise."""


class S3Refusal(Exception):
    """A request that S3 refused, or that did not reach it.

    `status` and `code` are of the answer, None and empty if it has none; answers to HEAD have no body, and so no code.
    """

    def __init__(self, error: BaseException) -> None:
        text = str(error)
        status, code = STATUS.search(text), CODE.search(text)
        self.status = int(status[1]) if status else None
        self.code = code[1] if code else ""
        transport = None if self.status else TRANSPORT.search(text)
        self.transport = transport[1] if transport else ""
        # obstore drops the body of a redirect
        self.is_elsewhere = (
            "Received redirect" in text or self.status in ELSEWHERE_STATUSES or self.code in ELSEWHERE_CODES
        )
        super().__init__(self._brief(text))

    @property
    def is_missing(self) -> bool:
        return self.code in MISSING_CODES or (not self.code and self.status in (403, 404))

    @property
    def is_denied(self) -> bool:
        return self.status == 403 and self.code in ("", "AccessDenied")

    @property
    def is_lost(self) -> bool:
        """True for 412, the condition does not hold, and for 404, there is no object to match it."""
        return self.status == 412 or self.code == "NoSuchKey"

    @property
    def is_conflict(self) -> bool:
        """True for 409, by which S3 refuses one of two writes at once, whatever their conditions."""
        return self.status == 409

    @property
    def is_unanswered(self) -> bool:
        return self.transport in UNANSWERED

    def _brief(self, text: str) -> str:
        message, provider = MESSAGE.search(text), PROVIDER.search(text.split(DEBUG)[0])
        if self.code:
            return f"{self.code}: {message[1]}" if message else self.code
        if provider:
            return provider[1]
        if self.transport:
            certificate = CERTIFICATE.search(text)
            causes = [f"its certificate is refused ({certificate[1]})"] if certificate else CAUSE.findall(text)
            what = TRANSPORT_TEXTS.get(self.transport, "the request failed")
            return f"{what}: {causes[-1]}" if causes else what
        return text.split(DEBUG)[0]
