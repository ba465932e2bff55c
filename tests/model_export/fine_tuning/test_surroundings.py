"""Facts about the model and the machine before anything heavy is loaded."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import CheckpointError, DespliegueError
from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.fine_tuning.surroundings import (
    available_gpus,
    longest_input_of,
    refuse_absent_reporters,
    refuse_unusable_base,
)

BERT = {"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 0}
ROBERTA = {"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}


@pytest.mark.parametrize(
    ("config", "overrides", "longest"),
    [
        (BERT, {}, 512),
        (ROBERTA, {}, 512),
        ({**ROBERTA, "model_type": "longformer", "max_position_embeddings": 4098}, {}, 4096),
        (BERT, {"max_position_embeddings": 64}, 64),
        ({"model_type": "bert"}, {}, None),
        ({**BERT, "max_position_embeddings": None}, {}, None),
    ],
)
def test_the_longest_input_is_that_of_the_configuration(
    tmp_path: Path, config: dict[str, Any], overrides: dict[str, Any], longest: int | None
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert longest_input_of(str(tmp_path), overrides) == longest
    assert longest_input_of(str(tmp_path / "config.json"), overrides) == longest


def test_the_longest_input_of_a_model_of_the_hub_is_unknown() -> None:
    assert longest_input_of("owner/name", {}) is None


@pytest.mark.parametrize(
    ("content", "message"), [(None, "is missing"), ("{", "cannot be read"), ("[]", "is not a JSON object")]
)
def test_an_unreadable_configuration_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointError, match=message):
        longest_input_of(str(tmp_path), {})


def test_without_torch_the_number_of_gpus_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert available_gpus() is None


def test_the_gpus_are_those_that_torch_can_use() -> None:
    torch = pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    assert available_gpus() == torch.cuda.device_count()


def test_a_base_is_a_folder_with_a_tokenizer_or_a_model_of_the_hub(tmp_path: Path) -> None:
    refuse_unusable_base("owner/name", trust_pickle=False)
    (tmp_path / "config.json").write_text(json.dumps(BERT), encoding="utf-8")
    for base in (tmp_path, tmp_path / "config.json"):
        with pytest.raises(CheckpointError, match=r"has no tokenizer \(tokenizer\.json, .*train_new_from_iterator"):
            refuse_unusable_base(str(base), trust_pickle=False)
    (tmp_path / "vocab.txt").write_text("[PAD]")
    for base in (tmp_path, tmp_path / "config.json"):
        refuse_unusable_base(str(base), trust_pickle=False)


def test_a_base_that_would_be_in_a_folder_here_is_no_model_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refuse_unusable_base("models/beto", trust_pickle=False)
    Path("models").mkdir()
    with pytest.raises(CheckpointError, match=r"--base 'models/beto' is no folder here, and models is one, .* correct"):
        refuse_unusable_base("models/beto", trust_pickle=False)


@pytest.mark.parametrize(
    ("files", "trust_pickle", "is_refused"),
    [
        (["pytorch_model.bin"], False, True),
        (["pytorch_model-00001-of-00002.bin"], False, True),
        (["pytorch_model.bin"], True, False),
        (["pytorch_model.bin", "model.safetensors"], False, False),
        ([], False, False),
    ],
)
def test_pickled_weights_are_known_by_their_names(
    tmp_path: Path, files: list[str], trust_pickle: bool, is_refused: bool
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(BERT), encoding="utf-8")
    for name in ("vocab.txt", *files):
        (tmp_path / name).touch()
    with pytest.raises(CheckpointError, match=r"pickled weights.* --trust-pickle") if is_refused else nullcontext():
        refuse_unusable_base(str(tmp_path), trust_pickle=trust_pickle)
    refuse_unusable_base(str(tmp_path / "config.json"), trust_pickle=False)


@pytest.mark.parametrize("base", ["nowhere", "./a/b/c", "other.json", ""])
def test_a_base_that_is_nowhere_is_refused(base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckpointError, match=r"is no folder here, no config\.json|is missing"):
        refuse_unusable_base(base, trust_pickle=False)


def test_a_base_of_a_family_that_is_not_served_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "mobilebert"}', encoding="utf-8")
    with pytest.raises(CheckpointError, match="a 'mobilebert' is not served"):
        refuse_unusable_base(str(tmp_path), trust_pickle=False)


def test_a_wandb_project_needs_wandb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    refuse_absent_reporters(FineTuningArguments())
    with pytest.raises(DespliegueError, match="wandb is not installed"):
        refuse_absent_reporters(FineTuningArguments(wandb_project="becas"))
