"""The objects and secrets of the S3 double over plain HTTP, because the double checks no signature."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import httpx

S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"
REGISTRY = "replay-registry"
UPLOADS = "replay-uploads"
IMPORTED = "replay-imported"
"""The registry of a new deployment: empty until the importer has run."""
BUCKETS = (REGISTRY, UPLOADS, IMPORTED)
TOKENS = "replay-tokens"
SIGNED_FOR = (
    "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
)


class Store:
    """One S3 double and Secrets Manager at an address."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=60)

    def close(self) -> None:
        self._http.close()

    def make_buckets(self) -> None:
        for bucket in BUCKETS:
            self._ask("PUT", f"/{bucket}")

    def write(self, bucket: str, key: str, body: bytes) -> int:
        """Put an object; the status of the answer."""
        return self._ask("PUT", f"/{bucket}/{quote(key)}", content=body).status_code

    def read(self, bucket: str, key: str) -> bytes:
        return self._ask("GET", f"/{bucket}/{quote(key)}").content

    def keys(self, bucket: str) -> list[str]:
        """All keys, in their order."""
        keys: list[str] = []
        more = ""
        while True:
            answer = self._ask(
                "GET",
                f"/{bucket}",
                params={"list-type": "2", "continuation-token": more} if more else {"list-type": "2"},
            )
            page = ElementTree.fromstring(answer.content)  # noqa: S314  # of a process that this one started
            keys += [str(one.text) for one in page.iterfind(f"{S3}Contents/{S3}Key")]
            more = page.findtext(f"{S3}NextContinuationToken") or ""
            if not more:
                return keys

    def load(self, folder: Path) -> None:
        """Write every file of `folder`/BUCKET/KEY."""
        for bucket in BUCKETS:
            for path in _files(folder / bucket):
                self.write(bucket, path.relative_to(folder / bucket).as_posix(), path.read_bytes())

    def save(self, folder: Path) -> None:
        """Write every object into `folder`/BUCKET/KEY."""
        for bucket in BUCKETS:
            for key in self.keys(bucket):
                path = folder / bucket / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self.read(bucket, key))

    def make_secret(self, document: str) -> None:
        """A new secret named TOKENS."""
        self._secrets("CreateSecret", {"Name": TOKENS, "SecretString": document})

    def read_secret(self) -> str:
        return str(self._secrets("GetSecretValue", {"SecretId": TOKENS, "VersionStage": "AWSCURRENT"})["SecretString"])

    def _secrets(self, action: str, parameters: Mapping[str, str]) -> Any:
        headers = {
            "X-Amz-Target": f"secretsmanager.{action}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": SIGNED_FOR.format(service="secretsmanager"),
        }
        return self._ask("POST", "/", content=json.dumps(parameters), headers=headers).json()

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": SIGNED_FOR.format(service="s3"), **options.pop("headers", {})}
        answer = self._http.request(method, path, headers=headers, **options)
        return answer.raise_for_status()


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
