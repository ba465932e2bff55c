"""Nothing goes into production that the code of serving cannot open, or that does not answer its own example."""

from __future__ import annotations

import ast
import gc
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError, NotFoundError, StorageError
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Artifact, Manifest
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.verdicts import read_verdict
from functions.core.version_folder import read_version, write_version
from functions.predictors.tabular import TabularPredictor
from functions.serving.promotion import UnservableError, import_and_promote, promote_servable, require_servable
from functions.serving.version import LoadedVersion

Publish = Callable[..., Manifest]
Damage = Callable[[Registry, Manifest], None]


def rewrite(registry: Registry, manifest: Manifest, **changes: Any) -> None:
    """Change a published manifest, as only a person or a fault can."""
    key = f"models/{manifest.model}/versions/{manifest.version}/manifest.json"
    registry.storage.write(key, replace(manifest, **changes).to_json())


def change_graph(registry: Registry, manifest: Manifest) -> None:
    body = registry.artifact(manifest, "model.onnx")
    registry.storage.write(f"models/churn/versions/{manifest.version}/model.onnx", body[:-1] + b"?")


def remove_graph(registry: Registry, manifest: Manifest) -> None:
    registry.storage.delete(f"models/churn/versions/{manifest.version}/model.onnx")


def replace_graph(registry: Registry, manifest: Manifest) -> None:
    """Bytes that are no graph, with the right digest."""
    registry.storage.write(f"models/churn/versions/{manifest.version}/model.onnx", b"no graph")
    rewrite(registry, manifest, artifacts={"model.onnx": Artifact.of(b"no graph")})


def make_newer(registry: Registry, manifest: Manifest) -> None:
    registry.storage.write("models/churn/versions/1/manifest.json", b'{"format_version": 99}')


def spoil(**changes: Any) -> Damage:
    return lambda registry, manifest: rewrite(registry, manifest, **changes)


DAMAGES: Mapping[str, tuple[Damage, str]] = {
    "changed graph": (change_graph, r"model\.onnx differs from the sha256"),
    "missing graph": (remove_graph, r"model\.onnx is missing"),
    "no graph": (replace_graph, r"model\.onnx cannot be run"),
    "unlisted graph": (spoil(artifacts={}), r"model\.onnx: the manifest knows no such file"),
    "limit of another type": (spoil(limits=replace(Limits(), max_instances="many")), "a whole number is expected"),  # type: ignore[arg-type]
    "limit of none": (spoil(limits=Limits(max_instances=0)), "1 instances are more than 0"),
    "another example": (spoil(example={"colour": "red"}), "cannot answer its own example"),
    "example of no type": (spoil(example=None), "example"),
    "unknown task": (spoil(task="chess"), "serves no chess"),
    "task of no type": (spoil(task=[]), "TypeError"),
    "newer format": (make_newer, "install a newer one"),
}


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(LocalStorage(tmp_path / "registry"))


@pytest.fixture(params=DAMAGES)
def damaged(request: pytest.FixtureRequest, registry: Registry, publish: Publish) -> str:
    """The pattern of the reason why version 1 of churn, now damaged, cannot serve."""
    damage, reason = DAMAGES[request.param]
    damage(registry, publish(registry))
    return reason


def test_a_version_that_cannot_serve_is_kept_and_not_promoted(registry: Registry, damaged: str) -> None:
    with pytest.raises(UnservableError, match=f"churn version 1 is not promoted, because it cannot serve: .*{damaged}"):
        promote_servable(registry, "churn", 1, actor="ana")
    assert (registry.versions("churn"), registry.history("churn")) == ([1], [])
    assert registry.promotable("churn").production is None


def test_what_serves_goes_on_when_another_version_cannot(registry: Registry, publish: Publish) -> None:
    promote_servable(registry, "churn", publish(registry).version, actor="ana")
    before = registry.pointer("churn")
    change_graph(registry, publish(registry, leave=0.5))
    with pytest.raises(UnservableError):
        promote_servable(registry, "churn", 2, actor="ana", pinned=True)
    assert registry.pointer("churn") == before


def test_a_version_that_answers_its_example_is_promoted(storage: Storage, publish: Publish) -> None:
    registry = Registry(storage)
    production = promote_servable(registry, "churn", publish(registry).version, actor="ana", pinned=True)
    assert production == registry.pointer("churn").production
    assert (production.version, production.actor, production.pinned) == (1, "ana", True)


def test_an_unknown_version_is_refused_with_the_known_ones(registry: Registry, publish: Publish) -> None:
    publish(registry)
    with pytest.raises(NotFoundError, match="no version 2; list the versions of churn"):
        promote_servable(registry, "churn", 2, actor="ana")


class Unreachable(LocalStorage):
    """A storage whose graphs cannot be read for a while."""

    def read(self, key: str) -> Any:
        if key.endswith("/model.onnx"):
            raise StorageError("no connection")
        return super().read(key)


