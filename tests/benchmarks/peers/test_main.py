"""The command line of the comparison."""

from __future__ import annotations

import pytest

from benchmarks.peers.__main__ import main
from benchmarks.preparation import PROJECT


def test_environments_inside_the_repository_are_refused_before_anything_is_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = PROJECT / "environments"
    with pytest.raises(SystemExit):
        main(["--environments", str(folder)])
    assert "lies in the repository" in capsys.readouterr().err
    assert not folder.exists()


def test_a_peer_that_there_is_not_is_refused_with_the_names_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "torchserve"])
    assert "kserve" in capsys.readouterr().err
