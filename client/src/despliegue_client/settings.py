"""Where the server is, and who asks: from arguments, or from DESPLIEGUE_URL and DESPLIEGUE_TOKEN."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from despliegue_client.errors import SettingsError

URL_VARIABLE = "DESPLIEGUE_URL"
TOKEN_VARIABLE = "DESPLIEGUE_TOKEN"  # noqa: S105  the name of a variable
EXAMPLES = "such as https://models.example.org or http://127.0.0.1:8000"
VISIBLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Settings:
    """`base_url` has no slash at its end; the token is in no repr.

    A request is repeated until `retry_seconds` after it was sent first; `concurrency` requests of one prediction are
    under way at a time, each of at most `rows_per_request` rows, or of as many as the server takes.
    """

    base_url: str
    token: str | None = field(default=None, repr=False)
    retry_seconds: float = 120.0
    concurrency: int = 4
    rows_per_request: int | None = None

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def read_settings(
    base_url: str | None,
    token: str | None,
    *,
    retry_seconds: float,
    concurrency: int,
    rows_per_request: int | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Arguments count before variables. Raises SettingsError, which never shows the token."""
    url = base_url or environment.get(URL_VARIABLE)
    if not url:
        raise SettingsError(f"no server to ask: give Client(base_url) or set {URL_VARIABLE}")
    for name, number in (("concurrency", concurrency), ("rows_per_request", rows_per_request)):
        if number is not None and number < 1:
            raise SettingsError(f"{name} is at least 1, not {number}")
    secret = token or environment.get(TOKEN_VARIABLE) or None
    if secret is not None and not VISIBLE.fullmatch(secret):
        # an HTTP library would quote the whole header in its error
        raise SettingsError("the token has a space, a line end or a character beyond ASCII: copy it again")
    return Settings(_checked(url), secret, retry_seconds, concurrency, rows_per_request)


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        # what has an @ may have a password
        shown = "this address" if "@" in url else repr(url)
        raise SettingsError(f"{shown} is no base URL, {EXAMPLES}") from None
    if parts.username is not None or parts.password is not None:
        raise SettingsError(f"the base URL of {parts.hostname} has a user or password in it: give a token instead")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(f"{url!r} is no base URL, {EXAMPLES}")
    return url.rstrip("/")
