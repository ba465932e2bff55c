"""The shell client of another service of tagged projects, against a server as people start it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

MODEL = "project-tags"


@pytest.fixture
def base_url(root: Path, tmp_path: Path) -> Iterator[str]:
    """The model's own address, on a server that has trained it on its sample."""
    shutil.copytree(root / "models" / MODEL, tmp_path / "models" / MODEL)
    command = [sys.executable, "-m", "model_export.commands.main", "serve", "--port", "0"]
    environment = {**os.environ, "DESPLIEGUE_HOME": str(tmp_path / "home"), "PYTHONPATH": str(root)}
    with (
        (tmp_path / "server.log").open("w+") as log,
        subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            found = next((match for line in process.stdout if (match := re.search(r"on (http://\S+)", line))), None)
            assert found, (tmp_path / "server.log").read_text()
            yield f"{found[1]}/models/{MODEL}"
        finally:
            process.terminate()
            process.wait(30)


@pytest.mark.skipif(shutil.which("curl") is None, reason="SKIPPED: curl is not installed")
def test_it_changes_its_base_url_alone(base_url: str, real_data: Path) -> None:
    script = real_data.parent / "clients" / "project_tags.sh"
    if not script.is_file():
        pytest.skip(f"the client is not here: {script}")
    environment = {**os.environ, "BASE_URL": base_url}
    done = subprocess.run(["sh", str(script)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    health, performance, one_arg, args, predict = (json.loads(line)["data"] for line in done.stdout.splitlines())
    assert health["name"] == MODEL
    assert performance["performance"]["f1"] > 0.9
    assert one_arg == {"learning_rate": args["args"]["learning_rate"]}
    assert [found["label"] for found in predict["predictions"]] == ["natural-language-processing", "computer-vision"]
