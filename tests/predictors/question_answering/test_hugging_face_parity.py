"""Answers equal to the question-answering pipeline of transformers with the same checkpoint on torch.

DESPLIEGUE_QUESTIONS=500 asks 500 questions of every family instead of those below.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from functions.core.definition import Limits
from functions.predictors.question_answering.parameters import AnsweringParameters, AnsweringSettings
from functions.predictors.question_answering.predictor import WINDOW_OUTPUTS, QuestionAnsweringPredictor
from tests.model_export.checkpoints.hub_tokenizers import HUB_TOKENIZERS
from tests.predictors.asked_texts import Asked, asked

SAMPLED = {"bert": 60, "longformer": 60, "roberta": 15, "xlm-roberta": 15, "deberta-v2": 15, "modernbert": 15}
"""Number of questions for each family in every run of the tests, none for the others."""
MAX_LENGTH = 200
CLOSE = 1e-4
"""Answers whose scores have a smaller relative difference may come in another order."""
CLOSE_SCORES = 1e-4
"""The largest difference of a token's score, as an export allows it."""


@dataclass(frozen=True, slots=True)
class Both:
    """One checkpoint, served by Despliegue and by the pipeline.

    The scores of each window by torch and by the exported graph are compared, and the pipeline goes on with the
    graph's. It keeps the best spans of a window and then adds up those of one text: where two spans are as good as
    equal, the last digits, which are not the same on every CPU, would decide which one counts.
    """

    predictor: QuestionAnsweringPredictor
    pipeline: Any

    def ours(self, one: Asked) -> list[dict[str, Any]]:
        parameters = AnsweringParameters.from_mapping(one.parameters)
        return self.predictor.answer([one.question], [one.context], parameters)[0]

    def theirs(self, one: Asked) -> list[dict[str, Any]]:
        """Answers of the pipeline, with windows of the model's own length unless the request has another, as ours."""
        parameters = {"max_seq_len": MAX_LENGTH, **one.parameters}
        found = self.pipeline(question=one.question, context=one.context, **parameters)
        return [found] if isinstance(found, dict) else found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Both]:
    pytest.importorskip("torch", reason="the pipeline of transformers runs on torch, which this environment lacks")
    pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")
    root, made = tmp_path_factory.mktemp("checkpoints"), dict[str, Both]()

    def make(family: str) -> Both:
        if family not in made:
            made[family] = _both(root / family, family)
        return made[family]

    return make


def _both(folder: Path, family: str) -> Both:
    import torch
    from transformers import pipeline

    from model_export.checkpoints.exporting import export_graph
    from model_export.checkpoints.graph import optimised
    from model_export.checkpoints.tokenization import served_tokenizer
    from model_export.question_answering.checkpoints import load_checkpoint
    from tests.model_export.checkpoints.tiny import write_checkpoint

    write_checkpoint(folder, family)
    checkpoint = load_checkpoint(folder, trust_pickle=False)
    with torch.no_grad():
        # a model that knows no answer scores all spans alike, and their order would be chance
        head = [module for module in checkpoint.model.modules() if isinstance(module, torch.nn.Linear)][-1]
        head.weight.mul_(4)
    # so that the names of special tokens in a text are text to both
    checkpoint.tokenizer.split_special_tokens = True
    graph = optimised(export_graph(checkpoint))
    checkpoint.model.register_forward_hook(_scores_of(graph), with_kwargs=True)
    predictor = QuestionAnsweringPredictor(
        graph,
        served_tokenizer(checkpoint.tokenizer),
        AnsweringSettings(MAX_LENGTH).to_json(),
        Limits(max_tokens=100_000),
    )
    asking = pipeline("question-answering", model=checkpoint.model, tokenizer=checkpoint.tokenizer, device="cpu")
    return Both(predictor, asking)


