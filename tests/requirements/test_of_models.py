"""requirements/of_models.py: the packages that the image for training gets for its models."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest


def write_model(models: Path, name: str, requires: str) -> None:
    (models / name).mkdir(parents=True)
    (models / name / "model.toml").write_text(f"[pipeline]\n{requires}\n", encoding="utf-8")


def run(root: Path, mode: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["of_models.py", mode, str(path)])
    runpy.run_path(str(root / "requirements" / "of_models.py"), run_name="__main__")


def test_each_package_of_all_models_is_listed_once(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_model(tmp_path, "a", 'requires = ["lightgbm==4.7.0", "narwhals==2.1.0"]')
    write_model(tmp_path, "b", 'requires = ["lightgbm==4.7.0"]')
    write_model(tmp_path, "c", "")
    run(root, "list", tmp_path, monkeypatch)
    assert capsys.readouterr().out == "lightgbm==4.7.0\nnarwhals==2.1.0\n"


def test_models_without_any_list_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(root, "list", root / "models", monkeypatch)
    assert capsys.readouterr().out == ""


def test_two_versions_of_one_package_end_the_build(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_model(tmp_path, "a", 'requires = ["six==1.17.0"]')
    write_model(tmp_path, "b", 'requires = ["six==1.16.0"]')
    with pytest.raises(SystemExit, match=r"b/model.toml wants six==1.16.0, another model six==1.17.0"):
        run(root, "list", tmp_path, monkeypatch)


def test_the_modules_of_the_packages_are_imported(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "models.txt"
    path.write_text("ORJSON==3.11.0\n", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "orjson", None)
    with pytest.raises(ModuleNotFoundError, match="orjson"):
        run(root, "import", path, monkeypatch)
