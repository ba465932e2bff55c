"""Configurations of optimum for models that it has none for: their inputs, and a text to trace them with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from optimum.exporters.onnx.model_configs import LongformerOnnxConfig, ModernBertOnnxConfig
from optimum.utils.input_generators import DummyTextInputGenerator

QUESTION_END = 5
"""Place of the first separator in the traced text."""


class PairGenerator(DummyTextInputGenerator):  # type: ignore[misc]
    """A question and a context between their separators, without padding."""

    def generate(
        self, input_name: str, framework: str = "pt", int_dtype: str = "int64", float_dtype: str = "fp32"
    ) -> Any:
        tensor = super().generate(input_name, framework, int_dtype, float_dtype)
        if input_name == "attention_mask":
            tensor[:] = 1
            return tensor
        config = self.normalized_config
        plain = max(config.sep_token_id, config.pad_token_id) + 1
        tensor[:] = tensor.clamp(min=min(plain, self.vocab_size - 1))
        tensor[:, [QUESTION_END, QUESTION_END + 1, -1]] = config.sep_token_id
        return tensor


class BandedOnnxConfig(LongformerOnnxConfig):  # type: ignore[misc]
    """Inputs are ids and mask; the graph finds the global tokens itself."""

    DUMMY_INPUT_GENERATOR_CLASSES = (PairGenerator,)
    DEFAULT_ONNX_OPSET = 20  # the last one that torch traces to; `with_attention` raises it

    def fix_dynamic_axes(self, model_path: Path, **_: Any) -> None:
        """Do nothing: all axes are named, and ONNX Runtime cannot run the graph before `with_attention`."""

    @property
    def inputs(self) -> dict[str, dict[int, str]]:
        axes = {0: "batch_size", 1: "sequence_length"}
        return {"input_ids": axes, "attention_mask": axes}


class IdsAndMaskOnnxConfig(ModernBertOnnxConfig):  # type: ignore[misc]
    """Inputs are ids and mask, as of the other tasks of a ModernBERT; optimum lacks its question answering alone."""
