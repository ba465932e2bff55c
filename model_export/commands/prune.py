"""despliegue prune: list what the retention of the models no longer keeps, and remove it."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict
from typing import Any

from functions.core.definition import Retention
from functions.core.documents import read_document
from functions.core.errors import DefinitionError
from functions.core.prune_steps import Pruned
from functions.core.pruning import Pruning, retentions
from functions.core.retirement import RETIRED_SECONDS
from model_export.commands.options import (
    add_models,
    add_registry,
    add_uploads,
    definition_of,
    definitions_of,
    existing_registry_of,
    store_of,
    uploads_of,
)
from model_export.commands.results import add_json, give

STEPS = {
    "retire": "retire {key}: {reason}",
    "remove": "remove {key}: {reason}",
    "keep": "keep   {key}: {reason}",
}


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "prune",
        help="list, and with --apply remove, what [retention] does not keep",
        examples=["despliegue prune", "despliegue prune churn --keep-versions 20 --apply"],
    )
    parser.add_argument("model", nargs="?", help="one model (default: all)")
    add_models(parser)
    add_registry(parser)
    add_uploads(parser, "with --registry none, and batches and jobs of dropped files are kept")
    parser.add_argument("--apply", action="store_true", help="do it; without this option nothing changes")
    numbers = parser.add_argument_group("for models without a [retention] of their own")
    for name, help_text in (
        ("versions", "keep the newest N versions"),
        ("production-days", "and those in production within N days (default: 90)"),
        ("job-days", "keep finished jobs for N days"),
        ("batch-days", "keep batches, with their files and predictions, for N days after their end"),
        ("data-days", "keep training rows for N days, those of production always"),
    ):
        numbers.add_argument(f"--keep-{name}", type=int, metavar="N", help=help_text)
    add_json(parser)
    parser.set_defaults(run=prune)


def prune(options: argparse.Namespace) -> int:
    definitions = definitions_of(options)
    if options.model is not None:
        definition = definition_of(options)
        definitions = {definition.name: definition}
    kept = retentions(definitions, _default(options))
    if not kept:
        raise DefinitionError("nothing says what to keep: add [retention] to a model.toml, or give --keep-versions")
    pruning = Pruning(existing_registry_of(options), uploads_of(options), kept, store_of(options))
    plan = pruning.plan()
    for one in plan:
        print(STEPS[one.step].format(key=one.key, reason=one.reason))
    if options.apply:
        pruning.carry_out(plan)
    print(_summary(plan, is_applied=options.apply))
    give(options, {"applied": options.apply, "steps": [asdict(one) for one in plan]})
    return 0


def _default(options: argparse.Namespace) -> Retention | None:
    names = ("versions", "production_days", "job_days", "batch_days", "data_days")
    given = {name: value for name in names if (value := getattr(options, f"keep_{name}")) is not None}
    return read_document(given, Retention, "the options --keep-...") if given else None


def _summary(plan: list[Pruned], *, is_applied: bool) -> str:
    if not plan:
        return "nothing to remove"
    counted = Counter(one.step for one in plan)
    hours = RETIRED_SECONDS // 3600
    if not is_applied:
        return f"nothing was changed: --apply retires {counted['retire']} and removes {counted['remove']}"
    later = f"; a run in {hours} hours or later removes what is retired" if counted["retire"] else ""
    return f"{counted['retire']} retired, {counted['remove']} removed{later}"
