"""What optimum has to know of the banded Longformer: its inputs, and a text to trace it with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from optimum.exporters.onnx.model_configs import LongformerOnnxConfig
from optimum.utils.input_generators import DummyTextInputGenerator

QUESTION_END = 5


class PairGenerator(DummyTextInputGenerator):  # type: ignore[misc]
    """A question and a context between their separators, without padding."""

    def generate(
        self, input_name: str, framework: str = "pt", int_dtype: str = "int64", float_dtype: str = "fp32"
    ) -> Any:
        found = super().generate(input_name, framework, int_dtype, float_dtype)
        if input_name == "attention_mask":
            found[:] = 1
            return found
        config = self.normalized_config
        plain = max(config.sep_token_id, config.pad_token_id) + 1
        found[:] = found.clamp(min=min(plain, self.vocab_size - 1))
        found[:, [QUESTION_END, QUESTION_END + 1, -1]] = config.sep_token_id
        return found


class BandedOnnxConfig(LongformerOnnxConfig):  # type: ignore[misc]
    """Ids and mask in; the global tokens are found in the graph."""

    DUMMY_INPUT_GENERATOR_CLASSES = (PairGenerator,)
    DEFAULT_ONNX_OPSET = 20  # the last that torch traces to; the attention waits in it for a later one

    def fix_dynamic_axes(self, model_path: Path, **_: Any) -> None:
        """Nothing: all axes are named, and ONNX Runtime cannot run the graph before it has its attention."""

    @property
    def inputs(self) -> dict[str, dict[int, str]]:
        axes = {0: "batch_size", 1: "sequence_length"}
        return {"input_ids": axes, "attention_mask": axes}
