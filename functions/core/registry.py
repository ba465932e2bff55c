"""The registry: versions that never change, and one pointer a model that says which is in production."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import orjson

from functions.core.clock import now
from functions.core.errors import (
    ConflictError,
    DamagedVersionError,
    NotFoundError,
    ObjectNotFoundError,
    PreconditionFailedError,
)
from functions.core.manifest import Artifact, Manifest
from functions.core.storage import Storage, StoredObject

PROMOTION_ATTEMPTS = 10
ARTIFACT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Production:
    """Which version serves, since when, by whom. `serial` counts the promotions; pinned, no job promotes."""

    version: int
    serial: int
    previous: int | None
    actor: str
    time: str
    data_time: str
    pinned: bool = False

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, body: bytes, key: str) -> Production:
        """Raises DamagedVersionError that names `key`, where the body was read."""
        try:
            return cls(**orjson.loads(body))
        except (orjson.JSONDecodeError, TypeError) as error:
            raise DamagedVersionError(f"{key} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class Pointer:
    """production.json as read: `etag` is what a promotion must find unchanged. None while nothing serves."""

    production: Production | None
    etag: str | None


class Registry:
    """Models, versions and promotions over one storage; holds no state of its own."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def versions(self, model: str) -> list[int]:
        """Published version numbers, oldest first: those with a manifest."""
        claimed = _numbers(self.storage.children(f"models/{model}/versions"))
        return [version for version in claimed if "manifest.json" in self.storage.children(_folder(model, version))]

    def manifest(self, model: str, version: int) -> Manifest:
        """Raises NotFoundError for a version that was never published."""
        try:
            return Manifest.from_json(self.storage.read(f"{_folder(model, version)}/manifest.json").body)
        except ObjectNotFoundError:
            raise NotFoundError("version", version, self.versions(model)) from None
        except DamagedVersionError as error:
            raise DamagedVersionError(f"{model} version {version}: {error}") from error

    def artifact(self, manifest: Manifest, name: str) -> bytes:
        """A file of a version, compared with its digest. Raises DamagedVersionError that names the file."""
        key = f"{_folder(manifest.model, manifest.version)}/{name}"
        expected = manifest.artifacts.get(name)
        if expected is None:
            raise DamagedVersionError(f"{key}: the manifest knows no such file")
        try:
            body = self.storage.read(key).body
        except ObjectNotFoundError:
            raise DamagedVersionError(f"{key} is missing") from None
        if Artifact.of(body) != expected:
            raise DamagedVersionError(f"{key} differs from the sha256 in its manifest: restore it or roll back")
        return body

    def claim(self, model: str) -> int:
        """A version number that nobody else gets. A claim without a manifest stays a gap."""
        version = max(_numbers(self.storage.children(f"models/{model}/versions")), default=0) + 1
        while True:
            try:
                self.storage.create(f"{_folder(model, version)}/claim.json", orjson.dumps({"time": now()}))
            except PreconditionFailedError:
                version += 1
            else:
                return version

    def publish(self, manifest: Manifest, files: Mapping[str, bytes]) -> Manifest:
        """Write the files of a claimed version, then its manifest; returns it with their digests.

        Raises ConflictError if the version was published already.
        """
        folder = _folder(manifest.model, manifest.version)
        for name, body in files.items():
            if not ARTIFACT_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no file name")
            self.storage.write(f"{folder}/{name}", body)
        whole = replace(manifest, artifacts={name: Artifact.of(body) for name, body in files.items()})
        try:
            self.storage.create(f"{folder}/manifest.json", whole.to_json())
        except PreconditionFailedError:
            raise ConflictError(f"{manifest.model} version {manifest.version} is published already") from None
        return whole

    def pointer(self, model: str) -> Pointer:
        """What is in production now."""
        try:
            return _pointer(self.storage.read(_production_key(model)), model)
        except ObjectNotFoundError:
            return Pointer(None, None)

    def pointer_if_changed(self, model: str, etag: str) -> Pointer | None:
        """None while production is still what it was at `etag`."""
        found = self.storage.read_if_changed(_production_key(model), etag)
        return None if found is None else _pointer(found, model)

    def promote(
        self,
        model: str,
        version: int,
        *,
        actor: str,
        expected: Pointer,
        pinned: bool = False,
        data_time: str | None = None,
    ) -> Production:
        """Put `version` in production if production is still `expected`.

        `data_time` defaults to that of the version's data. Raises NotFoundError for an unknown version,
        PreconditionFailedError if somebody else promoted meanwhile.
        """
        manifest = self.manifest(model, version)
        current = expected.production
        if data_time is None:
            data_time = manifest.data.time if manifest.data else manifest.created
        production = Production(
            version=version,
            serial=1 if current is None else current.serial + 1,
            previous=None if current is None else current.version,
            actor=actor,
            time=now(),
            data_time=data_time,
            pinned=pinned,
        )
        key, body = _production_key(model), production.to_json()
        if current is None or expected.etag is None:
            self.storage.create(key, body)
        else:
            self._record(model, current)
            self.storage.replace(key, body, expected.etag)
        self._record(model, production)
        return production

    def promote_now(self, model: str, version: int, *, actor: str, pinned: bool) -> Production:
        """Put `version` in production whatever serves; raises ConflictError after many lost races."""
        for _ in range(PROMOTION_ATTEMPTS):
            try:
                return self.promote(model, version, actor=actor, expected=self.pointer(model), pinned=pinned)
            except PreconditionFailedError:
                continue
        raise ConflictError(f"production of {model} changed {PROMOTION_ATTEMPTS} times meanwhile: try again")

    def history(self, model: str) -> list[Production]:
        """All promotions, oldest first. The newest, if its record was lost to a crash, is written again."""
        current = self.pointer(model).production
        if current is None:
            return []
        self._record(model, current)
        serials = _numbers(name.removesuffix(".json") for name in self.storage.children(f"models/{model}/history"))
        keys = [_history_key(model, serial) for serial in serials]
        return [Production.from_json(self.storage.read(key).body, key) for key in keys]

    def _record(self, model: str, production: Production) -> None:
        try:
            self.storage.create(_history_key(model, production.serial), production.to_json())
        except PreconditionFailedError:
            return  # recorded already


def _pointer(found: StoredObject, model: str) -> Pointer:
    return Pointer(Production.from_json(found.body, _production_key(model)), found.etag)


def _folder(model: str, version: int) -> str:
    return f"models/{model}/versions/{version}"


def _production_key(model: str) -> str:
    return f"models/{model}/production.json"


def _history_key(model: str, serial: int) -> str:
    return f"models/{model}/history/{serial}.json"


def _numbers(names: object) -> list[int]:
    return sorted(int(name) for name in names if name.isdecimal())  # type: ignore[attr-defined]
