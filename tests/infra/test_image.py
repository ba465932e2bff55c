from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.images import NAME, build_commands

Json = dict[str, Any]
Synth = Callable[..., Json]
Build = Callable[[Path], dict[str, str]]
OUTSIDE = (
    "README.md",
    "tests/test_something.py",
    "requirements/test.txt",
    "requirements/local.txt",
    "docs/aws.md",
    "functions/__pycache__/code.pyc",
    "infra/stack.py",
    "functions/local/code.py",
    "build/elsewhere.txt",
    "models/answers/baked/model.onnx",
    "models/fast/sample.csv",
)
"""Files that no image holds."""


@pytest.fixture
def project(tmp_path: Path, write_project: Callable[[Path], Path]) -> Path:
    return write_project(tmp_path)


def sources(synthesized: Json) -> Json:
    """The build of each target: its hash as `hash`, and the arguments of docker."""
    return {
        image["source"]["dockerBuildTarget"]: {**image["source"], "hash": key} for key, image in synthesized["images"]
    }


def hashes(synthesized: Json) -> dict[str, str]:
    return {target: source["hash"] for target, source in sources(synthesized).items()}


def context_of(synthesized: Json, target: str) -> set[str]:
    folder = synthesized["outdir"] / sources(synthesized)[target]["directory"]
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_there_are_two_images_for_any_number_of_models(synthesized: Json) -> None:
    assert len(synthesized["images"]) == 2
    assert set(sources(synthesized)) == {"inference", "training"}


def test_functions_use_the_image_of_their_target(synthesized: Json, functions: Json) -> None:
    expected = hashes(synthesized)
    for name, one in functions.items():
        target = "training" if name in ("trainer", "importer", "batch-stages") else "inference"
        assert one["Code"]["ImageUri"]["Fn::Sub"].endswith(f":{expected[target]}")


def test_build_is_pinned_to_a_platform_and_to_the_base_image_of_the_file(synthesized: Json) -> None:
    for source in sources(synthesized).values():
        assert source["platform"] == "linux/amd64"
        assert source["dockerFile"] == "Dockerfile.lambda"
        assert "dockerBuildArgs" not in source


def test_platform_base_image_and_cache_come_from_the_context(
    optional: Json, optional_resources: Callable[[str], Json]
) -> None:
    for target, source in sources(optional).items():
        assert source["platform"] == "linux/arm64"
        assert source["dockerBuildArgs"] == {"BASE_IMAGE": "localhost/base"}
        assert source["cacheFrom"] == [{"type": "gha", "params": {"scope": target}}]
        assert source["cacheTo"] == {"type": "gha", "params": {"scope": target, "mode": "max"}}
    ours = [one["Properties"] for one in optional_resources("AWS::Lambda::Function").values()]
    assert {one["Architectures"][0] for one in ours if one.get("PackageType") == "Image"} == {"arm64"}


def test_the_cache_of_layers_does_not_change_the_image(project: Path, synth: Synth, synthesized: Json) -> None:
    assert hashes(synth(project, image_cache="gha")) == hashes(synthesized)


def test_build_context_holds_what_the_target_copies_and_no_more(synthesized: Json) -> None:
    both = {
        ".dockerignore",
        "Dockerfile.lambda",
        "functions/code.py",
        "models/answers/examples.json",
        "models/answers/model.toml",
        "models/fast/examples.json",
        "models/fast/model.toml",
        "models/slow-one/examples.json",
        "models/slow-one/model.toml",
    }
    assert context_of(synthesized, "inference") == {
        *both,
        "requirements/inference.txt",
        "build/artifacts/0123abcd",
    }
    assert context_of(synthesized, "training") == {
        *both,
        "requirements/of_models.py",
        "requirements/training.txt",
        "functions/trainer/code.py",
        "model_export/code.py",
        "build/versions/fast/manifest.json",
    }


def test_the_same_project_elsewhere_is_the_same_deployment(project: Path, synth: Synth, synthesized: Json) -> None:
    for path in project.rglob("*"):
        os.utime(path, (0, 0))
    elsewhere = synth(project)
    assert hashes(elsewhere) == hashes(synthesized)
    assert elsewhere["template"] == synthesized["template"]


@pytest.fixture
def built(tmp_path_factory: pytest.TempPathFactory, synthesized: Json) -> Build:
    """The hash of each target for a project, from a stack of a function each: the whole one takes ten times as long."""
    # after `synthesized`, which chooses the node that these imports start
    from aws_cdk import App, Stack
    from aws_cdk.aws_lambda import DockerImageFunction

    from infra.image import FOREIGN, Images

    def run(root: Path) -> dict[str, str]:
        outdir = tmp_path_factory.mktemp("cdk.out")
        app = App(outdir=str(outdir), analytics_reporting=False)
        stack = Stack(app, "images")
        images = Images(root=root, platform="linux/amd64", base_image=None, cache=None)
        for target in FOREIGN:
            DockerImageFunction(stack, target, code=images.code(target=target, handler="code.handler"))
        app.synth()
        assets = json.loads((outdir / "images.assets.json").read_text(encoding="utf-8"))
        return hashes({"images": assets["dockerImages"].items()})

    return run


def test_change_outside_the_build_context_builds_nothing(project: Path, built: Build, synthesized: Json) -> None:
    for name in OUTSIDE:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("# changed\n", encoding="utf-8")
    assert built(project) == hashes(synthesized)


@pytest.mark.parametrize(
    ("name", "rebuilt"),
    [
        ("functions/code.py", {"inference", "training"}),
        ("functions/trainer/code.py", {"training"}),
        ("models/fast/model.toml", {"inference", "training"}),
        ("models/fast/estimator.joblib", {"training"}),
        ("Dockerfile.lambda", {"inference", "training"}),
        ("model_export/code.py", {"training"}),
        ("requirements/training.txt", {"training"}),
        ("requirements/of_models.py", {"training"}),
        ("requirements/inference.txt", {"inference"}),
        ("build/artifacts/0123abcd", {"inference"}),
        ("build/versions/fast/manifest.json", {"training"}),
    ],
)
def test_change_rebuilds_the_images_that_hold_it(
    project: Path, built: Build, synthesized: Json, name: str, rebuilt: set[str]
) -> None:
    with (project / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    before, after = hashes(synthesized), built(project)
    assert {target for target in after if after[target] != before[target]} == rebuilt


def test_images_can_be_built_before_the_deployment_under_the_names_that_the_cdk_looks_for(synthesized: Json) -> None:
    commands = build_commands(synthesized["outdir"])
    assert set(commands) == {NAME.format(key) for key, _ in synthesized["images"]}
    assert {part for one in commands.values() for part in one if part.startswith("--target=")} == {
        "--target=inference",
        "--target=training",
    }
    assert all((Path(one[-1]) / "Dockerfile.lambda").is_file() for one in commands.values())
