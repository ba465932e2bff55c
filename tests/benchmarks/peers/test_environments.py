"""Environments of peers: what they are made from, and when they are made. None is made here."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

import pytest

from benchmarks.peers.catalogue import PEERS
from benchmarks.peers.environments import (
    COMPLETE,
    REQUIREMENTS,
    NotInstalledError,
    default_folder,
    interpreter,
    last_line,
)

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(REQUIREMENTS.glob("*.txt"))


def test_every_peer_has_a_file_of_requirements_and_every_file_a_peer() -> None:
    assert {path.stem for path in FILES} == {peer.environment for peers in PEERS.values() for peer in peers}
    assert {path.stem for path in REQUIREMENTS.glob("*.in")} == {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_requirements_are_pinned_by_hash_and_name_no_index(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = [line for line in text.replace(" \\\n", "").splitlines() if line and not line.startswith("#")]
    assert lines
    assert [
        line for line in lines if not re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==\S+.*?( +--hash=sha256:\w{64})+", line)
    ] == []
    assert "://" not in text


def test_every_peer_unpickles_by_the_release_that_trained() -> None:
    ours = (ROOT / "requirements/test.txt").read_text("utf-8")
    trained = re.findall(r"^(?:joblib|scikit-learn)==\S+", ours, re.MULTILINE)
    others = [path.stem for path in FILES if not all(f"\n{pin} " in path.read_text("utf-8") for pin in trained)]
    assert len(trained) == 2
    assert others == ["raw_asgi"]


def test_an_environment_that_is_complete_is_used_again(tmp_path: Path) -> None:
    digest = hashlib.sha256((REQUIREMENTS / "flask.txt").read_bytes() + sys.version.encode()).hexdigest()
    python = tmp_path / "flask" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    python.parent.mkdir(parents=True)
    python.write_text("not run")
    (tmp_path / "flask" / COMPLETE).write_text(digest)
    assert interpreter("flask", tmp_path) == python
    assert python.read_text() == "not run"


def test_an_environment_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotInstalledError, match="file"):
        interpreter("flask", tmp_path / "file")


def test_environments_lie_in_the_cache_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "despliegue-peers"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_folder() == Path.home() / ".cache" / "despliegue-peers"


def test_the_last_line_that_says_something_is_the_reason() -> None:
    assert last_line("first\nERROR: no such release\n\n") == "ERROR: no such release"
    assert last_line("\n") == "nothing was written"
