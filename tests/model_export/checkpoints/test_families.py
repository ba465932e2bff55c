"""The table of families: one entry for each, and a reason for those that are refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from functions.core.errors import CheckpointError
from model_export.checkpoints.families import (
    FAMILIES,
    REFUSED,
    ModelSize,
    checkpoint_task,
    family_of,
    model_size,
)
from tests.model_export.checkpoints.hub_tokenizers import HUB_TOKENIZERS


def configured(folder: Path, **values: object) -> Path:
    (folder / "config.json").write_text(json.dumps(values))
    return folder


def test_every_family_has_the_tokenizer_of_its_checkpoints_in_the_tests() -> None:
    assert HUB_TOKENIZERS.keys() == FAMILIES.keys()
    assert FAMILIES.keys().isdisjoint(REFUSED)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_found_by_its_configuration(tmp_path: Path, family: str) -> None:
    assert family_of(configured(tmp_path, model_type=family)) == family


@pytest.mark.parametrize("family", REFUSED)
def test_a_refused_family_is_refused_with_its_reason(tmp_path: Path, family: str) -> None:
    with pytest.raises(CheckpointError) as refusal:
        family_of(configured(tmp_path, model_type=family))
    assert f"a {family!r} is not served: {REFUSED[family]}; known are albert, bert, " in str(refusal.value)


@pytest.mark.parametrize("values", [{"model_type": "gpt9"}, {"model_type": 7}, {}])
def test_an_unknown_family_is_refused_with_the_known_ones(tmp_path: Path, values: dict[str, object]) -> None:
    with pytest.raises(CheckpointError, match=r"known.*; known are albert, bert, .*xlm-roberta"):
        family_of(configured(tmp_path, **values))


@pytest.mark.parametrize(
    ("family", "longest"),
    [
        ("bert", 514),
        ("camembert", 512),
        ("deberta-v2", 514),
        ("longformer", 512),
        ("modernbert", 514),
        ("mpnet", 512),
        ("roberta", 512),
        ("xlm-roberta", 512),
    ],
)
def test_the_longest_input_leaves_out_positions_up_to_the_padding_token(family: str, longest: int) -> None:
    assert ModelSize(family, 514, 1).longest_input == ModelSize(family, 514, None).longest_input == longest


@pytest.mark.parametrize(
    ("values", "longest"),
    [
        ({}, 704),
        ({"block_size": 16, "num_random_blocks": 2}, 144),
        ({"attention_type": "original_full"}, 4096),
        ({"max_position_embeddings": 512}, 512),
    ],
)
def test_a_bigbird_reads_what_gets_full_attention(values: dict[str, object], longest: int) -> None:
    document = {"model_type": "big_bird", "max_position_embeddings": 4096, **values}
    assert model_size(document, "config.json").longest_input == longest


@pytest.mark.parametrize("size", [ModelSize(), ModelSize("bert"), ModelSize(None, 512)])
def test_a_configuration_may_leave_the_longest_input_open(size: ModelSize) -> None:
    assert size.longest_input is None


@pytest.mark.parametrize(
    ("architecture", "task"),
    [
        ("RobertaForQuestionAnswering", "question-answering"),
        ("RobertaForSequenceClassification", "text-classification"),
        ("RobertaForMultiLabelSequenceClassification", "text-classification"),
    ],
)
def test_the_task_is_the_one_of_the_architecture(tmp_path: Path, architecture: str, task: str) -> None:
    assert checkpoint_task(configured(tmp_path, architectures=[architecture])) == task


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"architectures": ["BertForTokenClassification"]}, "does token-classification; served are"),
        ({"architectures": ["BertForMaskedLM"]}, "does fill-mask; served are question-answering and text"),
        ({"architectures": ["BertForEverything"]}, "a BertForEverything has another task"),
        ({}, "names no architectures, so its task is not known: say --task"),
        ({"architectures": []}, "say --task text-classification or question-answering"),
    ],
)
def test_another_task_is_refused_with_its_name(tmp_path: Path, values: dict[str, object], message: str) -> None:
    with pytest.raises(CheckpointError) as refusal:
        checkpoint_task(configured(tmp_path, **values))
    assert message in str(refusal.value).replace(
        "text-classification and question-answering", "question-answering and text"
    )


def test_a_family_is_refused_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    configured(tmp_path, model_type="mobilebert")
    code = (
        "import sys; from model_export.commands.main import main; "
        f"status = main(['export-hf', {str(tmp_path)!r}, '--name', 'dudas', '--models', {str(tmp_path / 'none')!r}]); "
        "sys.exit(10 * status + any(name in sys.modules for name in ('torch', 'transformers', 'optimum.exporters')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 10, done.stderr
    assert "a 'mobilebert' is not served: " in done.stderr
