"""Completion in shells: what a shell itself answers, where it is installed."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
CASES = [
    ("despliegue tr", {"train"}),
    ("despliegue token ", {"create", "list", "revoke", "-h", "--help"}),
    ("despliegue token create ana --sc", {"--scope"}),
    ("despliegue token create ana --scope pre", {"predict"}),
    ("despliegue train churn --split ", {"hash", "random"}),
    ("despliegue train ch", {"churn"}),
    ("despliegue completion ", {"bash", "fish", "zsh", "-h", "--help"}),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("car-price", "churn"):
        (tmp_path / "models" / name).mkdir(parents=True)
    (tmp_path / "rows.csv").write_text("")
    return tmp_path


def run(shell: str, script: str, folder: Path) -> list[str]:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_bash_completes(command: Command, folder: Path, line: str, expected: set[str]) -> None:
    words = [*shlex.split(line), *([""] if line.endswith(" ") else [])]
    quoted = " ".join(map(shlex.quote, words))
    script = (
        f"{command('completion', 'bash').out}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _despliegue\n"
        "printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    assert set(run("bash", script, folder)) == expected


def test_bash_completes_files_where_an_option_takes_one(command: Command, folder: Path) -> None:
    script = command("completion", "bash").out
    assert script.rstrip().endswith("complete -o default -F _despliegue despliegue")
    call = "COMP_WORDS=(despliegue train churn --data ro); COMP_CWORD=4; _despliegue; echo ${#COMPREPLY[@]}"
    assert run("bash", f"{script}\n{call}", folder) == ["0"]


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_fish_completes(command: Command, folder: Path, line: str, expected: set[str]) -> None:
    script = f"{command('completion', 'fish').out}\ncomplete -C {shlex.quote(line)}"
    found = {one.split("\t")[0] for one in run("fish", script, folder)}
    assert expected - {"-h", "--help"} <= found  # fish offers options after a dash


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_zsh_completes(command: Command, folder: Path, line: str, expected: set[str]) -> None:
    words = [*shlex.split(line), *([""] if line.endswith(" ") else [])]
    script = (
        f"autoload -U compinit && compinit -u -D\n{command('completion', 'zsh').out}\n"
        # as bashcompinit calls it
        "emulate zsh; setopt kshglob noshglob braceexpand ksharrays\n"
        f"COMP_WORDS=({' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words) - 1}; _despliegue\n"
        'print -rl -- "${COMPREPLY[@]}"'
    )
    found = set(run("zsh", script, folder))
    assert expected <= found  # bashcompinit leaves it to zsh to compare them with what was typed
    assert len(found) < len(expected) + 30


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_every_command_is_in_the_script(command: Command, shell: str) -> None:
    script = command("completion", shell).out
    for name in ("serve", "train", "promote", "token", "revoke", "finetune-qa"):
        assert name in script
    assert "%(default)s" not in script
