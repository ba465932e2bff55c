from __future__ import annotations

from pathlib import Path

from functions.local.home import Home
from model_export.commands.home_checks import checked_home


def test_the_versions_in_production_are_named(home: Home, workspace: Path) -> None:
    models, registry = checked_home(workspace / "models", home)
    assert (models.state, registry.state) == ("ok", "ok")
    assert "churn" in models.found
    assert f"{home.root}, in production: " in registry.found
    assert "churn 1" in registry.found


def test_a_home_without_a_registry_is_noted_and_none_is_made(workspace: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "none")
    _, registry = checked_home(workspace / "models", home)
    assert (registry.state, registry.found) == ("note", f"none in {home.root}")
    assert "sample tables" in registry.advice
    assert not home.root.exists()


def test_models_that_are_missing_or_wrong_are_the_only_fault(tmp_path: Path, home: Home) -> None:
    (checked,) = checked_home(tmp_path / "none", home)
    assert checked.state == "fault"
    (tmp_path / "models").mkdir()
    (checked,) = checked_home(tmp_path / "models", home)
    assert (checked.state, checked.advice.split()[:2]) == ("fault", ["despliegue", "new"])
    (tmp_path / "models" / "bad").mkdir()
    (tmp_path / "models" / "bad" / "model.toml").write_text("name = ")
    (checked,) = checked_home(tmp_path / "models", home)
    assert checked.state == "fault"
    assert "model.toml" in checked.found


def test_a_pointer_that_is_damaged_is_a_fault_and_not_quoted(workspace: Path, home: Home) -> None:
    (home.root / "registry" / "models" / "churn" / "production.json").write_text("damaged")
    _, registry = checked_home(workspace / "models", home)
    assert registry.state == "fault"
