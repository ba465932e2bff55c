"""A deployment for the suite, and the resources behind it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import pytest

UNFINISHED = ("waiting", "queued", "running")
WAIT_SECONDS = 120
POLL_SECONDS = 0.2
Row = dict[str, Any]
Found = TypeVar("Found")


def wait_for(look: Callable[[], Found | None], what: str) -> Found:
    """The result of `look`, as soon as another machine made it; fails if it never does."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(POLL_SECONDS)
    pytest.fail(f"{what}: not within {WAIT_SECONDS} seconds")


def reading_client(url: str, token: str) -> httpx.Client:
    """A client that sends what changes nothing, GET and predictions, and fails before it sends anything else."""

    def require_reading(request: httpx.Request) -> None:
        if request.method != "GET" and not (request.method == "POST" and request.url.path.endswith("/predict")):
            pytest.fail(f"{request.method} {request.url.path} may change the deployment")

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=url, headers=headers, timeout=60, event_hooks={"request": [require_reading]})


@dataclass(frozen=True, slots=True)
class Deployment:
    """`http` has a token with every scope."""

    url: str
    http: httpx.Client

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def predict(self, model: str, instances: Any) -> Any:
        answer = self.http.post(f"/models/{model}/predict", json=instances)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def production(self, model: str) -> Any:
        """The last line of the history: `version`, `pinned` and who did it."""
        return self.get(f"/models/{model}/history")["history"][0]

    def promote(self, model: str, version: int, *, pin: bool = False) -> Any:
        answer = self.http.put(f"/models/{model}/production", json={"version": version, "pin": pin})
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def versions(self, model: str) -> int:
        """The number of them."""
        return int(self.get(f"/models/{model}/versions")["total"])

    def retrain(self, model: str, rows: list[Row], query: str = "") -> Any:
        """The job as it ended."""
        answer = self.http.post(f"/models/{model}/retrain{query}", json=rows)
        assert answer.status_code in (200, 202), answer.text
        return self.ended(model, answer.json()["data"]["job"])

    def ended(self, model: str, job: str) -> Any:
        def look() -> Any:
            found = self.http.get(f"/models/{model}/jobs/{job}")
            known = found.status_code == 200 and found.json()["data"]["state"] not in UNFINISHED
            return found.json()["data"] if known else None

        return wait_for(look, f"the end of job {job} of {model}")

    def jobs_of_uploads(self, model: str) -> dict[str, Any]:
        """The ended jobs that uploads made, by their id."""
        found = self.get(f"/models/{model}/jobs?page_size=100")["jobs"]
        return {one["job"]: one for one in found if one["actor"] == "upload" and one["state"] not in UNFINISHED}


@dataclass(frozen=True, slots=True)
class Stack:
    """The resources behind the API, by the start of their logical names."""

    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    clients: Callable[[str], Any]

    def find(self, start: str) -> str:
        """The physical name of the one resource whose logical name starts so, policies apart."""
        found = {
            name: value for name, value in self.resources.items() if name.startswith(start) and "Policy" not in name
        }
        assert len(found) == 1, f"{start}: {sorted(found)} of {sorted(self.resources)}"
        return found.popitem()[1]

    def role(self, start: str) -> Callable[[str], Any]:
        """Clients with the rights of a function."""
        import boto3

        name = self.find(start)
        arn = self.clients("iam").get_role(RoleName=name)["Role"]["Arn"]
        found = self.clients("sts").assume_role(RoleArn=arn, RoleSessionName="rehearsal")["Credentials"]
        session = boto3.session.Session(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
        return lambda service: session.client(service)
