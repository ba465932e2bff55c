"""The addresses that webhooks post to: the same rule for a deployment, before anything is built, and for a laptop."""

from __future__ import annotations

from urllib.parse import urlsplit

WEBHOOK_SCHEMES = frozenset({"https", "http"})


def is_webhook_address(url: str, *, schemes: frozenset[str] = WEBHOOK_SCHEMES) -> bool:
    """True for an address that a request can be made of, as other characters, ports and names fail when it is too late.

    A name and a password before the host are refused, because they would not be sent.
    """
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
        host = (parts.hostname or "").encode("idna")
    except ValueError:
        return False
    is_written = url.isascii() and url.isprintable() and " " not in url
    return is_written and has_port and parts.scheme in schemes and bool(host) and parts.username is None
