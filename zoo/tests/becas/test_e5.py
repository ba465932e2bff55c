"""The weights of the file become those of BERT, by name and by value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from zoo.becas.e5 import WORDS, E5File
from zoo.tests.becas.tiny_base import PIECES, SIZE, write_weights


def test_every_tensor_has_the_name_that_bert_gives_it(tmp_path: Path) -> None:
    stored = write_weights(tmp_path / "e5.bin")
    file = E5File(tmp_path / "e5.bin")
    found = dict(file.weights())
    assert file.dimensions == SIZE
    assert file.vocabulary == list(PIECES)
    assert len(found) == len(stored)
    np.testing.assert_array_equal(found[WORDS], stored["emb.word"])
    np.testing.assert_array_equal(found["bert.encoder.layer.1.output.dense.weight"], stored["l1.fo.w"])
    np.testing.assert_array_equal(found["bert.encoder.layer.0.attention.self.key.bias"], stored["l0.k.b"])
    assert found["bert.embeddings.position_embeddings.weight"].shape == (SIZE.positions, SIZE.hidden)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"GGUF")
    with pytest.raises(ValueError, match=r"other\.bin does not begin with E5S1"):
        E5File(tmp_path / "other.bin")
