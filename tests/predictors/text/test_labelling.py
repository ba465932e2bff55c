"""Scores of labels from logits, and the settings of a version."""

from __future__ import annotations

import numpy as np
import pytest

from functions.core.errors import DamagedVersionError
from functions.predictors.text.labelling import LabellingSettings, label_scores


def test_scores_of_one_right_label_add_up_to_one() -> None:
    found = label_scores(np.array([[1.0, 2.0, 3.0], [1000.0, 0.0, -1000.0]]), "softmax")
    np.testing.assert_allclose(found, [[0.09003057, 0.24472847, 0.66524096], [1, 0, 0]])
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_scores_of_several_labels_are_each_by_itself() -> None:
    found = label_scores(np.array([[0.0, np.log(3), -np.log(3), 1000.0, -1000.0]]), "sigmoid")
    np.testing.assert_allclose(found, [[0.5, 0.75, 0.25, 1, 0]])


def test_settings_are_read_as_they_were_written() -> None:
    settings = LabellingSettings(128, "sigmoid", truncation=True)
    assert LabellingSettings.from_json(settings.to_json()) == settings


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"max_length": 0}', b'{"max_length": 5, "activation": "relu"}'])
def test_what_holds_no_settings_is_damage(body: bytes) -> None:
    with pytest.raises(DamagedVersionError, match=r"labelling\.json cannot be read"):
        LabellingSettings.from_json(body)
