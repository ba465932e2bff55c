"""Checks of what this machine would deploy: the model folders, and the versions in production here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from functions.core.errors import DespliegueError
from functions.core.model_folder import load_definitions
from functions.local.home import Home
from model_export.commands.checked import Checked


def checked_home(models: Path, home: Home) -> Iterator[Checked]:
    """The model folders, and, of each, the version in production in the registry of `home`. Nothing is written."""
    try:
        names = sorted(load_definitions(models))
    except DespliegueError as error:
        yield Checked("models", "fault", str(error), "run it in the project's folder, or mend the model.toml")
        return
    if not names:
        yield Checked("models", "fault", f"none under {models}", "despliegue new NAME --data FILE --target COLUMN")
        return
    yield Checked("models", "ok", f"{', '.join(names)} under {models}")
    yield _in_production(names, home)


def _in_production(names: list[str], home: Home) -> Checked:
    if not home.has_registry:
        advice = "`despliegue serve` makes it; without it, the versions in baked/ and the sample tables are deployed"
        return Checked("registry", "note", f"none in {home.root}", advice)
    try:
        found = {name: home.registry.pointer(name).production for name in names}
    except (DespliegueError, OSError) as error:
        return Checked("registry", "fault", str(error), "mend it, or name another home in DESPLIEGUE_HOME")
    served = ", ".join(f"{name} {production.version}" for name, production in found.items() if production)
    return Checked("registry", "ok", f"{home.root}, in production: {served or 'nothing yet'}")
