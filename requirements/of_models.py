"""Packages that models need for training: the `requires` of [pipeline] in models/*/model.toml, one on a line."""

from __future__ import annotations

import importlib
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path


def main(models: Path) -> None:
    """Print the packages of all models; end with an error where two models want two versions of one package."""
    wanted: dict[str, str] = {}
    for path in sorted(models.glob("*/model.toml")):
        for requirement in tomllib.loads(path.read_text("utf-8")).get("pipeline", {}).get("requires", ()):
            name = requirement.partition("==")[0]
            if wanted.setdefault(name, requirement) != requirement:
                sys.exit(f"{path} wants {requirement}, another model {wanted[name]}: one image has one version of each")
    for requirement in wanted.values():
        print(requirement)


def import_all(requirements: Path) -> None:
    """Import the modules of the packages that are listed in a file, so that one that cannot be ends a build."""
    names = {line.partition("==")[0].lower() for line in requirements.read_text("utf-8").split()}
    for module, packages in packages_distributions().items():
        if names & {package.lower() for package in packages}:
            importlib.import_module(module)


if __name__ == "__main__":
    {"list": main, "import": import_all}[sys.argv[1]](Path(sys.argv[2]))
