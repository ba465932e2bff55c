"""Checkpoints that label texts, and messages about the ones that cannot be served."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.core.errors import CheckpointError
from tests.model_export.checkpoints.tiny import LABELS, LENGTH, change, write_checkpoint, write_text_checkpoint
from tests.model_export.text_classification.simple_transformers import UNNAMED, write_one_label, write_several_labels

pytest.importorskip("torch", reason="loading needs torch, which this environment lacks")
pytest.importorskip("transformers", reason="loading needs transformers, which this environment lacks")

from model_export.text_classification.text_checkpoints import load_text_checkpoint

TextFolders = Callable[..., Path]
NAMED = {"neg": 0, "neu": 1, "pos": 2}


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """What Simple Transformers wrote, with the names of its labels."""
    write_one_label(tmp_path / "bert", labels_list=[*NAMED], labels_map=NAMED)
    return tmp_path / "bert"


@pytest.mark.parametrize(
    ("problem", "activation"), [("single_label_classification", "softmax"), ("multi_label_classification", "sigmoid")]
)
def test_labels_and_their_activation_are_those_of_the_checkpoint(
    text_folder: TextFolders, problem: str, activation: str
) -> None:
    found = load_text_checkpoint(text_folder("bert", problem), trust_pickle=False)
    assert (found.labels, found.activation, found.max_length) == (LABELS, activation, LENGTH)
    assert (found.ends.count, len(found.ends.before), found.ends.text_type) == (2, 1, 0)


def test_one_label_is_scored_by_itself(tmp_path: Path) -> None:
    write_text_checkpoint(tmp_path / "bert", "bert", ["spam"])
    found = load_text_checkpoint(tmp_path / "bert", trust_pickle=False)
    assert (found.labels, found.activation) == (("spam",), "sigmoid")


def test_a_number_is_no_label(text_folder: TextFolders) -> None:
    with pytest.raises(CheckpointError, match="gives a number for a text"):
        load_text_checkpoint(text_folder("bert", "regression"), trust_pickle=False)


def test_two_labels_of_one_name_are_refused(text_folder: TextFolders, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(text_folder("bert"), tmp_path / "bert"))
    change(folder / "config.json", id2label={0: "a", 1: "b", 2: "a", 3: "d"})
    with pytest.raises(CheckpointError, match="id2label has a more than once"):
        load_text_checkpoint(folder, trust_pickle=False)


def test_labels_that_are_counted_from_1_are_refused_with_the_missing_number(
    text_folder: TextFolders, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(text_folder("bert"), tmp_path / "bert"))
    stars = {str(number): f"{number} stars" for number in range(1, len(LABELS) + 1)}
    change(folder / "config.json", id2label=stars, label2id={name: int(number) for number, name in stars.items()})
    with pytest.raises(CheckpointError, match=r"id2label has no 0: number its 4 labels from 0 to 3 in config\.json"):
        load_text_checkpoint(folder, trust_pickle=False)


def test_a_checkpoint_of_another_head_is_refused(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "bert", "bert")
    with pytest.raises(CheckpointError, match="has no text-classification head"):
        load_text_checkpoint(tmp_path / "bert", trust_pickle=False)


def test_a_length_may_be_asked_for(text_folder: TextFolders) -> None:
    assert load_text_checkpoint(text_folder("bert"), trust_pickle=False, max_length=64).max_length == 64
    with pytest.raises(CheckpointError, match="--max-length 2: this model takes 3 to 200 tokens"):
        load_text_checkpoint(text_folder("bert"), trust_pickle=False, max_length=2)


def test_the_labels_and_the_length_of_a_training_are_taken(trained: Path) -> None:
    found = load_text_checkpoint(trained, trust_pickle=False)
    assert (found.labels, found.activation, found.max_length) == (("neg", "neu", "pos"), "softmax", 64)
    assert found.taken == {"max_length": 64, "labels": ("neg", "neu", "pos")}
    assert not [*found.differences(truncation=True)]
    [cut] = found.differences(truncation=False)
    assert (
        cut
        == "its training cut texts after 64 tokens, and the version refuses longer ones: --truncate cuts them as well"
    )


def test_a_length_that_is_asked_for_goes_before_that_of_the_training(trained: Path) -> None:
    found = load_text_checkpoint(trained, trust_pickle=False, max_length=100)
    assert (found.max_length, found.taken) == (100, {"labels": ("neg", "neu", "pos")})
    assert not [*found.differences(truncation=False)]


def test_the_length_of_a_training_is_at_most_the_model_s(trained: Path) -> None:
    change(trained / "model_args.json", max_seq_length=LENGTH + 1)
    assert load_text_checkpoint(trained, trust_pickle=False).max_length == LENGTH


def test_a_training_without_room_for_a_text_is_refused(trained: Path) -> None:
    change(trained / "model_args.json", max_seq_length=2)
    with pytest.raises(CheckpointError, match=r"max_seq_length is 2, and this model needs at least 3 .* --max-length"):
        load_text_checkpoint(trained, trust_pickle=False)


def test_names_in_the_configuration_stay_where_those_of_the_training_are_the_same_or_numbers(trained: Path) -> None:
    change(trained / "config.json", id2label={0: "neg", 1: "neu", 2: "pos"}, label2id=NAMED)
    for named in (NAMED, {"0": 0, "1": 1, "2": 2}):
        change(trained / "model_args.json", labels_map=named)
        found = load_text_checkpoint(trained, trust_pickle=False)
        assert (found.labels, found.taken) == (("neg", "neu", "pos"), {"max_length": 64})


def test_names_that_contradict_each_other_are_refused(trained: Path) -> None:
    """The configuration may have those of the model that the training began with."""
    change(trained / "config.json", id2label={0: "neg", 1: "pos", 2: "neu"}, label2id={"neg": 0, "pos": 1, "neu": 2})
    with pytest.raises(
        CheckpointError, match=r"label 1 is 'pos' in id2label of config\.json and 'neu' in labels_map of"
    ):
        load_text_checkpoint(trained, trust_pickle=False)


def test_a_model_of_several_labels_scores_each_by_itself(tmp_path: Path) -> None:
    write_several_labels(tmp_path / "bert")
    # what a base was, and what its class does not heed
    change(tmp_path / "bert/config.json", problem_type="single_label_classification")
    found = load_text_checkpoint(tmp_path / "bert", trust_pickle=False)
    assert (found.labels, found.activation, found.max_length) == (UNNAMED, "sigmoid", 64)
    [threshold] = found.differences(truncation=True)
    assert "the threshold of its training, 0.3, is not in the version" in threshold
    change(tmp_path / "bert/model_args.json", threshold=0.5)
    assert not [*load_text_checkpoint(tmp_path / "bert", trust_pickle=False).differences(truncation=True)]


@pytest.mark.parametrize(("problem", "activation"), [(None, "sigmoid"), ("single_label_classification", "softmax")])
def test_the_training_says_whether_there_are_several_labels_where_the_configuration_does_not(
    trained: Path, problem: str | None, activation: str
) -> None:
    change(trained / "config.json", problem_type=problem)
    change(trained / "model_args.json", model_class="MultiLabelClassificationModel")
    assert load_text_checkpoint(trained, trust_pickle=False).activation == activation


def test_a_head_that_transformers_does_not_have_is_refused_with_what_to_do(tmp_path: Path) -> None:
    write_text_checkpoint(tmp_path / "electra", "electra")
    change(tmp_path / "electra/config.json", architectures=["ElectraForMultiLabelSequenceClassification"])
    with pytest.raises(CheckpointError, match=r"is one of Simple Transformers alone, .* train another family"):
        load_text_checkpoint(tmp_path / "electra", trust_pickle=False)
