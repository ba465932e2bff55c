"""The way to S3: its address and region, and the credentials to ask it with."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.core.errors import StorageError

if TYPE_CHECKING:
    from obstore.store import S3Credential

KEY_ID, SECRET, SESSION = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"
FULL_URI, RELATIVE_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
OTHER_ADDRESSES = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
PLAIN_REGION = re.compile(r"(?!cn-|eusc-)[a-z]{2}-(?!iso)[a-z-]+-\d")
"""The regions below amazonaws.com."""
ASKED_AGAIN = timedelta(minutes=1)
"""botocore is asked for its credentials again after this time; it renews them itself before they expire."""
Credentials = Callable[[], "S3Credential"]


@dataclass(frozen=True, slots=True)
class S3Access:
    """An endpoint without a bucket, a region, a provider of credentials, and a file of certificates or None."""

    endpoint: str
    region: str
    credentials: Credentials
    ca_bundle: str | None

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> S3Access:
        """The way that the environment says, as functions and containers have it, or that botocore finds.

        Profiles, single sign-on, roles of machines and unusual addresses are left to botocore, which is imported only
        then, since that takes half a second. Raises StorageError where there are no credentials.
        """
        credentials = _credentials(environment)
        region = next(filter(None, map(environment.get, REGIONS)), "")
        own_endpoint = next(filter(None, map(environment.get, ENDPOINTS)), "")
        is_plain = PLAIN_REGION.fullmatch(region) and not any(map(environment.get, OTHER_ADDRESSES))
        if credentials is None or not (own_endpoint or is_plain):
            return _by_botocore(credentials)
        endpoint = own_endpoint or f"https://s3.{region}.amazonaws.com"
        return cls(endpoint.rstrip("/"), region or "us-east-1", credentials, environment.get("AWS_CA_BUNDLE") or None)

    def bucket_endpoint(self, bucket: str) -> tuple[str, bool]:
        """The address of a bucket, and whether its host names the bucket, which only AWS's does for certain.

        The certificate of AWS is for one label before its host, so a bucket with dots in its name is in the path.
        """
        scheme, host = self.endpoint.split("://", 1)
        is_virtual = "amazonaws." in host and "." not in bucket
        return (f"{scheme}://{bucket}.{host}", True) if is_virtual else (self.endpoint, False)


def _credentials(environment: Mapping[str, str]) -> Credentials | None:
    """The provider that the environment names, in the order of the SDKs; None if it names another one or none."""
    if environment.get(KEY_ID) and environment.get(SECRET):
        return _fixed(environment[KEY_ID], environment[SECRET], environment.get(SESSION) or None)
    if environment.get("AWS_PROFILE") or environment.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        return None
    if environment.get(FULL_URI) or environment.get(RELATIVE_URI):
        # not at the top: it loads an HTTP client
        from functions.aws.container_credentials import ContainerCredentials

        return ContainerCredentials(environment)
    return None


def _fixed(key_id: str, secret: str, session: str | None) -> Credentials:
    """A provider of credentials that last as long as the process: Lambda starts another one before they expire."""
    return lambda: {"access_key_id": key_id, "secret_access_key": secret, "token": session, "expires_at": None}


def _by_botocore(credentials: Credentials | None) -> S3Access:
    from botocore.exceptions import BotoCoreError
    from botocore.session import get_session

    session = get_session()
    try:
        found = session.get_credentials()
        if credentials is None and found is None:
            raise StorageError("no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        meta = session.create_client("s3").meta
        bundle = session.get_config_variable("ca_bundle")
    except BotoCoreError as error:
        raise StorageError(f"no way to S3: {error}") from error
    region = "us-east-1" if meta.region_name == "aws-global" else meta.region_name
    endpoint = meta.endpoint_url.replace("aws-global", region)
    return S3Access(endpoint, region, credentials or BotocoreCredentials(found), bundle)


class BotocoreCredentials:
    """A provider that hands on what botocore found, renewed."""

    refresh_threshold = timedelta(0)
    """Read by obstore, which otherwise asks again for all that expires within five minutes."""

    def __init__(self, found: Any) -> None:
        self._found = found

    def __call__(self) -> S3Credential:
        frozen = self._found.get_frozen_credentials()
        return {
            "access_key_id": frozen.access_key,
            "secret_access_key": frozen.secret_key,
            "token": frozen.token,
            "expires_at": datetime.now(UTC) + ASKED_AGAIN,
        }
