"""The folder build/, with the models that the images contain.

`versions` has one version of each model in the form of a registry, for the importer. `artifacts` has the files that
serving reads, each under its sha256. Unchanged inputs give the same bytes, so an unchanged checkout redeploys nothing;
therefore versions trained here carry no time. The folder is written next to the old one and then renamed.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import orjson

from functions.core.artifact_cache import ArtifactCache
from functions.core.definition import Definition
from functions.core.errors import DamagedRecordError, DamagedVersionError, DespliegueError, DiskError
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest
from functions.core.model_folder import SAMPLE
from functions.core.records import read_record
from functions.core.registry import Registry
from functions.core.version_folder import BAKED, UNDATED, copy_version, has_baked, read_version, write_version
from model_export.publishing import PIPELINE_LIBRARIES, library_versions

ARTIFACTS_FOLDER = "artifacts"
VERSIONS_FOLDER = "versions"
RECORD = "build.json"
CODE = (
    "functions/core",
    "functions/predictors",
    "functions/serving",
    "model_export/training_files",
    "model_export/pipelines",
    "model_export/processors.py",
    "model_export/comparison.py",
    "model_export/gate.py",
    "model_export/progress.py",
    "model_export/publishing.py",
    "model_export/split.py",
    "model_export/training.py",
    "model_export/transformers",
)
DECIDING = {".toml", ".py", ".json", ".joblib"}
"""The source files of this project, and the suffixes in a model folder, that decide the bytes of a trained version."""
PROJECT = Path(__file__).resolve().parents[1]
# Files that everybody may read, folders that everybody may enter.
READABLE, OPEN = 0o644, 0o755
Origin = Literal["production", "folder", "sample"]
Train = Callable[[Definition, Path], bool]


@dataclass(frozen=True, slots=True)
class VersionSource:
    """The origin of a model's version, and its number where it is from a registry.

    `inputs` is the digest of everything that a training here depends on.
    """

    origin: Origin
    inputs: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """The content of build.json: `digest` changes with any byte of any version. Models without a version are absent."""

    digest: str
    models: Mapping[str, VersionSource]


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """The models to build, and their sources; versions in production in the registry `production` come first.

    `train` trains a model on its sample into the registry at a path, and returns whether the version may serve.
    `report` is called with one line for each model, in which `place` names the registry.
    """

    definitions: Mapping[str, Definition]
    out: Path
    train: Train
    production: Registry | None = None
    place: str = "the registry"
    report: Callable[[str], None] = lambda line: None


def build(request: BuildRequest) -> Build:
    """Replace the folder `out`; a build that fails leaves it unchanged.

    Raises DespliegueError for a folder that no build wrote, for a sample that gives no version that may serve, and for
    a damaged version; DiskError.
    """
    before = _previous(request.out)
    with _replaced(request.out) as folder:
        sources: dict[str, VersionSource] = {}
        for name, definition in request.definitions.items():
            source = _version(request, definition, before, folder / VERSIONS_FOLDER / name)
            if source is None:
                request.report(f"{name}: no version: {_absent(request)}no {BAKED}/, no {SAMPLE}")
                continue
            sources[name] = source
            served = _serve(folder / VERSIONS_FOLDER / name, name, folder / ARTIFACTS_FOLDER)
            whole = _size_bytes(folder / VERSIONS_FOLDER / name)
            request.report(f"{name}: {_origin(request, source, before, name)}; {served} bytes to serve, {whole} in all")
        built = Build(_digest(folder / VERSIONS_FOLDER), sources)
        (folder / RECORD).write_bytes(orjson.dumps(asdict(built), option=orjson.OPT_INDENT_2))
    return built


def folder_size_bytes(out: Path) -> tuple[int, int]:
    """The number of bytes that a build adds to the inference image and to the training image."""
    return _size_bytes(out / ARTIFACTS_FOLDER), _size_bytes(out / VERSIONS_FOLDER)


def _previous(out: Path) -> Build | None:
    """The last build in `out`, None if there is none; raises DespliegueError if `out` holds something else."""
    if not out.exists():
        return None
    if not (out / RECORD).is_file():
        if out.is_dir() and not any(out.iterdir()):
            return None
        raise DespliegueError(f"{out} was not written by a build: move it away, or choose another folder with --out")
    try:
        return read_record((out / RECORD).read_bytes(), Build, str(out / RECORD))
    except DamagedRecordError:
        return None


def _version(request: BuildRequest, definition: Definition, before: Build | None, target: Path) -> VersionSource | None:
    """Write a model's version into `target`, and return its origin; None if the model has no version."""
    name = definition.name
    manifest = request.production.production_manifest(name) if request.production else None
    if request.production and manifest is not None:
        # The artifacts of the last build spare most downloads from the registry.
        cached = Registry(request.production.storage, ArtifactCache(request.out / ARTIFACTS_FOLDER))
        write_version(cached, manifest, target)
        return VersionSource("production", version=manifest.version)
    if has_baked(definition.folder):
        copy_version(definition.folder / BAKED, name, target)
        return VersionSource("folder")
    if not (definition.folder / SAMPLE).is_file():
        return None
    source = VersionSource("sample", _inputs(definition, definition.folder / SAMPLE))
    if (
        before is None
        or before.models.get(name) != source
        or not _copied(request.out / VERSIONS_FOLDER / name, name, target)
    ):
        _train(request, definition, target)
    return source


