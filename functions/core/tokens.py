"""Bearer tokens: how one is made, and what the secret keeps of it: its digest, scopes and times, never the token."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, get_args

import msgspec

from functions.core.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from functions.core.records import decode
from functions.core.routes import TokenScope

PREFIX = "dsp_"
"""By which scanners of repositories and logs know a token that leaked."""
RANDOM_BYTES = 32
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAME_RULE = "1 to 64 letters, digits, dots, underscores and hyphens, the first a letter or a digit"

Name = Annotated[str, msgspec.Meta(pattern=rf"\A{NAME.pattern}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Scopes = Annotated[tuple[TokenScope, ...], msgspec.Meta(min_length=1)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


# msgspec refuses unknown keys in its own structures only, and a misspelled `expires` must not live for ever
class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept of one token. `expires` is the first moment at which it is no longer valid; None is never."""

    name: Name
    sha256: Digest
    scopes: Scopes
    created: Moment
    expires: Moment | None

    def has_expired(self, now: datetime) -> bool:
        return self.expires is not None and self.expires <= now


class Tokens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document of the secret. A token that is not in it was revoked, or never made."""

    tokens: tuple[Token, ...]

    def __post_init__(self) -> None:
        twice = [name for name, count in Counter(token.name for token in self.tokens).items() if count > 1]
        if twice:
            raise ValueError(f"two tokens are named {', '.join(twice)}")

    @classmethod
    def from_json(cls, body: bytes, source: str) -> Tokens:
        """Raises DamagedRecordError that names `source`, where the body was read."""
        return decode(body, cls, source)

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    def find(self, presented: str) -> Token | None:
        """The record of a token. Every record is compared, in constant time, so that the time taken tells nothing."""
        digest = digest_of(presented)
        found = None
        for token in self.tokens:
            if hmac.compare_digest(token.sha256, digest):
                found = token
        return found

    def with_token(self, token: Token, now: datetime) -> Tokens:
        """The document with one more; an expired token of the same name gives way.

        Raises ConflictError where a living one has the name. The very same token again changes nothing.
        """
        if token in self.tokens:
            return self
        if any(one.name == token.name and not one.has_expired(now) for one in self.tokens):
            raise ConflictError(f"there is a token {token.name!r} already: choose another name, or revoke it first")
        return Tokens((*(one for one in self.tokens if one.name != token.name), token))

    def without_token(self, name: str) -> Tokens:
        """The document after a revocation; raises NotFoundError that lists the known names."""
        left = tuple(one for one in self.tokens if one.name != name)
        if len(left) == len(self.tokens):
            raise NotFoundError("token", name, [one.name for one in self.tokens])
        return Tokens(left)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request may pass and why not; `token` is the name of the one presented, if it is known."""

    allowed: bool
    reason: str
    token: str | None = None


def digest_of(token: str) -> str:
    """sha256 of a token in hexadecimal. It is 256 random bits, so neither salt nor stretching would add anything."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_token(
    name: str, scopes: Iterable[TokenScope], *, now: datetime, lifetime: timedelta | None = None
) -> tuple[Token, str]:
    """A new record and the token itself, which nothing keeps. Raises InvalidInputError for a name or scopes."""
    asked = set(scopes)
    if not NAME.fullmatch(name):
        raise InvalidInputError([Fault(("name",), f"{name!r} is no name of a token: {NAME_RULE}", "name")])
    if not asked or not asked.issubset(get_args(TokenScope)):
        known = ", ".join(get_args(TokenScope))
        raise InvalidInputError([Fault(("scopes",), f"a token has one or more of the scopes {known}", "scopes")])
    token = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    record = Token(
        name=name,
        sha256=digest_of(token),
        scopes=tuple(scope for scope in get_args(TokenScope) if scope in asked),
        created=now,
        expires=None if lifetime is None else now + lifetime,
    )
    return record, token


def decide(tokens: Tokens, presented: str, scope: TokenScope, now: datetime) -> Decision:
    """Whether the presented token may use a route of that scope."""
    token = tokens.find(presented)
    if token is None:
        return Decision(False, "unknown token")
    if token.has_expired(now):
        return Decision(False, "expired token", token.name)
    if scope not in token.scopes:
        return Decision(False, f"the token lacks the scope {scope}", token.name)
    return Decision(True, "valid token", token.name)
