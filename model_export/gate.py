"""The gate between a new version and production."""

from __future__ import annotations

from collections.abc import Mapping

from functions.core.definition import Gate
from model_export.pipelines.metrics import is_worse

PASSED = "the gate let it pass"
FLATTERED = "which may have been fitted on these rows: force it if the new version is better on others"


def objections(
    gate: Gate, metrics: Mapping[str, float], production: Mapping[str, float] | None, *, flatters: bool = False
) -> list[str]:
    """All reasons against promotion, in words; empty if the gate passes.

    `production` holds the metrics of the version in production on the same rows, None if nothing can be compared. If it
    `flatters`, because that version may have been fitted on these rows, the reason says so.
    """
    reasons = [_below(name, floor, metrics) for name, floor in gate.floors.items()]
    reasons += [_above(name, ceiling, metrics) for name, ceiling in gate.ceilings.items()]
    if gate.compare is not None and production is not None:
        behind = _behind(gate.compare.metric, gate.compare.margin, metrics, production)
        reasons.append(f"{behind}, {FLATTERED}" if behind and flatters else behind)
    return [reason for reason in reasons if reason is not None]


def _below(name: str, floor: float, metrics: Mapping[str, float]) -> str | None:
    if name not in metrics:
        return f"{name} is not defined on the evaluation rows, and the gate requires at least {floor:g}"
    return f"{name} {metrics[name]:.4g} is below the floor {floor:g}" if metrics[name] < floor else None


def _above(name: str, ceiling: float, metrics: Mapping[str, float]) -> str | None:
    if name not in metrics:
        return f"{name} is not defined on the evaluation rows, and the gate requires at most {ceiling:g}"
    return f"{name} {metrics[name]:.4g} is above the ceiling {ceiling:g}" if metrics[name] > ceiling else None


def _behind(name: str, margin: float, metrics: Mapping[str, float], production: Mapping[str, float]) -> str | None:
    if name not in metrics or name not in production:
        return f"{name} cannot be compared: it is not defined on the evaluation rows"
    if not is_worse(name, metrics[name], production[name], margin):
        return None
    return f"{name} {metrics[name]:.4g} is worse than production's {production[name]:.4g} by more than {margin:g}"
