"""Connections to a bucket: how long a request waits, how often it is sent again, and when a connection is given up."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from obstore.store import S3Store

from functions.aws.s3_access import S3Access
from functions.core.errors import StorageError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

CONNECT_SECONDS = 2
READ_SECONDS = 20
"""The longest wait for an answer, or for the next part of one."""
ATTEMPTS = 3
UPLOAD_BYTES_A_SECOND = 64_000
"""The slowest upload that is waited for: obstore counts the time in which a body is sent as waiting for the answer."""
WHOLE_SECONDS = 24 * 3600
"""A limit that is never reached for a whole request, in place of obstore's 30 seconds: large answers take longer."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(milliseconds=100), timedelta(seconds=5)
RETRY_SECONDS = 180
"""A signature is valid for 15 minutes, and obstore sends a request again with the same one."""
LOOK_UP_SECONDS = 5.0
RESTORED = "snap-start"
# obstore's own thread does little but wait: a second one would only be woken in turn, at a quarter more CPU a request
os.environ.setdefault("TOKIO_WORKER_THREADS", "1")
_runtime: dict[str, int] = {}
"""The process in which obstore's threads were started."""


class S3Connection:
    """The clients of one bucket, made at the first use. Safe among threads, and refused in a forked process."""

    def __init__(self, bucket: str, environment: Mapping[str, str] = os.environ) -> None:
        self._bucket = bucket
        self._environment = environment
        self._access: S3Access | None = None
        self._stores: dict[int, S3Store] = {}
        if environment.get("AWS_LAMBDA_INITIALIZATION_TYPE") == RESTORED:
            _call_after_restore(self)

    def store(self, body_bytes: int = 0) -> S3Store:
        """A client that waits long enough for a body of that size to be sent.

        Raises StorageError where there is no way to S3, and in a process that was forked after another used S3:
        obstore's threads are not in it, and its calls would never return.
        """
        process = os.getpid()
        if _runtime.setdefault("process", process) != process:
            raise StorageError(
                "this process was forked from one that had used S3, and cannot use it: "
                "start it in another way (multiprocessing: the method spawn or forkserver)"
            )
        seconds, stores = _read_seconds(body_bytes), self._stores
        if seconds not in stores:
            stores[seconds] = self._make(seconds)
        return stores[seconds]

    def forget(self) -> None:
        """Give up all connections; the next request opens another."""
        self._stores = {}

    def find_region(self) -> bool:
        """Look up the region of the bucket, and use it from now on; False if it is the one in use, or unknown."""
        access = self._known_access()
        region = _region_of(access.bucket_endpoint(self._bucket)[0])
        if region is None or region == access.region:
            return False
        self._access = replace(access, endpoint=access.endpoint.replace(access.region, region), region=region)
        self.forget()
        return True

    def _known_access(self) -> S3Access:
        if self._access is None:
            self._access = S3Access.read(self._environment)
        return self._access

    def _make(self, read_seconds: int) -> S3Store:
        access = self._known_access()
        endpoint, is_virtual = access.bucket_endpoint(self._bucket)
        try:
            return S3Store(
                self._bucket,
                # obstore reads the environment as well; what is given here comes first
                endpoint=endpoint,
                aws_endpoint_url_s3=endpoint,
                region=access.region,
                virtual_hosted_style_request=is_virtual,
                skip_signature=False,
                conditional_put="etag",
                # one DELETE for one object: not every store has the request for many
                disable_bulk_delete=True,
                credential_provider=access.credentials,
                client_options=_client_options(access, read_seconds),
                retry_config=_retries(),
            )
        except Exception as error:
            raise StorageError(f"no connection to S3 at {endpoint}: {_reason(error, access.ca_bundle)}") from error


def _client_options(access: S3Access, read_seconds: int) -> ClientConfig:
    options: ClientConfig = {
        "allow_http": access.endpoint.startswith("http://"),
        "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
        "read_timeout": timedelta(seconds=read_seconds),
        "timeout": timedelta(seconds=WHOLE_SECONDS),
    }
    if access.ca_bundle:
        try:
            options["root_certificate"] = Path(access.ca_bundle).read_bytes()
        except OSError as error:
            raise StorageError(f"AWS_CA_BUNDLE {access.ca_bundle}: {error.strerror}") from error
    return options


def _retries() -> RetryConfig:
    return {
        "max_retries": ATTEMPTS - 1,
        "backoff": {"init_backoff": FIRST_PAUSE, "max_backoff": LONGEST_PAUSE, "base": 2},
        "retry_timeout": timedelta(seconds=RETRY_SECONDS),
    }


def _read_seconds(body_bytes: int) -> int:
    """READ_SECONDS, doubled until a slow upload of that size is done, so that few clients do for all sizes."""
    seconds = READ_SECONDS
    while seconds * UPLOAD_BYTES_A_SECOND < body_bytes:
        seconds *= 2
    return seconds


def _region_of(bucket_endpoint: str) -> str | None:
    """The region that S3 names for a bucket, even to those who may not read it; None if it names none."""
    # not at the top: who uses the right region needs no other HTTP client
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    request = Request(bucket_endpoint, method="HEAD")  # noqa: S310  # an endpoint of S3
    try:
        with build_opener(Stay).open(request, timeout=LOOK_UP_SECONDS) as answer:
            headers = answer.headers
    except HTTPError as error:
        headers = error.headers
    except OSError:
        return None
    found: str | None = headers.get("x-amz-bucket-region")
    return found


def _reason(error: Exception, ca_bundle: str | None) -> str:
    text = str(error)
    if "root_certificate" in text or "InvalidCertificate" in text:
        return f"AWS_CA_BUNDLE {ca_bundle} holds no certificate"
    if "No CA certificates" in text:
        return "no certificates of authorities on this machine: install ca-certificates, or set AWS_CA_BUNDLE"
    return text.split("\n\nDebug source:")[0]


def _call_after_restore(connection: S3Connection) -> None:
    """Let Lambda's runtime drop the connections of a snapshot: their other ends are gone when it is restored."""
    with suppress(ImportError):  # a runtime without hooks
        from snapshot_restore_py import register_after_restore

        register_after_restore(connection.forget)