def _copied(old: Path, model: str, target: Path) -> bool:
    try:
        copy_version(old, model, target)
    except DamagedVersionError:
        shutil.rmtree(target, ignore_errors=True)
        return False
    return True


def _train(request: BuildRequest, definition: Definition, target: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        registry = Registry(LocalStorage(Path(place)))
        trained = request.train(definition, Path(place))
        manifest = registry.production_manifest(definition.name)
        if not trained or manifest is None:
            raise DespliegueError(
                f"{definition.name}: its {SAMPLE} gave no version that may serve, for the reason above: "
                "correct the model's folder, or remove the sample to deploy the model without a version"
            )
        write_version(registry, _undated(manifest), target)


def _undated(manifest: Manifest) -> Manifest:
    data = replace(manifest.data, time=UNDATED) if manifest.data else None
    return replace(manifest, created=UNDATED, data=data)


def _inputs(definition: Definition, sample: Path) -> str:
    """The digest of everything that a version trained on the sample depends on."""
    sha = hashlib.sha256()
    # Manifests do not name joblib and scipy, which decide bytes too; processors differ in the last bits of a sum.
    libraries = library_versions((*PIPELINE_LIBRARIES, "joblib", "scipy"))
    sha.update(orjson.dumps([platform.machine(), libraries], option=orjson.OPT_SORT_KEYS))
    own = [path for path in definition.folder.rglob("*") if path.suffix in DECIDING and path.is_file()]
    for path in (*deciding_sources(), *sorted(own), sample):
        sha.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return sha.hexdigest()


def deciding_sources() -> list[Path]:
    """The files of this project that decide which bytes come out of a training, in order."""
    roots = [PROJECT / name for name in CODE]
    return sorted(path for root in roots for path in (root.rglob("*.py") if root.is_dir() else (root,)))


def _serve(version: Path, model: str, artifacts: Path) -> int:
    """Copy the files that serving reads to the artifacts; returns their size in bytes."""
    manifest = read_version(version, model)
    served = [name for name in manifest.served_files if name in manifest.artifacts]
    for name in served:
        shutil.copyfile(version / name, artifacts / manifest.artifacts[name].sha256)
    return sum(manifest.artifacts[name].size_bytes for name in served)


def _absent(request: BuildRequest) -> str:
    """The reason why no version of a registry is taken, for the rest of a line."""
    return "" if request.production is None else f"nothing in production in {request.place}, "


def _origin(request: BuildRequest, source: VersionSource, before: Build | None, model: str) -> str:
    """The version that was taken, in words, and why."""
    if source.origin == "production":
        return f"version {source.version}, which is in production in {request.place}"
    why = f" ({_absent(request).removesuffix(', ')})" if request.production else ""
    if source.origin == "folder":
        return f"the version that comes with its folder{why}"
    is_old = before is not None and before.models.get(model) == source
    return f"trained on its sample{' by the last build, unchanged since' if is_old else ''}{why}"


def _digest(versions: Path) -> str:
    sha = hashlib.sha256()
    for path in _files(versions):
        body = hashlib.sha256(path.read_bytes()).hexdigest()
        sha.update(f"{path.relative_to(versions).as_posix()}\0{body}\0".encode())
    return sha.hexdigest()


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in _files(folder))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@contextmanager
def _replaced(out: Path) -> Iterator[Path]:
    """A new folder that replaces `out` when the block ends, and is deleted if the block fails."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # In the same file system as `out`, so that the renames are atomic.
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as sibling:
            new = Path(sibling, "new")
            for part in (ARTIFACTS_FOLDER, VERSIONS_FOLDER):
                (new / part).mkdir(parents=True)
            yield new
            _open_to_all(new)
            if out.exists():
                out.rename(Path(sibling, "old"))
            new.rename(out)
    except OSError as error:
        raise DiskError(error.filename or out, error) from error


def _open_to_all(folder: Path) -> None:
    """Let everybody read: functions run as a user that the image does not know, and images keep the modes of files."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(OPEN if path.is_dir() else READABLE)
