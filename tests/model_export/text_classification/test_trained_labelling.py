"""Labels, length and threshold are read from model_args.json; what no version answers is refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import CheckpointError
from model_export.text_classification.trained_labelling import TrainedLabelling, trained_labelling


def trained(folder: Path, *, gives_several: bool = False, **args: Any) -> TrainedLabelling:
    (folder / "model_args.json").write_text(json.dumps(args), encoding="utf-8")
    return trained_labelling(folder, gives_several=gives_several)


def test_a_checkpoint_without_arguments_has_none(tmp_path: Path) -> None:
    found = trained_labelling(tmp_path, gives_several=False)
    assert found == TrainedLabelling()
    assert (found.labels(3), found.gives_several) == ((), False)


def test_keys_have_the_names_of_simple_transformers(tmp_path: Path) -> None:
    found = trained(
        tmp_path,
        model_class="MultiLabelClassificationModel",
        max_seq_length=64,
        labels_map={},
        regression=False,
        sliding_window=False,
        threshold=[0.3, 0.5],
        learning_rate=4e-5,
    )
    assert (found.max_seq_length, found.threshold, found.gives_several) == (64, (0.3, 0.5), True)
    assert not trained(tmp_path, model_class="ClassificationModel").gives_several


def test_labels_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    assert trained(tmp_path, labels_map={"pos": 2, "neg": 0, "neu": 1}).labels(3) == ("neg", "neu", "pos")


def test_of_two_labels_with_one_number_the_last_one_is_answered(tmp_path: Path) -> None:
    assert trained(tmp_path, labels_map={"bad": 0, "good": 1, "poor": 0}).labels(2) == ("poor", "good")


@pytest.mark.parametrize("numbers", [(1, 2, 3), (0, 1), (0, 1, 3)])
def test_names_of_other_numbers_than_the_model_s_are_refused(tmp_path: Path, numbers: tuple[int, ...]) -> None:
    found = trained(tmp_path, labels_map={f"label {number}": number for number in numbers})
    listed = ", ".join(map(str, numbers))
    with pytest.raises(CheckpointError, match=f"labels_map has names for {listed}, and the model has 3 .* from 0 to 2"):
        found.labels(3)


def test_a_number_for_a_text_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"model_args\.json: regression is true: .* train it for classification"):
        trained(tmp_path, regression=True)


def test_a_model_of_several_labels_does_not_heed_regression(tmp_path: Path) -> None:
    assert trained(tmp_path, gives_several=True, regression=True).regression


@pytest.mark.parametrize("gives_several", [False, True])
def test_a_vote_of_windows_is_refused_with_what_to_do(tmp_path: Path, gives_several: bool) -> None:
    with pytest.raises(CheckpointError, match=r"model_args\.json: sliding_window is true: .* set it to false"):
        trained(tmp_path, gives_several=gives_several, sliding_window=True)


def test_values_of_a_wrong_type_are_refused_with_their_keys(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as refused:
        trained(tmp_path, max_seq_length=0, labels_map={"neg": "0"}, threshold="high")
    for key in ("max_seq_length", "labels_map.neg", "threshold"):
        assert key in str(refused.value)
