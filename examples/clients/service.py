"""The common part of the clients: address and token, retries, and errors that people can read."""

from __future__ import annotations

import os
import sys
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

TIMEOUT_SECONDS = 60
RETRIES = 5


class Service:
    """A deployment of Despliegue, at $BASE_URL (http://127.0.0.1:8000) with $API_TOKEN (none).

    A request that got a 503 is sent again after its Retry-After, up to 5 times. Any other error is printed and ends
    the program.
    """

    def __init__(self) -> None:
        self.base_url = os.environ.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
        self.token = os.environ.get("API_TOKEN", "")
        self._session = requests.Session()
        if self.token:
            self._session.headers["Authorization"] = f"Bearer {self.token}"
        # a request whose connection broke may have done its work: only one that was refused with 503 is sent again
        retry = Retry(
            RETRIES,
            connect=0,
            read=0,
            status_forcelist=[503],
            allowed_methods=None,
            backoff_factor=0.5,
            raise_on_status=False,
        )
        self._session.mount(self.base_url, HTTPAdapter(max_retries=retry))

    def get(self, path: str) -> requests.Response:
        return self._ask("GET", path)

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        """Send `body` as JSON; a header's underscores stand for hyphens."""
        return self._ask("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def _ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        url = f"{self.base_url}{path}"
        try:
            response = self._session.request(method, url, json=body, headers=headers, timeout=TIMEOUT_SECONDS)
        except requests.RequestException as error:
            sys.exit(f"{method} {url}: no answer: {error}")
        if not response.ok:
            sys.exit(complaint(response))
        return response


def complaint(response: requests.Response) -> str:
    """The errors of an answer, a line for each with place and reason."""
    first = f"{response.request.method} {response.url}: {response.status_code} {response.reason}"
    try:
        document = response.json()
    except requests.JSONDecodeError:
        return f"{first}\n  {response.text[:500]}"
    if "errors" in document:
        return "\n".join([first, *(described(one) for one in document["errors"])])
    return f"{first}\n  {document.get('error') or document.get('message')}"


def described(fault: dict[str, Any]) -> str:
    """An error or a warning of the service as a line of text."""
    where = ".".join(map(str, fault["loc"]))
    return f"  {where}: {fault['msg']}" if where else f"  {fault['msg']}"
