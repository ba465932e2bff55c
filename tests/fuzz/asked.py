"""One request of the fuzz trial, and the bytes that it is on the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

NOT_IN_A_TARGET = re.compile(r"[^\x21-\x7e]")
NOT_IN_A_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
CHUNK_BYTES = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A request in the grammar of HTTP, whatever it means; what breaks the grammar is in test_raw_requests."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_chunked: bool = False

    @property
    def target(self) -> str:
        target = self.path + (f"?{self.query}" if self.query else "")
        if not target.startswith("/"):
            target = f"/{target}"
        return NOT_IN_A_TARGET.sub(lambda found: quote(found.group(), errors="surrogatepass"), target)

    def to_bytes(self, url: str) -> bytes:
        headers = {"Host": urlsplit(url).netloc, **self.headers}
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines += [f"{name}: {NOT_IN_A_HEADER.sub('', value).strip()}" for name, value in headers.items()]
        lines.append("Transfer-Encoding: chunked" if self.is_chunked else f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self._framed()

    def _framed(self) -> bytes:
        if not self.is_chunked:
            return self.body
        parts = [self.body[start : start + CHUNK_BYTES] for start in range(0, len(self.body), CHUNK_BYTES)]
        return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (*parts, b""))

    def __str__(self) -> str:
        return f"{self.method} {self.target:.300} {self.headers} {self.body[:300]!r} ({len(self.body)} bytes)"
