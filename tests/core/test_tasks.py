"""Every registry that differs by task, kind of model or protocol, held equal to the table of tasks."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, get_args

import pytest

from functions.core import json_schema, model_file
from functions.core.routes import ROUTES
from functions.core.tasks import TASKS, ModelKind, Predicts, Protocol, Reads, Task
from functions.inference.protocols.hugging_face import document, parameters, tasks
from functions.predictors import by_task
from model_export.draft import proposal
from model_export.pipelines.convert import exporting


def tasks_of(kind: ModelKind) -> set[Task]:
    return {task for task, traits in TASKS.items() if kind in traits.served_files}


def speaking(protocol: Protocol) -> set[Task]:
    return {task for task, traits in TASKS.items() if protocol in traits.protocols}


REGISTRIES: dict[str, tuple[Iterable[str], Iterable[str]]] = {
    "core.tasks.TASKS": (TASKS, get_args(Task)),
    "core.model_file.COLUMN_RULES": (model_file.COLUMN_RULES, get_args(Reads)),
    "draft.proposal.PROPOSALS": (proposal.PROPOSALS, tasks_of("pipeline")),
    "core.json_schema.PREDICTION_SCHEMAS": (json_schema.PREDICTION_SCHEMAS, get_args(Predicts)),
    "predictors.by_task.PIPELINE_OPENERS": (by_task.PIPELINE_OPENERS, tasks_of("pipeline")),
    "predictors.by_task.CHECKPOINT_OPENERS": (by_task.CHECKPOINT_OPENERS, tasks_of("checkpoint")),
    "pipelines.convert.exporting.EXPORTERS": (exporting.EXPORTERS, tasks_of("pipeline")),
    "protocols.hugging_face.tasks.ANSWER_BY_TASK": (tasks.ANSWER_BY_TASK, speaking("hugging-face")),
    "protocols.hugging_face.parameters.PARAMETERS_BY_TASK": (parameters.PARAMETERS_BY_TASK, speaking("hugging-face")),
    "protocols.hugging_face.document.SCHEMAS_BY_TASK": (document.SCHEMAS_BY_TASK, speaking("hugging-face")),
}


@pytest.mark.parametrize("name", REGISTRIES)
def test_a_registry_has_an_entry_for_each_task_that_needs_one_and_no_other(name: str) -> None:
    registry, needed = REGISTRIES[name]
    lacking, unused = set(needed) - set(registry), set(registry) - set(needed)
    assert not lacking, f"{name} lacks {sorted(lacking)}: a request would fail"
    assert not unused, f"{name} has {sorted(unused)}, which no task of the table asks for"


@pytest.mark.parametrize("task", get_args(Task))
def test_a_task_is_done_by_some_kind_of_model_and_asked_by_our_own_protocol(task: Task) -> None:
    traits = TASKS[task]
    assert set(traits.served_files) <= set(get_args(ModelKind))
    assert all(traits.served_files.values())
    assert "despliegue" in traits.protocols <= set(get_args(Protocol))
    assert traits.body_names[0] == "instances"
    assert traits.default_kind in traits.served_files


@pytest.mark.parametrize("protocol", get_args(Protocol))
def test_a_protocol_has_routes_to_predict_a_package_and_a_task(protocol: Protocol) -> None:
    package = f"functions.inference.protocols.{protocol.replace('-', '_')}"
    parts: dict[str, Any] = {name: import_module(f"{package}.{name}") for name in ("routes", "document")}
    assert callable(parts["routes"].routes)
    assert callable(parts["document"].operations)
    assert [route for route in ROUTES if route.function == "predict" and route.protocol == protocol]
    assert speaking(protocol)


def test_routes_of_the_control_function_have_no_protocol_of_their_own() -> None:
    assert {route.protocol for route in ROUTES if route.function == "control"} == {"despliegue"}
