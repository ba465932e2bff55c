"""Bearer tokens. A store keeps the digest, the scopes and the times of each one, never the token itself."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, get_args

import msgspec

from functions.core.definition import MODEL_NAME
from functions.core.errors import ConflictError, DespliegueError, Fault, InvalidInputError, NotFoundError
from functions.core.records import read_record
from functions.core.routes import TokenScope

SCANNER_MARK = "dsp_"
"""The first characters of a token, by which scanners of repositories and logs recognise a leaked one."""
RANDOM_BYTES = 32
KEPT_SECONDS = 5.0
"""The longest time for which a revoked token may still pass, where the store of the tokens can be read."""
GATEWAY_SECONDS = 5.0
"""The time for which the gateway on AWS keeps each decision about a token and a path, on top of KEPT_SECONDS."""
LAST_GOOD_SECONDS = 300.0
"""The longest time for which tokens that were read before are used while the store cannot be read."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAME_RULE = "1 to 64 letters, digits, dots, underscores and hyphens, the first a letter or a digit"

BEARER = "bearer"

Name = Annotated[str, msgspec.Meta(pattern=rf"\A{NAME.pattern}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Scopes = Annotated[tuple[TokenScope, ...], msgspec.Meta(min_length=1)]
Models = Annotated[
    tuple[Annotated[str, msgspec.Meta(pattern=rf"\A{MODEL_NAME.pattern}\Z")], ...], msgspec.Meta(min_length=1)
]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


# msgspec refuses unknown keys in its own structures only, and a misspelled `expires` must not live for ever. A release
# that knows no `models` refuses the key: it is written only where it limits something.
class TokenRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The record of one token.

    It is no longer valid from the moment `expires` on; None means that it never expires. It opens the paths of `models`
    alone; None means all models, those that are added later among them.
    """

    name: Name
    sha256: Digest
    scopes: Scopes
    created: Moment
    expires: Moment | None
    models: Models | None = None

    def has_expired(self, now: datetime) -> bool:
        return self.expires is not None and self.expires <= now

    def opens(self, model: str | None) -> bool:
        """True for a path of that model; None is a path of no model, which takes a token for all."""
        return self.models is None or model in self.models


class TokenRecords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of the secret: one record for each token that was made and not revoked."""

    tokens: tuple[TokenRecord, ...]

    def __post_init__(self) -> None:
        twice = [name for name, count in Counter(token.name for token in self.tokens).items() if count > 1]
        if twice:
            raise ValueError(f"two tokens are named {', '.join(twice)}")

    @classmethod
    def from_json(cls, body: bytes, source: str) -> TokenRecords:
        """The records in a body. Raises DamagedRecordError that names `source`, the place of the body."""
        return read_record(body, cls, source)

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    def find(self, presented: str) -> TokenRecord | None:
        """The record of a token. Every record is compared, in constant time, so that the duration reveals nothing."""
        digest = digest_of(presented)
        match = None
        for token in self.tokens:
            # no early return: the duration would reveal the place of the token
            if hmac.compare_digest(token.sha256, digest):
                match = token
        return match

    def with_token(self, token: TokenRecord, now: datetime) -> TokenRecords:
        """The records with one more; it replaces an expired token of the same name.

        Raises ConflictError if a valid token has the name. Adding the same record twice changes nothing.
        """
        if token in self.tokens:
            return self
        if any(one.name == token.name and not one.has_expired(now) for one in self.tokens):
            raise ConflictError(f"there is a token {token.name!r} already: choose another name, or revoke it first")
        return TokenRecords((*(one for one in self.tokens if one.name != token.name), token))

    def without_token(self, name: str) -> TokenRecords:
        """The records without the one of that name; raises NotFoundError that lists the known names."""
        left = tuple(one for one in self.tokens if one.name != name)
        if len(left) == len(self.tokens):
            raise NotFoundError("token", name, [one.name for one in self.tokens])
        return TokenRecords(left)


class RecentTokens:
    """The tokens of a store, which is read at most every KEPT_SECONDS.

    Where reading fails, the tokens that were read last are used for LAST_GOOD_SECONDS in all, so that a store that is
    out of reach for a moment locks nobody out. Each failure is reported to `on_failure`, and the next attempt is made
    after KEPT_SECONDS: a store that answers late would delay every request.
    """

    def __init__(
        self,
        read: Callable[[], TokenRecords],
        *,
        on_failure: Callable[[DespliegueError], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` returns seconds and never goes back."""
        self._read = read
        self._on_failure = on_failure
        self._clock = clock
        self._tokens: TokenRecords | None = None
        self._read_at = self._next_read = 0.0

    def current(self) -> TokenRecords:
        """The tokens of now, of a few seconds ago, or, where reading fails, the last good ones.

        Raises the DespliegueError of the reading where there are none that are young enough.
        """
        now = self._clock()
        if self._tokens is not None and now < self._next_read:
            return self._tokens
        try:
            self._tokens, self._read_at, self._next_read = self._read(), now, now + KEPT_SECONDS
        except DespliegueError as error:
            self._on_failure(error)
            if self._tokens is None or now - self._read_at >= LAST_GOOD_SECONDS:
                self._tokens = None
                raise
            # from the end of the attempt, which may have waited for an answer
            self._next_read = min(self._clock() + KEPT_SECONDS, self._read_at + LAST_GOOD_SECONDS)
        return self._tokens


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision about a request, with its reason; `token` is the name of the presented token, if it is known."""

    allowed: bool
    reason: str
    token: str | None = None


def bearer_token(header: str) -> str | None:
    """The token in an Authorization header; None if there is none, or if it is not ASCII."""
    scheme, _, token = header.partition(" ")
    token = token.strip(" ")
    return token if scheme.lower() == BEARER and token and token.isascii() else None


def digest_of(token: str) -> str:
    """The sha256 of a token in hexadecimal. A token has 256 random bits, so neither salt nor stretching would help."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_token(
    name: str,
    scopes: Iterable[TokenScope],
    *,
    now: datetime,
    lifetime: timedelta | None = None,
    models: Iterable[str] | None = None,
) -> tuple[TokenRecord, str]:
    """A new record, and the token itself, which is stored nowhere.

    Without `models` it is for all of them. Raises InvalidInputError for a bad name, scope or name of a model.
    """
    wanted = set(scopes)
    if not NAME.fullmatch(name):
        raise InvalidInputError([Fault(("name",), f"{name!r} is no name of a token: {NAME_RULE}", "name")])
    if not wanted or not wanted.issubset(get_args(TokenScope)):
        known = ", ".join(get_args(TokenScope))
        raise InvalidInputError([Fault(("scopes",), f"a token has one or more of the scopes {known}", "scopes")])
    limits = None if models is None else _names_of_models(models)
    token = SCANNER_MARK + secrets.token_urlsafe(RANDOM_BYTES)
    record = TokenRecord(
        name=name,
        sha256=digest_of(token),
        scopes=tuple(scope for scope in get_args(TokenScope) if scope in wanted),
        created=now,
        expires=None if lifetime is None else now + lifetime,
        models=limits,
    )
    return record, token


def _names_of_models(models: Iterable[str]) -> tuple[str, ...]:
    """The names, each once and in order. Raises InvalidInputError for none, and for what is no name of a model."""
    names = tuple(sorted(set(models)))
    bad = [name for name in names if not MODEL_NAME.fullmatch(name)]
    if bad or not names:
        what = f"{bad[0]!r} is no name of a model" if bad else "a token is for one model at least, or for all"
        raise InvalidInputError([Fault(("models",), what, "models")])
    return names


def decide(tokens: TokenRecords, presented: str, scope: TokenScope, now: datetime, *, model: str | None) -> Decision:
    """Decide whether the presented token may use a route of that scope, on a path of `model`; None is of no model."""
    token = tokens.find(presented)
    if token is None:
        return Decision(False, "unknown token")
    if token.has_expired(now):
        return Decision(False, "expired token", token.name)
    if scope not in token.scopes:
        return Decision(False, f"the token lacks the scope {scope}", token.name)
    if not token.opens(model):
        return Decision(False, f"the token is for {', '.join(token.models or ())} only", token.name)
    return Decision(True, "valid token", token.name)