def _scores_of(graph: bytes) -> Callable[..., Any]:
    """A hook that compares the scores of a model with the graph's, and puts the graph's in their place."""
    session = ort.InferenceSession(graph)
    names = [node.name for node in session.get_inputs()]

    def replace(_: Any, __: Any, given: dict[str, Any], found: Any) -> Any:
        tokens = given["attention_mask"][0].numpy().astype(bool)  # ours fills no window up
        read = {name: given[name].numpy()[:, tokens] for name in names}
        for name, scores in zip(WINDOW_OUTPUTS, session.run(WINDOW_OUTPUTS, read), strict=True):
            by_torch = found[name].detach().numpy()
            np.testing.assert_allclose(scores[0], by_torch[0, tokens], atol=CLOSE_SCORES, err_msg=name)
            by_torch[0, tokens] = scores[0]
        return found

    return replace


def assert_same(ours: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]]) -> None:
    """Once spans run out, the pipeline adds spans of score 0, some of which end before they start."""
    likely = [one for one in theirs if one["score"] > 0]
    found = {_span(one): one["score"] for one in ours}
    assert [one["score"] for one in ours[: len(likely)]] == pytest.approx(
        [one["score"] for one in likely], abs=1e-5, rel=CLOSE
    )
    for one in likely:
        # one that is missing is as good as the last one, and was cut off
        expected = one["score"] if _span(one) in found else likely[-1]["score"]
        assert found.get(_span(one), one["score"]) == pytest.approx(expected, abs=1e-5, rel=CLOSE)
    assert all(one["score"] == 0 for one in ours[len(likely) :])


def _span(answer: dict[str, Any]) -> tuple[Any, ...]:
    return answer["start"], answer["end"], answer["answer"]


def questions() -> dict[str, int]:
    """The number of questions by family."""
    asked_of_all = os.environ.get("DESPLIEGUE_QUESTIONS")
    return dict.fromkeys(HUB_TOKENIZERS, int(asked_of_all)) if asked_of_all else SAMPLED


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # numpy 2 of torch's tensors
@pytest.mark.parametrize(("family", "number"), questions().items(), ids=questions())
def test_answers_are_those_of_the_pipeline(both: Callable[[str], Both], family: str, number: int) -> None:
    pair = both(family)
    for one in asked(number):
        assert_same(pair.ours(one), pair.theirs(one))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("family", ["bert", "longformer"])
@pytest.mark.parametrize("text", ["</s>", "[SEP]", "<mask> [MASK] <pad>", "a </s></s> b [SEP][CLS] c <s>"])
def test_the_name_of_a_special_token_is_text(both: Callable[[str], Both], family: str, text: str) -> None:
    """The pipeline reads it as text too, if its tokenizer has this option."""
    pair = both(family)
    one = Asked(f"¿Qué es {text}?", f"Dice {text} en enero, {text}.", {"top_k": 20})
    assert_same(pair.ours(one), pair.theirs(one))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("family", ["bert", "longformer"])
def test_windows_that_the_pipeline_fills_up_have_the_same_answers(both: Callable[[str], Both], family: str) -> None:
    pair = both(family)
    for one in asked(5, seed=1):
        padded = Asked(one.question, one.context, {**one.parameters, "padding": "max_length"})
        assert_same(pair.ours(one), pair.theirs(padded))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize(
    ("word", "parameters"),
    [
        ("enero", {}),
        ("a", {}),
        ("a", {"top_k": 20}),
        *((word, {"handle_impossible_answer": True}) for word in ("enero", "a")),
    ],
)
def test_scores_of_many_short_windows_are_added_up_as_the_pipeline_does(
    both: Callable[[str], Both], word: str, parameters: dict[str, Any]
) -> None:
    """A sum of probabilities, which may exceed 1: the text of the answer is in every window.

    `enero` is five tokens. Windows cut it, and with 20 answers the pipeline has spans of score 0 among them: it puts a
    part of the word where such a span stood first, ours where it had a score. So `top_k` is asked with one token.
    """
    pair, context = both("bert"), " ".join([word] * 400)
    one = Asked("x", context, {"max_seq_len": 16, "doc_stride": 0, "max_answer_len": 1, **parameters})
    assert_same(pair.ours(one), pair.theirs(one))
    assert pair.ours(one)[0]["score"] > 1
