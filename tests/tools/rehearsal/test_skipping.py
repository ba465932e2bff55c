"""Rehearsals that are skipped, with the reason, on machines that cannot rehearse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.rehearsal import machine
from tools.rehearsal.__main__ import main
from tools.rehearsal.commands import StepFailedError
from tools.rehearsal.places import Places


def test_without_root_it_is_skipped_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    assert main([]) == 0
    assert capsys.readouterr().out == "SKIPPED: rehearsal: it needs root, for containers and namespaces\n"


@pytest.mark.parametrize(("system", "processor"), [("darwin", "arm64"), ("win32", "AMD64"), ("linux", "riscv64")])
def test_other_machines_are_skipped(monkeypatch: pytest.MonkeyPatch, system: str, processor: str) -> None:
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: processor)
    assert machine.missing() == "it needs linux/amd64 or linux/arm64"


def test_a_failed_installation_is_skipped_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def install(places: Places) -> None:
        raise StepFailedError("apt-get ended with 100")

    monkeypatch.setenv("DESPLIEGUE_REHEARSAL_CACHE", str(tmp_path))
    monkeypatch.setattr(machine, "missing", lambda: None)
    monkeypatch.setattr(machine, "install", install)
    assert main([]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "SKIPPED: rehearsal: what it needs could not be installed: apt-get ended with 100"
