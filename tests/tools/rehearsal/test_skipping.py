"""A machine that cannot rehearse is told so: neither a failure nor a success."""

from __future__ import annotations

import pytest

from tools.rehearsal import machine
from tools.rehearsal.__main__ import main


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
