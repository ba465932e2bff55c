"""As much of the Hugging Face hub as pushing a model needs: it makes repositories, takes files, and shows them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.model_export.checkpoints import hub_server
from tests.model_export.checkpoints.hub_server import REVISION, Hub

LARGE = (".safetensors",)


@dataclass(slots=True)
class Upload:
    """A request that writes: its path, who asks, and the JSON in it."""

    path: str
    authorization: str | None
    body: Any


@dataclass(slots=True)
class UploadHub(Hub):
    """`folder` holds what arrived; large files come by themselves before the commit that names them.

    `is_private` is None as long as there is no repository. `refused` is the status for requests whose path ends so.
    `cards` are the cards of other models, by id.
    """

    is_private: bool | None = None
    refused: Mapping[str, int] = field(default_factory=dict)
    cards: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)
    large: dict[str, bytes] = field(default_factory=dict)

    def asked(self, ending: str) -> list[Any]:
        """The JSON of each writing request whose path ends so."""
        return [one.body for one in self.uploads if one.path.endswith(ending)]


@contextmanager
def taking(hub: UploadHub) -> Iterator[UploadHub]:
    with hub_server.serving(hub, _Handler):
        yield hub


class _Handler(hub_server.Handler):
    hub: UploadHub

    def do_GET(self) -> None:
        other = self.path.removeprefix("/api/models/")
        if other in self.hub.cards:
            self._json({"id": other, "cardData": self.hub.cards[other]})
        elif self.hub.is_private is None and f"/{self.hub.hub_id}" in self.path:
            self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        else:
            super().do_GET()

    def listing(self) -> dict[str, Any]:
        return {**super().listing(), "private": self.hub.is_private}

    def do_POST(self) -> None:
        path, authorization = self.path.partition("?")[0], self.headers.get("Authorization")
        lines = self.rfile.read(int(self.headers["Content-Length"])).splitlines()
        found = [json.loads(line) for line in lines]
        self.hub.uploads.append(Upload(path, authorization, found if path.endswith("/commit/main") else found[0]))
        status = next((status for ending, status in self.hub.refused.items() if path.endswith(ending)), None)
        if self.hub.token is not None and authorization != f"Bearer {self.hub.token}":
            status = 401
        if status is not None:
            self._json({"error": "no"}, status)
        elif path == "/api/repos/create":
            self._create(found[0])
        elif path == "/api/validate-yaml":
            self._json({"errors": [], "warnings": []})
        elif path.endswith("/preupload/main"):
            modes = {one["path"]: "lfs" if one["path"].endswith(LARGE) else "regular" for one in found[0]["files"]}
            self._json(
                {"files": [{"path": name, "uploadMode": mode, "shouldIgnore": False} for name, mode in modes.items()]}
            )
        elif path.endswith("/info/lfs/objects/batch"):
            self._json({"transfer": "basic", "objects": [self._place(one) for one in found[0]["objects"]]})
        else:
            self._commit(found)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        oid = self.path.rsplit("/", 1)[-1]
        if "/large" in self.hub.refused:
            self._json({}, self.hub.refused["/large"])
            return
        assert oid == hashlib.sha256(body).hexdigest()
        self.hub.large[oid] = body
        self._json({})

    def _create(self, asked: dict[str, Any]) -> None:
        assert f"{asked['organization']}/{asked['name']}" == self.hub.hub_id
        status = 200 if self.hub.is_private is None else 409
        if self.hub.is_private is None:
            self.hub.is_private = asked["private"]
        self._json({"url": f"{self.hub.address}/{self.hub.hub_id}"}, status)

    def _place(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {**asked, "actions": {"upload": {"href": f"{self.hub.address}/large/{asked['oid']}"}}}

    def _commit(self, operations: list[dict[str, Any]]) -> None:
        for one in operations:
            self._apply(one["key"], one["value"])
        address = f"{self.hub.address}/{self.hub.hub_id}/commit/{REVISION}"
        self._json({"commitUrl": address, "commitOid": REVISION})

    def _apply(self, kind: str, value: dict[str, Any]) -> None:
        path = self.hub.folder / value.get("path", "")
        if kind == "file":
            path.write_bytes(base64.b64decode(value["content"]))
        elif kind == "lfsFile":
            path.write_bytes(self.hub.large[value["oid"]])
        elif kind == "deletedFile":
            path.unlink()

    def _json(self, document: object, status: int = 200) -> None:
        self._answer(status, json.dumps(document).encode(), {"Content-Type": "application/json"})


def empty(folder: Path, **changed: Any) -> UploadHub:
    """One without the repository, that keeps what comes in `folder`."""
    folder.mkdir()
    return UploadHub(folder, **changed)


def answering_at(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As HF_ENDPOINT does, which is read when huggingface_hub is imported."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr("huggingface_hub.file_download.HUGGINGFACE_CO_URL_TEMPLATE", template)
