"""The model folder of an exported checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.core.errors import DefinitionError
from functions.core.model_folder import load_definition
from functions.core.question_answering import SCHEMA
from functions.core.tasks import TASKS, Task
from functions.core.validator import Validator
from model_export.checkpoints.model_folder import DRAFTS, find_folder, prepare_folder, require_task

HUB_ID = "becas/longformer-squad-es"
QA: Task = "question-answering"


def test_a_folder_is_written_and_is_whole(tmp_path: Path) -> None:
    definition = prepare_folder(find_folder(tmp_path / "models", "dudas"), QA, HUB_ID)
    assert (definition.task, definition.hub_id, definition.retrainable) == ("question-answering", HUB_ID, False)
    assert definition.schema == SCHEMA
    Validator(definition.schema).table([dict(example) for example in definition.examples])


def test_a_local_checkpoint_has_no_hub_id(tmp_path: Path) -> None:
    assert prepare_folder(find_folder(tmp_path, "dudas"), QA, None).hub_id is None


def test_a_folder_that_is_there_is_kept(tmp_path: Path) -> None:
    prepare_folder(find_folder(tmp_path, "dudas"), QA, HUB_ID)
    path = tmp_path / "dudas" / "model.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("Answers a", "Mine answers a"), encoding="utf-8")
    assert prepare_folder(find_folder(tmp_path, "dudas"), QA, None).hub_id == HUB_ID
    assert load_definition(path.parent).description.startswith("Mine")


@pytest.mark.parametrize("name", ["Dudas", "a b", "", "x" * 41, "../dudas"])
def test_a_bad_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DefinitionError, match="is not a name for a model"):
        find_folder(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_for_texts_says_that_its_model_is_a_checkpoint(tmp_path: Path) -> None:
    definition = prepare_folder(find_folder(tmp_path, "opiniones"), "text-classification", HUB_ID)
    assert (definition.model_kind, definition.retrainable, definition.inline_bytes) == ("checkpoint", False, 0)
    assert (definition.schema.feature_names, definition.schema.target_names) == (("text",), ("label",))
    Validator(definition.schema).table([dict(example) for example in definition.examples])


def test_every_task_of_a_checkpoint_has_a_draft() -> None:
    assert DRAFTS.keys() == {task for task, traits in TASKS.items() if "checkpoint" in traits.served_files}


@pytest.mark.parametrize(
    ("model", "task", "message"),
    [
        ("churn", "question-answering", "for tabular-classification by a pipeline: choose another --name"),
        ("becas", "text-classification", "for question-answering by a checkpoint: choose another --name"),
        ("project-tags", "text-classification", "for text-classification by a pipeline: choose another --name"),
    ],
)
def test_a_folder_of_another_task_or_kind_is_refused(root: Path, model: str, task: Task, message: str) -> None:
    with pytest.raises(DefinitionError, match=f"is there already, {message}"):
        require_task(find_folder(root / "models", model), task)


def test_a_folder_of_the_task_may_be_there_or_not(root: Path) -> None:
    for name in ("becas", "nothing"):
        require_task(find_folder(root / "models", name), "question-answering")
