"""despliegue token: make, list and revoke the tokens of a deployment, or of a server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, get_args

from functions.core.clock import stamp
from functions.core.routes import TokenScope
from model_export.commands.results import add_json, give, give_list, is_json

if TYPE_CHECKING:
    from functions.core.tokens import TokenRecord, TokenRecords

STAGE = "prod"
LONGEST_DAYS = 3650
DEFAULT_DAYS = 365
NEVER = "never"
REMINDER_DAYS = 30
ROTATION = """\
To rotate a token, create a new one under another name, give it to the users of the old one, and revoke the old one.
Both are valid meanwhile. A revoked token is refused everywhere within 10 seconds, and by a server within 5."""


class TokenStore(Protocol):
    """A place that keeps tokens."""

    def read(self) -> TokenRecords:
        """The current tokens."""
        ...

    def update(self, change: Callable[[TokenRecords], TokenRecords]) -> TokenRecords:
        """Write the tokens that `change` returns."""
        ...


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "token",
        help="make, list and revoke the tokens of a deployment, or of a server",
        description=ROTATION,
        examples=["despliegue token list", "despliegue token create --help"],
    )
    actions = parser.add_commands("ACTION")
    create = actions.add_parser(
        "create",
        help="make a token, which is printed once and stored nowhere",
        description=ROTATION,
        examples=[
            "despliegue token create ana --scope predict --model churn",
            "despliegue token create nightly --scope predict --scope train --expires-days 90 --file tokens.json",
        ],
    )
    create.add_argument("name", help="name of its user, which logs and history show")
    create.add_argument(
        "--scope",
        action="append",
        required=True,
        choices=get_args(TokenScope),
        help="what it may do; repeat it for each scope, because none includes another",
    )
    create.add_argument(
        "--model",
        action="append",
        metavar="MODEL",
        help="the only model that it is for; repeat it for more than one (default: all, those to come too)",
    )
    create.add_argument(
        "--expires-days",
        type=_days,
        default=str(DEFAULT_DAYS),
        metavar=f"N|{NEVER}",
        help=f"days until it expires (default: {DEFAULT_DAYS})",
    )
    _add_store(create)
    create.set_defaults(run=create_token)
    listing = actions.add_parser(
        "list",
        help="list names, scopes, models and times, never a token",
        description=ROTATION,
        examples=["despliegue token list", "despliegue token list --file tokens.json --json"],
    )
    _add_store(listing)
    listing.set_defaults(run=list_tokens)
    revoke = actions.add_parser(
        "revoke", help="refuse a token from now on", description=ROTATION, examples=["despliegue token revoke ana"]
    )
    revoke.add_argument("name", help="name of the token")
    _add_store(revoke)
    revoke.set_defaults(run=revoke_token)


def _add_store(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stage", default=STAGE, help=f"stage of the deployment (default: {STAGE})")
    where.add_argument(
        "--secret", metavar="NAME|ARN", help="instead of the stage, the output TokensSecret of the stack"
    )
    where.add_argument(
        "--file", type=Path, metavar="FILE", help="no deployment, but the file of `despliegue serve --tokens FILE`"
    )


def _days(text: str) -> timedelta | None:
    if text == NEVER:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of days from 1 to {LONGEST_DAYS} nor {NEVER}")
    return timedelta(days=int(text))


def _store(options: argparse.Namespace) -> TokenStore:
    if options.file is not None:
        from functions.local.token_file import TokenFile

        return TokenFile(options.file)
    from functions.aws.secrets import TokenSecret

    return TokenSecret(options.secret or f"despliegue-{options.stage}/tokens")


def create_token(options: argparse.Namespace) -> int:
    """Print the token alone on standard output, so that it can be piped, and its description on standard error."""
    from functions.core.tokens import make_token

    now = datetime.now(UTC)
    record, token = make_token(
        options.name, options.scope, now=now, lifetime=options.expires_days, models=options.model
    )
    _store(options).update(lambda tokens: tokens.with_token(record, now))
    if not is_json(options):
        print(token)  # after its record was written: a token that was shown is always valid
    end = f"until {stamp(record.expires)}" if record.expires else "until it is revoked"
    limits = f" for {', '.join(record.models)} only" if record.models else ""
    print(f"{record.name}: {', '.join(record.scopes)}{limits}, valid {end}.", file=sys.stderr)
    print("This is the only time that the token is shown: only its digest is kept.", file=sys.stderr)
    give(options, {"token": token, **_record(record, now)})
    return 0


def list_tokens(options: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    records = [_record(token, now) for token in _store(options).read().tokens]
    give_list(options, records, if_empty="no tokens yet: `despliegue token create` makes one")
    return 0


def _record(token: TokenRecord, now: datetime) -> Mapping[str, Any]:
    """The token as the list shows it, with a column for each key."""
    return {
        "name": token.name,
        "scopes": token.scopes,
        "models": token.models or "all",
        "created": stamp(token.created),
        "expires": stamp(token.expires) if token.expires else "never",
        "state": _state(token, now),
    }


def _state(token: TokenRecord, now: datetime) -> str:
    if token.expires is None or token.has_expired(now):
        return "expired" if token.expires else "valid"
    days = (token.expires - now).days
    reminder = ": make the next one" if days < REMINDER_DAYS else ""
    return f"valid, {days} days left{reminder}"


def revoke_token(options: argparse.Namespace) -> int:
    """Revoke a token by its name; raises NotFoundError that lists the known names."""
    from functions.core.tokens import GATEWAY_SECONDS, KEPT_SECONDS

    _store(options).update(lambda tokens: tokens.without_token(options.name))
    # a server has no gateway in front of it that keeps decisions
    seconds = KEPT_SECONDS if options.file is not None else KEPT_SECONDS + GATEWAY_SECONDS
    print(f"{options.name}: revoked; it is refused everywhere within {seconds:g} seconds")
    give(options, {"name": options.name, "refused_within_seconds": seconds})
    return 0