def test_a_storage_that_fails_proves_nothing_about_the_version(
    registry: Registry, publish: Publish, tmp_path: Path
) -> None:
    publish(registry)
    with pytest.raises(StorageError, match="no connection"):
        require_servable(Registry(Unreachable(tmp_path / "registry")), "churn", 1)


def test_too_little_memory_proves_nothing_about_the_version(
    registry: Registry, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    publish(registry)
    monkeypatch.setattr(TabularPredictor, "predict", exhausted)
    with pytest.raises(MemoryError):
        require_servable(registry, "churn", 1)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[weakref.ref[TabularPredictor]]]:
    """Every predictor that is made while the test runs."""
    found: list[weakref.ref[TabularPredictor]] = []
    begin = TabularPredictor.__init__

    def remember(predictor: TabularPredictor, *given: Any) -> None:
        found.append(weakref.ref(predictor))
        begin(predictor, *given)

    monkeypatch.setattr(TabularPredictor, "__init__", remember)
    gc.disable()
    yield found
    gc.enable()


def test_the_version_leaves_memory_before_anything_else_is_done(
    registry: Registry, publish: Publish, opened: list[weakref.ref[TabularPredictor]]
) -> None:
    require_servable(registry, "churn", publish(registry).version)
    assert [one() for one in opened] == [None]


class TestImportAndPromote:
    @pytest.fixture
    def folder(self, tmp_path: Path, publish: Publish) -> Path:
        elsewhere = Registry(LocalStorage(tmp_path / "elsewhere"))
        write_version(elsewhere, publish(elsewhere), tmp_path / "churn")
        return tmp_path / "churn"

    def test_it_serves_where_nothing_else_does(self, registry: Registry, folder: Path) -> None:
        assert import_and_promote(registry, "churn", folder).version == 1
        production = registry.pointer("churn").production
        assert production is not None
        assert (production.version, production.actor) == (1, "baked")
        assert production.reason == "nothing was in production before"
        assert _verdict(registry, 1) == (True, production.reason)
        assert LoadedVersion.load(registry, "churn", 1)

    def test_what_serves_already_stays_and_nothing_is_opened(
        self,
        registry: Registry,
        folder: Path,
        publish: Publish,
        opened: list[weakref.ref[TabularPredictor]],
    ) -> None:
        registry.promote_now("churn", publish(registry, leave=0.5).version, actor="me", pinned=False)
        assert import_and_promote(registry, "churn", folder).version == 2
        production = registry.pointer("churn").production
        assert production is not None
        assert (production.version, opened) == (1, [])
        assert _verdict(registry, 2) == (False, "another version was in production, and stays")

    def test_a_version_that_the_registry_knows_keeps_its_verdict(
        self, registry: Registry, folder: Path, publish: Publish
    ) -> None:
        import_and_promote(registry, "churn", folder)
        registry.promote_now("churn", publish(registry, leave=0.5).version, actor="me", pinned=False)
        import_and_promote(registry, "churn", folder)
        assert _verdict(registry, 1) == (True, "nothing was in production before")

    def test_one_that_cannot_serve_is_imported_once_and_never_promoted(self, registry: Registry, folder: Path) -> None:
        manifest = replace(read_version(folder, "churn"), limits=Limits(max_instances=0))
        (folder / "manifest.json").write_bytes(manifest.to_json())
        for _ in range(2):
            with pytest.raises(UnservableError, match="churn version 1 is not promoted"):
                import_and_promote(registry, "churn", folder)
        assert (registry.versions("churn"), registry.promotable("churn").production) == ([1], None)

    def test_a_damaged_file_is_named_and_nothing_is_published(self, registry: Registry, folder: Path) -> None:
        (folder / "model.onnx").write_bytes(b"other")
        with pytest.raises(DamagedVersionError, match=r"model\.onnx differs"):
            import_and_promote(registry, "churn", folder)
        assert registry.versions("churn") == []


def test_the_pointer_moves_only_after_a_check(root: Path) -> None:
    """Any other caller of the registry's own promotion would avoid the check."""
    movers = {
        path.relative_to(root).as_posix()
        for package in ("functions", "model_export")
        for path in (root / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("promote", "promote_now") and not _is_option(node)
    }
    assert movers == {
        "functions/core/registry.py",
        "functions/inference/control/production.py",
        "functions/serving/promotion.py",
        "model_export/checkout_gate.py",
        "model_export/training.py",
    }


def _verdict(registry: Registry, version: int) -> tuple[bool, str] | None:
    found = read_verdict(registry.storage, "churn", version)
    return found and (found.promoted, found.reason)


def _is_option(node: ast.Attribute) -> bool:
    """`options.promote` of a command is what a user asked for."""
    return isinstance(node.value, ast.Name) and node.value.id == "options"
