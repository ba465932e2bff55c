"""What runs on a laptop runs on Windows and macOS too, as far as the source shows it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAPTOP = ("functions", "model_export", "client/src")
MODULES = {
    "_posixsubprocess",
    "crypt",
    "curses",
    "fcntl",
    "grp",
    "posix",
    "pty",
    "pwd",
    "resource",
    "syslog",
    "termios",
}
"""Modules that Windows has not."""
NAMES = {
    "os": {
        *("chown", "chroot", "fork", "forkpty", "getegid", "geteuid", "getgid", "getgroups", "getloadavg", "getpgid"),
        *(
            "getuid",
            "kill",
            "killpg",
            "mkfifo",
            "nice",
            "openpty",
            "posix_spawn",
            "pread",
            "pwrite",
            "register_at_fork",
        ),
        *("sched_getaffinity", "setpgid", "setpriority", "setsid", "statvfs", "sync", "sysconf", "uname", "wait"),
        *("O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK"),
    },
    "signal": {"SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGUSR1", "SIGUSR2"}
    | {"alarm", "pause", "pthread_kill", "setitimer", "sigwait"},
    "socket": {"AF_UNIX", "SO_REUSEPORT"},
    "time": {"tzset"},
}
"""Names that Windows has not, or that do another thing there."""
GUARDED = {
    ("functions/core/machine_memory.py", "os.sysconf"),
    ("functions/local/batch_process.py", "os.nice"),
    ("functions/core/processors.py", "os.sched_getaffinity"),
}
"""Uses behind a question whether there is such a name."""
LAMBDA = ("functions/trainer/deadline.py",)
"""What runs where a function of AWS does, and nowhere else."""


def files() -> Iterator[Path]:
    for folder in LAPTOP:
        yield from sorted((ROOT / folder).rglob("*.py"))


def foreign(tree: ast.Module) -> Iterator[str]:
    """Modules and names of the file that Windows has not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module.partition(".")[0] in MODULES:
                yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names if one.name in NAMES.get(node.module, ()))
        elif isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value)
            if node.attr in NAMES.get(owner, ()):
                yield f"{owner}.{node.attr}"
            if node.attr == "add_signal_handler":
                yield node.attr


def test_nothing_is_used_that_windows_has_not() -> None:
    found = {
        (place, name)
        for path in files()
        if (place := path.relative_to(ROOT).as_posix()) not in LAMBDA
        for name in foreign(ast.parse(path.read_text("utf-8")))
    }
    assert found == GUARDED


def test_what_is_foreign_is_found() -> None:
    code = (
        "import fcntl\nfrom os import fork\nimport os, signal\nos.getuid()\nsignal.SIGKILL\nloop.add_signal_handler\n"
    )
    expected = ["fcntl", "os.fork", "os.getuid", "signal.SIGKILL", "add_signal_handler"]
    assert sorted(foreign(ast.parse(code))) == sorted(expected)


def test_no_file_of_the_project_has_a_name_that_windows_or_macos_takes_otherwise() -> None:
    """Neither tells upper from lower case in names, and Windows has reserved ones."""
    kept = [path for folder in (*LAPTOP, "tests", "models", "docs", "tools") for path in (ROOT / folder).rglob("*")]
    names = [path.relative_to(ROOT).as_posix() for path in kept if "__pycache__" not in path.parts]
    assert len({name.casefold() for name in names}) == len(names)
    assert [name for name in names if set(name) & set('<>:"|?*\\') or name.endswith((".", " "))] == []
