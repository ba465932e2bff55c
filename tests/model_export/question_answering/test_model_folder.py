"""The model folder of an exported checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.core.errors import DefinitionError
from functions.core.model_folder import load_definition
from functions.core.question_answering import SCHEMA
from functions.core.validator import Validator
from model_export.question_answering.model_folder import find_folder, prepare_folder

HUB_ID = "becas/longformer-squad-es"


def test_a_folder_is_written_and_is_whole(tmp_path: Path) -> None:
    definition = prepare_folder(find_folder(tmp_path / "models", "dudas"), HUB_ID)
    assert (definition.task, definition.hub_id, definition.retrainable) == ("question-answering", HUB_ID, False)
    assert definition.schema == SCHEMA
    Validator(definition.schema).table([dict(example) for example in definition.examples])


def test_a_local_checkpoint_has_no_hub_id(tmp_path: Path) -> None:
    assert prepare_folder(find_folder(tmp_path, "dudas"), None).hub_id is None


def test_a_folder_that_is_there_is_kept(tmp_path: Path) -> None:
    prepare_folder(find_folder(tmp_path, "dudas"), HUB_ID)
    path = tmp_path / "dudas" / "model.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("Answers a", "Mine answers a"), encoding="utf-8")
    assert prepare_folder(find_folder(tmp_path, "dudas"), None).hub_id == HUB_ID
    assert load_definition(path.parent).description.startswith("Mine")


@pytest.mark.parametrize("name", ["Dudas", "a b", "", "x" * 41, "../dudas"])
def test_a_bad_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DefinitionError, match="is not a name for a model"):
        find_folder(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_another_task_is_refused(root: Path) -> None:
    with pytest.raises(DefinitionError, match="is there already, for tabular-classification: choose another --name"):
        find_folder(root / "models", "churn")
