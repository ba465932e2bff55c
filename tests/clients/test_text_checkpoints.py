"""Checkpoints that label texts: exported, served by the command, and asked by the client of Hugging Face.

The scores are those of transformers' own pipeline. DESPLIEGUE_CLASSIFIER=FOLDER does the same with a checkpoint of
yours; the weights of a language model are first fine-tuned for the tags of ../shared/data.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.clients.learnt_tags import is_classifier, learn_tags
from tests.model_export.checkpoints.tiny import write_text_checkpoint
from tests.model_export.text_classification.piped import pipeline_scores
from tests.predictors.asked_texts import asked
from tools.serving import Server, serving

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from huggingface_hub import InferenceClient
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from model_export.commands.main import main

RANDOM = {"one-label": "single_label_classification", "several-labels": "multi_label_classification"}
OWN = os.environ.get("DESPLIEGUE_CLASSIFIER")
NAMES = [*RANDOM, *(["own"] if OWN else [])]
TEXTS = [one.context for one in asked(200)]


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Mapping[str, Path]:
    """The folders by the names of the models."""
    root = tmp_path_factory.mktemp("checkpoints")
    for name, problem in RANDOM.items():
        write_text_checkpoint(root / name, "bert", problem_type=problem)
    found = {name: root / name for name in RANDOM}
    if OWN is None:
        return found
    if not is_classifier(Path(OWN)):
        learn_tags(Path(OWN), root / "own", request.getfixturevalue("real_data") / "madewithml")
    return {**found, "own": Path(OWN) if is_classifier(Path(OWN)) else root / "own"}


@pytest.fixture(scope="module")
def texts_server(checkpoints: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`despliegue serve` over what `despliegue export-hf` published."""
    folder = tmp_path_factory.mktemp("texts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESPLIEGUE_HOME", str(folder / "home"))
        patch.chdir(folder)
        for name, checkpoint in checkpoints.items():
            assert main(["export-hf", str(checkpoint), "--name", name, "--truncate"]) == 0
    with serving(folder, folder / "home") as found:
        for name in checkpoints:
            # the time of a first request is for loading as well, and a long text may not fit into the rest of it
            InferenceClient(model=f"{found.url}/models/{name}").text_classification("sí")
        yield found


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # numpy 2 of torch's tensors
@pytest.mark.parametrize("name", NAMES)
def test_200_texts_have_the_scores_of_the_pipeline(
    texts_server: Server, checkpoints: Mapping[str, Path], name: str
) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(checkpoints[name])
    expected = pipeline_scores(model, AutoTokenizer.from_pretrained(checkpoints[name]), TEXTS)
    client = InferenceClient(model=f"{texts_server.url}/models/{name}")
    for text, scores in zip(TEXTS, expected, strict=True):
        found = client.text_classification(text, top_k=len(scores))
        assert {one.label: one.score for one in found} == pytest.approx(scores, abs=1e-5)
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
