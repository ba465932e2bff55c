"""What a training says of its machine is left out, and all that describes the model stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model_export.checkpoints.public_arguments import public_arguments


def test_folders_and_accounts_are_left_out() -> None:
    args = {
        "learning_rate": 3e-5,
        "manual_seed": None,
        "special_tokens_list": ["</s>", "[Q]"],
        "output_dir": "outputs",
        "wandb_project": "becas",
        "wandb_kwargs": {"entity": "jane"},
    }
    assert public_arguments(args) == {
        "learning_rate": 3e-5,
        "manual_seed": None,
        "special_tokens_list": ["</s>", "[Q]"],
    }


@pytest.mark.parametrize(
    "value",
    [
        "/home/jane/x.json",
        "~/x",
        "./x",
        "../x",
        "C:\\Users\\jane\\x",
        "C:/Users/jane",
        "file:///home/jane",
        ["a", "/home/jane"],
        {"_name_or_path": "/home/jane"},
    ],
)
def test_a_path_is_left_out_under_any_name(value: Any) -> None:
    assert public_arguments({"quantized_model": value, "seed": 1}) == {"seed": 1}


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("/home/jane/client/bert", "bert"),
        ("/home/jane/client/bert/", "bert"),
        ("C:\\Users\\jane\\bert", "bert"),
        ("clients/acme/bert", "bert"),
        ("./bert", "bert"),
    ],
)
def test_a_base_that_is_a_folder_keeps_its_last_part_and_its_tokenizer_is_left_out(name: str, last: str) -> None:
    assert public_arguments({"model_name": name, "tokenizer_name": name}) == {"model_name": last}


@pytest.mark.parametrize("name", ["..", "~"])
def test_a_folder_without_a_name_is_left_out(name: str) -> None:
    assert public_arguments({"model_name": name}) == {}


@pytest.mark.parametrize("name", ["owner/base", "bert-base-cased", "", None, "owner/" + "n" * 300])
def test_an_id_of_the_hub_stays(name: str | None) -> None:
    args = {"model_name": name, "tokenizer_name": name}
    assert public_arguments(args) == args


def test_a_relative_folder_that_is_here_is_no_id_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("outputs/best_model").mkdir(parents=True)
    assert public_arguments({"model_name": "outputs/best_model"}) == {"model_name": "best_model"}


def test_who_knows_more_of_the_hub_may_say_what_a_folder_is() -> None:
    args = {"model_name": "outputs/best_model", "tokenizer_name": "owner/base"}
    assert public_arguments(args, lambda name: name.startswith("outputs/")) == {
        "model_name": "best_model",
        "tokenizer_name": "owner/base",
    }
