"""The host's pip settings, as the rehearsal hands them to a build."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.rehearsal.pip_settings import CERTIFICATES, build_mounts


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The content at each place in the image, with an index and wheels that only this machine has."""
    index, wheels, settings = tmp_path / "mirror" / "simple", tmp_path / "wheels", tmp_path / "pip.conf"
    index.mkdir(parents=True)
    wheels.mkdir()
    settings.write_text(f"[global]\ntimeout = 7\nextra-index-url =\n  file://{index}\n  https://pypi.invalid/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.setenv("PIP_TIMEOUT", "9")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    with build_mounts() as options:
        places = [option.removeprefix("--volume=").split(":") for option in options]
        assert {mode for *_, mode in places} == {"ro"}
        return {
            inside: Path(outside).read_text(encoding="utf-8") if inside.endswith("conf") else outside
            for outside, inside, _ in places
        }


def test_the_environment_wins_over_the_file(mounted: dict[str, str]) -> None:
    lines = mounted["/etc/pip.conf"].splitlines()
    assert lines[0] == "[global]"
    assert "timeout = 9" in lines
    assert "timeout = 7" not in lines


def test_several_values_stay_on_one_line(mounted: dict[str, str], tmp_path: Path) -> None:
    indexes = f"extra-index-url = file://{tmp_path}/mirror/simple https://pypi.invalid/simple"
    assert indexes in mounted["/etc/pip.conf"].splitlines()


def test_folders_that_the_settings_name_are_at_the_same_place(mounted: dict[str, str], tmp_path: Path) -> None:
    places = {str(tmp_path / "mirror"), str(tmp_path / "wheels")}
    assert {place: mounted.get(place) for place in places} == {place: place for place in places}


def test_the_settings_are_gone_after_the_build() -> None:
    with build_mounts() as options:
        settings = Path(options[0].removeprefix("--volume=").split(":")[0])
        assert settings.stat().st_mode & 0o077 == 0
    assert not settings.exists()


@pytest.mark.skipif(not CERTIFICATES.is_dir(), reason="this machine keeps its certificates elsewhere")
def test_the_certificates_come_along() -> None:
    with build_mounts() as options:
        assert f"--volume={CERTIFICATES}:{CERTIFICATES}:ro" in options
