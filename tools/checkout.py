"""A checkout of the project, of this commit or of another one, as it is driven from outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

COMMAND = "despliegue"
HANDLER = re.compile(r'"(functions(?:\.\w+)+\.handler)"')
ROLES: Mapping[str, str] = {
    "predict": r"predict",
    "control": r"control",
    "authorizer": r"authorizer",
    "importer": r"import",
    "trainer": r"train(?!.*import)",
}
"""A pattern for the dotted name of each function's handler, which matches no other handler."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """`root` holds pyproject.toml; `python` is an interpreter that has what the project depends on."""

    root: Path
    python: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment of this process, in which Python finds the checkout's code first."""
        return {**os.environ, "PYTHONPATH": str(self.root)}

    def command(self, *arguments: str) -> list[str]:
        """The command line as the checkout's pyproject.toml installs it: commits differ in the name of its module."""
        scripts = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
        module, _, name = scripts[COMMAND].partition(":")
        return [self.python, "-c", f"import sys; from {module} import {name}; sys.exit({name}())", *arguments]

    def handlers(self) -> dict[str, str]:
        """The handler of each function by its role, as infra/ spells it.

        Raises LookupError, with the handlers of infra/, where a role has none or more than one.
        """
        sources = (path.read_text(encoding="utf-8") for path in sorted((self.root / "infra").rglob("*.py")))
        named = sorted({name for source in sources for name in HANDLER.findall(source)})
        found = {role: [one for one in named if re.search(pattern, one)] for role, pattern in ROLES.items()}
        for role, names in found.items():
            if len(names) != 1:
                raise LookupError(
                    f"{self.root / 'infra'}: expected one handler of the {role}, found {names} in {named}"
                )
        return {role: names[0] for role, names in found.items()}

    def commit(self) -> str:
        """The commit, with a plus sign where files were changed since; unknown outside of git."""
        command = ["git", "-C", str(self.root), "describe", "--always", "--abbrev=40", "--dirty=+", "--exclude=*"]
        described = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        return described.stdout.strip() or "unknown"


HERE = Checkout(Path(__file__).resolve().parents[1], sys.executable)
