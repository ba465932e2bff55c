"""The OpenAPI document is built once for what is in production, and is never older than a promotion."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition
from functions.core.manifest import Manifest
from functions.core.submission import Submissions
from functions.inference.control.context import Control
from functions.inference.control.kept_document import KeptDocument, Manifests
from functions.local.home import Home
from functions.local.upload_links import LocalUploadLinks
from tests.batching import local_batching

Json = dict[str, Any]


class Builder:
    """Builds a document of the numbers of the versions, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, manifests: Manifests) -> Json:
        self.times += 1
        return {name: manifest.version if manifest else None for name, manifest in manifests.items()}


@pytest.fixture
def home(tmp_path: Path, definitions: Mapping[str, Definition]) -> Home:
    home = Home(tmp_path)
    home.create(list(definitions))
    return home


@pytest.fixture
def kept(home: Home, definitions: Mapping[str, Definition]) -> KeptDocument:
    submissions = Submissions(home.registry, home.uploads)
    return KeptDocument(
        Control(
            definitions,
            home.registry,
            submissions,
            LocalUploadLinks(home.uploads),
            local_batching(home.registry, home.uploads),
        )
    )


@pytest.fixture
def promote(home: Home, publish: Callable[..., Manifest]) -> Callable[[int], None]:
    """promote(2): publish versions of churn until there are two, and put the second one in production."""

    def put(version: int) -> None:
        while version not in home.registry.versions("churn"):
            publish(home.registry)
        home.registry.promote_now("churn", version, actor="test", pinned=False)

    return put


def test_the_document_is_built_once_while_production_is_the_same(
    kept: KeptDocument, promote: Callable[[int], None]
) -> None:
    promote(1)
    build = Builder()
    answers = {kept.current(build).body for _ in range(5)}
    assert answers == {b'{"car-price":null,"churn":1}'}
    assert build.times == 1


def test_each_promotion_is_in_the_next_document(kept: KeptDocument, promote: Callable[[int], None]) -> None:
    build = Builder()
    tags: list[str] = []
    for version in (1, 2, 1, 3):
        promote(version)
        found = kept.current(build)
        assert found.body == b'{"car-price":null,"churn":%d}' % version
        tags.append(found.etag)
    assert build.times == 4
    # back in production, an old version makes the old document: who kept it need not fetch it
    assert tags[0] == tags[2]
    assert len(set(tags)) == 3


def test_a_first_version_is_in_the_next_document(kept: KeptDocument, promote: Callable[[int], None]) -> None:
    build = Builder()
    assert kept.current(build).body == b'{"car-price":null,"churn":null}'
    promote(1)
    assert kept.current(build).body == b'{"car-price":null,"churn":1}'


def test_another_registry_in_the_place_of_the_first_is_read(
    kept: KeptDocument, home: Home, promote: Callable[[int], None]
) -> None:
    """An operator empties the home under a running server: version 1 is another one then."""
    promote(1)
    build = Builder()
    kept.current(build)
    for path in sorted((home.root / "registry").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    promote(1)
    kept.current(build)
    assert build.times == 2


@pytest.mark.parametrize("record", ["production.json", "versions/1/manifest.json"])
def test_a_document_without_a_damaged_record_is_not_kept(
    kept: KeptDocument, home: Home, promote: Callable[[int], None], record: str
) -> None:
    promote(1)
    path = home.root / "registry" / "models" / "churn" / record
    whole = path.read_bytes()
    path.write_bytes(b"{")
    assert kept.current(Builder()).body == b'{"car-price":null,"churn":null}'
    path.write_bytes(whole)
    assert kept.current(Builder()).body == b'{"car-price":null,"churn":1}'


def test_many_requests_at_once_build_it_once(kept: KeptDocument, promote: Callable[[int], None]) -> None:
    promote(1)
    build, together = Builder(), threading.Barrier(8)

    def ask(_: int) -> bytes:
        together.wait(timeout=60)
        return kept.current(build).body

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert build.times == 1


def test_a_build_that_fails_keeps_nothing(kept: KeptDocument, promote: Callable[[int], None]) -> None:
    promote(1)

    def fail(manifests: Manifests) -> Json:
        raise ValueError("no document")

    with pytest.raises(ValueError, match="no document"):
        kept.current(fail)
    assert kept.current(Builder()).body == b'{"car-price":null,"churn":1}'
