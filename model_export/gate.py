"""The gate between a new version and production."""

from __future__ import annotations

from collections.abc import Mapping

from functions.core.definition import Gate
from model_export.comparison import SameRows
from model_export.pipelines.metrics import is_worse

PASSED = "the gate let it pass"
FLATTERED = "which may have been fitted on these rows: force it if the new version is better on others"
MOST_LABELS = 5
"""The most labels that a reason names."""


def objections(
    gate: Gate, metrics: Mapping[str, float], compared: SameRows | None, *, flatters: bool = False
) -> list[str]:
    """All reasons against promotion, in words; empty if the gate passes.

    `metrics` are those that floors and ceilings are for. `compared` is None if nothing can be compared. If production
    `flatters`, because that version may have been fitted on these rows, the reason says so.
    """
    reasons = [_below(name, floor, metrics) for name, floor in gate.floors.items()]
    reasons += [_above(name, ceiling, metrics) for name, ceiling in gate.ceilings.items()]
    if gate.compare is not None and compared is not None:
        reasons.append(_behind(gate.compare.metric, gate.compare.margin, compared, flatters=flatters))
    return [reason for reason in reasons if reason is not None]


def _below(name: str, floor: float, metrics: Mapping[str, float]) -> str | None:
    if name not in metrics:
        return f"{name} is not defined on the evaluation rows, and the gate requires at least {floor:g}"
    return f"{name} {metrics[name]:.4g} is below the floor {floor:g}" if metrics[name] < floor else None


def _above(name: str, ceiling: float, metrics: Mapping[str, float]) -> str | None:
    if name not in metrics:
        return f"{name} is not defined on the evaluation rows, and the gate requires at most {ceiling:g}"
    return f"{name} {metrics[name]:.4g} is above the ceiling {ceiling:g}" if metrics[name] > ceiling else None


def _behind(name: str, margin: float, compared: SameRows, *, flatters: bool) -> str | None:
    metrics, production = compared.metrics, compared.production
    if name not in metrics or name not in production:
        reason = f"{name} cannot be compared: it is not defined on the evaluation rows"
    elif is_worse(name, metrics[name], production[name], margin):
        reason = f"{name} {metrics[name]:.4g} is worse than production's {production[name]:.4g} by more than {margin:g}"
    else:
        return None
    more = f" and {len(compared.unknown) - MOST_LABELS} more" if len(compared.unknown) > MOST_LABELS else ""
    labels = f"{', '.join(compared.unknown[:MOST_LABELS])}{more}"
    lacking = f"; the new version was not trained on {labels}, whose rows count as wrong"
    return f"{reason}{f', {FLATTERED}' if flatters else ''}{lacking if compared.unknown else ''}"
