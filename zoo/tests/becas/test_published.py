"""What a published version learned is read back from its graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import helper, numpy_helper
from tokenizers import Tokenizer
from transformers import BertConfig, BertForQuestionAnswering, PreTrainedTokenizerFast

from model_export.checkpoints.graph import optimised
from model_export.checkpoints.quantize import WAYS
from zoo.becas.published import EMBEDDINGS, main, taught, weights_of

QUESTION, PAGE = "¿Cuánto dinero dan?", "La beca paga 620 euros al mes. El plazo termina el 4 de mayo de 2024."
NEAR = 0.98
"""The least correlation with the logits of the graph, whose activations have 8 bits."""


@pytest.fixture(scope="module")
def version(root: Path) -> Path:
    return root / "models" / "becas" / "baked"


@pytest.fixture(scope="module")
def base(version: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base with the words of the version, and layers that know nothing."""
    folder = tmp_path_factory.mktemp("base")
    tables = _embeddings(onnx.load(version / "model.onnx"))
    words = len(tables["word_embeddings.weight"])
    config = BertConfig(vocab_size=words, hidden_size=384, intermediate_size=1536)  # type: ignore[no-untyped-call]
    model = BertForQuestionAnswering(config)  # type: ignore[no-untyped-call]
    model.bert.embeddings.load_state_dict(tables, strict=False)
    model.save_pretrained(folder)
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(version / "tokenizer.json"))  # type: ignore[no-untyped-call]
    tokenizer.save_pretrained(folder)
    return folder


def _embeddings(graph: onnx.ModelProto) -> dict[str, torch.Tensor]:
    stored = {
        one.name.removeprefix(EMBEDDINGS): numpy_helper.to_array(one).astype(np.float32)
        for one in graph.graph.initializer
        if one.name.startswith(EMBEDDINGS)
    }
    tables = {name.removesuffix("_scale") for name in stored if name.endswith("_scale")}
    found = {
        name: (stored[f"{name}_quantized"] - stored[f"{name}_zero_point"]) * stored[f"{name}_scale"] for name in tables
    }
    norms = {name: values for name, values in stored.items() if name.startswith("LayerNorm")}
    return {name: torch.from_numpy(np.array(values)) for name, values in (found | norms).items()}


def test_the_checkpoint_of_a_version_answers_as_it_does(version: Path, base: Path, tmp_path: Path) -> None:
    main(f"--base {base} --version {version} --out {tmp_path}".split())
    coded = Tokenizer.from_file(str(tmp_path / "tokenizer.json")).encode(QUESTION, PAGE)
    inputs = {
        "input_ids": [coded.ids],
        "attention_mask": [[1] * len(coded.ids)],
        "token_type_ids": [[0] * len(coded.ids)],
    }
    session = onnxruntime.InferenceSession(str(version / "model.onnx"))
    start, end = session.run(None, {name: np.array(values, np.int64) for name, values in inputs.items()})
    model = BertForQuestionAnswering.from_pretrained(tmp_path).eval()
    with torch.inference_mode():
        found = model(**{name: torch.tensor(values) for name, values in inputs.items()})
    assert np.corrcoef(found.start_logits.numpy()[0], start[0])[0, 1] > NEAR
    assert np.corrcoef(found.end_logits.numpy()[0], end[0])[0, 1] > NEAR


@pytest.mark.parametrize("quantize", WAYS)
def test_the_weights_of_each_way_to_int8_are_read(quantize: Callable[[bytes], bytes]) -> None:
    weights = np.random.default_rng(1).normal(size=(320, 3)).astype(np.float32)
    kind = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], name="/qa_outputs/MatMul")],
        "one",
        [helper.make_tensor_value_info("x", kind, [1, None, 320])],
        [helper.make_tensor_value_info("y", kind, [1, None, 3])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    ((name, found),) = weights_of(onnx.load_from_string(optimised(quantize(model.SerializeToString()))))
    assert name == "qa_outputs.weight"
    np.testing.assert_allclose(found, weights.T, atol=np.abs(weights).max() / 100)


def test_a_graph_in_another_form_is_refused(base: Path, tmp_path: Path) -> None:
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([], "empty", [], [])), tmp_path / "model.onnx")
    with pytest.raises(ValueError, match=r"model\.onnx has no bert\.encoder\.layer\.0\.attention\.self\.query\.weight"):
        taught(base, tmp_path)
