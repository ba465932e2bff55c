"""The registry: versions that never change, and for each model a pointer to the version in production."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import orjson

from functions.core.artifact_cache import ArtifactCache
from functions.core.clock import now
from functions.core.errors import (
    ConflictError,
    DamagedRecordError,
    DamagedVersionError,
    NotFoundError,
    ObjectNotFoundError,
    PreconditionFailedError,
    UnsupportedFormatError,
)
from functions.core.excerpts import Excerpt
from functions.core.history import BY_HAND, Production, Promotions
from functions.core.manifest import Artifact, Manifest
from functions.core.published import claimed_numbers, is_published, note_published, published_numbers
from functions.core.records import read_record
from functions.core.retirement import retired_since
from functions.core.storage import Storage, StoredObject
from functions.core.threads import in_threads
from functions.core.verdicts import read_verdict

logger = logging.getLogger(__name__)
PROMOTION_ATTEMPTS = 10
ARTIFACT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Pointer:
    """The content of production.json. A promotion must find its `etag` unchanged; both are None while nothing serves.

    If it is not whole, production.json is missing or damaged, and `production` comes from the history.
    """

    production: Production | None
    etag: str | None
    is_whole: bool = True


class Registry:
    """Models, versions and promotions in one storage; it keeps no state of its own.

    Files of versions that are among the `artifacts` of this machine are read from there.
    """

    def __init__(self, storage: Storage, artifacts: ArtifactCache | None = None) -> None:
        self.storage = storage
        self._artifacts = artifacts

    def versions(self, model: str) -> list[int]:
        """Published version numbers, oldest first. Numbers without a manifest are left out."""
        return published_numbers(self.storage, model)

    def newest_versions(self, model: str, start: int, count: int) -> Excerpt[Manifest]:
        """An excerpt of the versions, newest first. The total counts those that cannot be read and are left out."""
        numbers = self.versions(model)[::-1]
        found = in_threads(partial(self.readable, model), numbers[start : start + count])
        return Excerpt([manifest for manifest in found if manifest is not None], len(numbers))

    def is_published(self, model: str, version: int) -> bool:
        """True if the version has a manifest; costs one request."""
        return is_published(self.storage, model, version)

    def manifest(self, model: str, version: int) -> Manifest:
        """The manifest of a version.

        Raises NotFoundError for a version that was never published, DamagedVersionError, UnsupportedFormatError.
        """
        folder = _folder(model, version)
        try:
            return Manifest.from_json(self.storage.read(f"{folder}/manifest.json").body)
        except ObjectNotFoundError:
            # the known ones are not named: there may be thousands, and looking for them costs requests
            raise NotFoundError("version", version, remedy=f"list the versions of {model}") from None
        except DamagedVersionError as error:
            raise DamagedVersionError(f"{folder}/{error}") from error
        except UnsupportedFormatError as error:
            raise UnsupportedFormatError(f"{folder}/manifest.json: {error}") from error

    def readable(self, model: str, version: int) -> Manifest | None:
        """The manifest for a list of versions; None if it cannot be read, which is logged."""
        try:
            return self.manifest(model, version)
        except (NotFoundError, DamagedVersionError, UnsupportedFormatError) as error:
            logger.error("version %s of %s is left out: %s", version, model, error)
            return None

    def production_manifest(self, model: str) -> Manifest | None:
        """The manifest of the version in production; None if nothing was ever promoted.

        Raises DamagedVersionError if that version is missing.
        """
        production = self.pointer(model).production
        return None if production is None else self.promoted_manifest(model, production)

    def promoted_manifest(self, model: str, production: Production) -> Manifest:
        """The manifest of a promoted version; raises DamagedVersionError if it is missing."""
        try:
            return self.manifest(model, production.version)
        except NotFoundError:
            fault = f"no version {production.version}: roll back to a version that exists"
            raise DamagedVersionError(f"{_production_key(model)}: {fault}") from None

    def artifact(self, manifest: Manifest, name: str) -> bytes:
        """A file of a version, checked against its digest. Raises DamagedVersionError that names the file."""
        key = f"{_folder(manifest.model, manifest.version)}/{name}"
        expected = manifest.artifacts.get(name)
        if expected is None:
            raise DamagedVersionError(f"{key}: the manifest knows no such file")
        near = self._artifacts.read(expected) if self._artifacts else None
        if near is not None:
            return near
        try:
            body = self.storage.read(key).body
        except ObjectNotFoundError:
            raise DamagedVersionError(f"{key} is missing") from None
        if Artifact.of(body) != expected:
            raise DamagedVersionError(f"{key} differs from the sha256 in its manifest: restore it or roll back")
        return body

    def check_served_files(self, manifest: Manifest) -> None:
        """Compare the sizes of the files that serve a version with its manifest, without reading them.

        Raises DamagedVersionError that names the file.
        """
        for name in manifest.served_files:
            artifact = manifest.artifacts.get(name)
            if artifact is None:
                raise DamagedVersionError(f"{name}: the manifest knows no such file")
            key = f"{_folder(manifest.model, manifest.version)}/{name}"
            try:
                size_bytes = self.storage.size_bytes(key)
            except ObjectNotFoundError:
                raise DamagedVersionError(f"{key} is missing") from None
            if size_bytes != artifact.size_bytes:
                raise DamagedVersionError(
                    f"{key} has {size_bytes} bytes, its manifest says {artifact.size_bytes}: restore it"
                )

    def claim(self, model: str) -> int:
        """A version number that nobody else gets. A claim that is never published leaves a gap."""
        version = max(claimed_numbers(self.storage, model), default=0) + 1
        while True:
            try:
                self.storage.create(f"{_folder(model, version)}/claim.json", orjson.dumps({"time": now()}))
            except PreconditionFailedError:
                version += 1
            else:
                return version

    def publish(self, manifest: Manifest, files: Mapping[str, bytes]) -> Manifest:
        """Write the files of a claimed version, then its manifest; returns the manifest with their digests.

        Existing files are never overwritten, so the version is whole even if several attempts publish one number at
        once. Raises ConflictError if it is published already, or has other files from an attempt that died.
        """
        folder = _folder(manifest.model, manifest.version)
        for name in files:
            if not ARTIFACT_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no file name")
        # write every file even after a conflict: an attempt that only slept must meet one as well when it wakes up
        others = [name for name, body in files.items() if not self._holds(f"{folder}/{name}", body)]
        whole = replace(manifest, artifacts={name: Artifact.of(body) for name, body in files.items()})
        if others:
            raise ConflictError(f"{folder} has another {', '.join(others)}: publish under another number")
        try:
            self.storage.create(f"{folder}/manifest.json", whole.to_json())
        except PreconditionFailedError:
            raise ConflictError(f"{manifest.model} version {manifest.version} is published already") from None
        note_published(self.storage, manifest.model)
        return whole

    def _holds(self, key: str, body: bytes) -> bool:
        """Write the object unless it exists; return True if its content is `body`."""
        try:
            self.storage.create(key, body)
        except PreconditionFailedError:
            return self.storage.read(key).body == body
        return True

    def pointer(self, model: str) -> Pointer:
        """The current promotion. Raises DamagedRecordError."""
        try:
            return _pointer(self.storage.read(_production_key(model)), model)
        except ObjectNotFoundError:
            return Pointer(None, None)

    def production(self, model: str) -> Production | None:
        """The current promotion for a list; None also if it cannot be read, which is logged."""
        try:
            return self.pointer(model).production
        except DamagedRecordError as error:
            logger.error("%s", error)
            return None

    def pointer_if_changed(self, model: str, etag: str) -> Pointer | None:
        """The current promotion; None if production.json still has that `etag`.

        A production.json that is missing is an ObjectNotFoundError while a promotion is recorded; without any, the
        model was removed.
        """
        try:
            stored = self.storage.read_if_changed(_production_key(model), etag)
        except ObjectNotFoundError:
            if Promotions(self.storage, model).are_recorded:
                raise
            return Pointer(None, None)
        return None if stored is None else _pointer(stored, model)

    def promotable(self, model: str) -> Pointer:
        """The current promotion, for callers that will change it.

        Falls back to the newest entry of the history if production.json is missing or cannot be read.
        """
        try:
            stored = self.storage.read(_production_key(model))
        except ObjectNotFoundError:
            return self._remembered(model, None)
        try:
            return _pointer(stored, model)
        except DamagedRecordError as error:
            logger.error("%s; the newest promotion in the history is used instead", error)
            return self._remembered(model, stored.etag)

    def _remembered(self, model: str, etag: str | None) -> Pointer:
        newest = Promotions(self.storage, model).newest()
        return Pointer(None, etag) if newest is None else Pointer(newest, etag, is_whole=False)

    def promote(
        self,
        model: str,
        version: int,
        *,
        actor: str,
        expected: Pointer,
        pinned: bool = False,
        data_time: str | None = None,
        reason: str | None = None,
    ) -> Production:
        """Put `version` in production if production is still `expected`; the history keeps the `reason`.

        `data_time` defaults to the time of the data of the version. Raises NotFoundError for an unknown version,
        ConflictError for one that is to be removed, PreconditionFailedError if another promotion came first.
        """
        manifest = self.manifest(model, version)
        if retired_since(self.storage, _folder(model, version)) is not None:
            remedy = "make [retention] keep it, then run `despliegue prune --apply`"
            raise ConflictError(f"{model} version {version} is retired, and will be removed: {remedy}")
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
            reason=reason,
        )
        key, body, history = _production_key(model), production.to_json(), Promotions(self.storage, model)
        if current is not None:
            history.record(current)
        # the current promotion was recorded above: after this write, nothing else could restore a lost record
        if expected.etag is None:
            self.storage.create(key, body)
        else:
            self.storage.replace(key, body, expected.etag)
        history.record(production)
        return production

    def promote_now(
        self, model: str, version: int, *, actor: str, pinned: bool, reason: str | None = None
    ) -> Production:
        """Put `version` in production in place of any other; raises ConflictError after many lost races.

        Without a `reason` it is the choice of a person, perhaps against the gate.
        """
        reason = reason or self._by_hand(model, version)
        for _ in range(PROMOTION_ATTEMPTS):
            expected = self.promotable(model)
            try:
                return self.promote(model, version, actor=actor, expected=expected, pinned=pinned, reason=reason)
            except PreconditionFailedError:
                continue
        raise ConflictError(f"production of {model} changed {PROMOTION_ATTEMPTS} times meanwhile: try again")

    def _by_hand(self, model: str, version: int) -> str:
        verdict = read_verdict(self.storage, model, version)
        return BY_HAND if verdict is None or verdict.promoted else f"{BY_HAND}, against: {verdict.reason}"

    def history(self, model: str) -> list[Production]:
        """All readable promotions, oldest first."""
        return self.newest_promotions(model).entries[::-1]

    def newest_promotions(self, model: str, start: int = 0, count: int | None = None) -> Excerpt[Production]:
        """An excerpt of the promotions, newest first. Nothing is written: the next promotion mends a lost record."""
        return Promotions(self.storage, model).newest_first(self.production(model), start, count)


def _pointer(found: StoredObject, model: str) -> Pointer:
    return Pointer(read_record(found.body, Production, _production_key(model)), found.etag)


def _folder(model: str, version: int) -> str:
    return f"models/{model}/versions/{version}"


def _production_key(model: str) -> str:
    return f"models/{model}/production.json"
