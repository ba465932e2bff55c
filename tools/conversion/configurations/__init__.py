"""All rows of the matrix, by section."""

from __future__ import annotations

from tools.conversion.configuration import Configuration
from tools.conversion.configurations import (
    boosters,
    composing,
    dates,
    ensembles,
    forms,
    linear,
    neighbours,
    other_libraries,
    preparing,
    scripts,
    selecting,
    several_targets,
    texts,
    trees,
)

CONFIGURATIONS: tuple[Configuration, ...] = (
    *linear.CONFIGURATIONS,
    *trees.CONFIGURATIONS,
    *ensembles.CONFIGURATIONS,
    *neighbours.CONFIGURATIONS,
    *several_targets.CONFIGURATIONS,
    *preparing.CONFIGURATIONS,
    *selecting.CONFIGURATIONS,
    *texts.CONFIGURATIONS,
    *dates.CONFIGURATIONS,
    *composing.CONFIGURATIONS,
    *forms.CONFIGURATIONS,
    *boosters.CONFIGURATIONS,
    *other_libraries.CONFIGURATIONS,
    *scripts.CONFIGURATIONS,
)
