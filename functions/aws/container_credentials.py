"""Credentials that Lambda's SnapStart, ECS and EKS hand out at a local address.

obstore reads that address too, but not with the token in the environment by which SnapStart guards it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPException
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from functions.aws.s3_access import FULL_URI, RELATIVE_URI
from functions.core.errors import StorageError

if TYPE_CHECKING:
    from obstore.store import S3Credential

TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105  # the name of a variable
TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"  # noqa: S105
RELATIVE_HOST = "http://169.254.170.2"
LOCAL_HOSTS = frozenset({"localhost", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"})
WAIT_SECONDS = 2.0
PAUSES = (0.1, 0.4, None)


class ContainerCredentials:
    """A provider of credentials for obstore, which asks again five minutes before they expire, by the clock.

    So credentials from before a snapshot of SnapStart are not used long after it.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Raises StorageError for an address elsewhere, to which the token must not be sent."""
        self._environment = environment
        self._uri = environment.get(FULL_URI) or f"{RELATIVE_HOST}{environment[RELATIVE_URI]}"
        address = urlsplit(self._uri)
        if address.scheme != "https" and not _is_local(address.hostname or ""):
            raise StorageError(f"{FULL_URI} {self._uri!r} is neither https:// nor an address of this machine")

    def __call__(self) -> S3Credential:
        """Fetch the credentials. Raises StorageError."""
        answer = self._fetch()
        try:
            return {
                "access_key_id": answer["AccessKeyId"],
                "secret_access_key": answer["SecretAccessKey"],
                "token": answer["Token"],
                "expires_at": datetime.fromisoformat(answer["Expiration"]),
            }
        except (KeyError, ValueError, TypeError) as error:
            raise StorageError(f"no credentials at {self._uri}: {error!r}") from None

    def _fetch(self) -> dict[str, str]:
        token = self._token()
        request = Request(self._uri, headers={"Authorization": token} if token else {})  # noqa: S310
        opener = build_opener(ProxyHandler({}))  # an address of this machine is not behind a proxy
        for pause in PAUSES:
            try:
                with opener.open(request, timeout=WAIT_SECONDS) as answer:
                    found: dict[str, str] = json.load(answer)
                    return found
            except (OSError, HTTPException, ValueError) as error:
                if pause is None:
                    raise StorageError(f"no credentials at {self._uri}: {error}") from None
            time.sleep(pause)
        raise AssertionError  # the last pause is None

    def _token(self) -> str:
        """The token, read each time, since EKS changes its file. Raises StorageError for a line end in it."""
        file = self._environment.get(TOKEN_FILE)
        try:
            token = Path(file).read_text("utf-8") if file else self._environment.get(TOKEN, "")
        except OSError as error:
            raise StorageError(f"{TOKEN_FILE} {file}: {error.strerror}") from None
        if not token.isprintable():
            raise StorageError(f"{TOKEN_FILE} or {TOKEN} is no token: a line end in it would begin another header")
        return token


def _is_local(host: str) -> bool:
    try:
        return host in LOCAL_HOSTS or ip_address(host).is_loopback
    except ValueError:
        return False
