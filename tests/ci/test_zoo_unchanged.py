"""The rule by which CI leaves the zoo unchecked, on histories of several kinds."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / ".ci"
DAY_SECONDS = 24 * 60 * 60
LONG_AGO, LATELY = 0, 90 * DAY_SECONDS
START_SECONDS = 1_700_000_000
"""The time of the first commit of a history; other times are seconds since then."""

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="SKIPPED: git is not installed")


class History:
    """A checkout with the scripts of CI, and commits at given times."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(SCRIPTS, folder / ".ci")
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, seconds: int = 0) -> None:
        time = f"{START_SECONDS + seconds} +0000"
        identity = {f"GIT_{who}_{what}": "somebody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        dates = {"GIT_AUTHOR_DATE": time, "GIT_COMMITTER_DATE": time}
        subprocess.run(["git", *arguments], cwd=self.folder, env={**os.environ, **identity, **dates}, check=True)

    def commit(self, path: str, *, seconds: int) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{path} at {seconds}", "utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", path, seconds=seconds)

    def unchanged(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.folder / ".ci" / "zoo_unchanged"], capture_output=True, text=True)


@pytest.fixture
def history(tmp_path: Path) -> History:
    """The zoo, long ago, and another file lately."""
    made = History(tmp_path / "checkout")
    made.commit("zoo/becas/train.py", seconds=LONG_AGO)
    made.commit("README.md", seconds=LATELY)
    return made


def test_a_zoo_unchanged_for_long_is_skipped_with_a_message(history: History) -> None:
    run = history.unchanged()
    assert run.returncode == 0
    assert run.stdout.startswith("SKIPPED: make zoo-test, the zoo last changed on 2023-11-14 (")


@pytest.mark.parametrize(
    "path",
    [
        "zoo/README.md",
        "functions/predictors/question_answering/spans.py",
        "models/churn/sample.csv",
        "models/becas/baked/model.onnx",
    ],
)
def test_a_change_below_other_commits_is_checked(history: History, path: str) -> None:
    history.commit(path, seconds=LATELY + 1)
    for number in range(30):
        history.commit(f"docs/{number}.md", seconds=LATELY + 2 + number)
    assert history.unchanged().returncode == 1


def test_a_removed_file_is_a_change(history: History) -> None:
    history.git("rm", "--quiet", "zoo/becas/train.py")
    history.git("commit", "--quiet", "--message", "removed", seconds=LATELY + 1)
    assert history.unchanged().returncode == 1


def test_an_old_branch_counts_when_it_is_merged(history: History) -> None:
    history.git("checkout", "--quiet", "-b", "branch", "HEAD~1")
    history.commit("zoo/churn/sample.py", seconds=LONG_AGO + 1)
    history.git("checkout", "--quiet", "main")
    assert history.unchanged().returncode == 0
    history.git("merge", "--quiet", "--no-ff", "--no-edit", "branch", seconds=LATELY + 1)
    assert history.unchanged().returncode == 1


def test_a_shallow_clone_cannot_tell_and_is_checked(history: History, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    history.git("clone", "--quiet", "--depth=1", history.folder.as_uri(), str(clone))
    assert subprocess.run([clone / ".ci" / "zoo_unchanged"], capture_output=True).returncode != 0


def test_a_checkout_without_history_is_checked(history: History) -> None:
    shutil.rmtree(history.folder / ".git")
    assert history.unchanged().returncode != 0
