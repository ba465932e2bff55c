"""despliegue export-hf of a checkpoint that labels texts, to a version that answers as the checkpoint does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.model_folder import load_definition
from functions.local.application import local_application
from functions.local.home import Home
from tests.commands import empty_home
from tests.commands.empty_home import Command
from tests.model_export.checkpoints.tiny import LABELS, TEXTS, write_text_checkpoint
from tests.model_export.text_classification.simple_transformers import scores_of_several_labels, write_several_labels

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

home, command = empty_home.home, empty_home.export_hf


@pytest.fixture(scope="module")
def opinions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that labels texts, read only."""
    folder = tmp_path_factory.mktemp("texts") / "bert"
    write_text_checkpoint(folder, "bert")
    return folder


def test_a_checkpoint_that_labels_texts_is_served_by_both_protocols(
    command: Command, home: Home, opinions: Path, connect: Callable[[ASGIApp], httpx.Client]
) -> None:
    status, out, err = command(opinions, "--name", "opiniones")
    assert status == 0, err
    assert "opiniones: ONNX equals the model on 2" in out
    assert out.splitlines()[-2] == "opiniones version 1"
    manifest = home.registry.manifest("opiniones", 1)
    assert (manifest.task, manifest.kind, manifest.labels) == ("text-classification", "checkpoint", LABELS)
    assert manifest.artifacts.keys() >= {"model.onnx", "tokenizer.json", "labelling.json"}
    definition = load_definition(Path("models/opiniones"))
    client = connect(local_application(home, {"opiniones": definition}, base_url="http://localhost"))
    [predicted] = client.post("/models/opiniones/predict", json={"text": TEXTS[0]}).json()["data"]["predictions"]
    assert set(predicted["scores"]) == set(LABELS)
    assert sum(predicted["scores"].values()) == pytest.approx(1)
    answer = client.post("/models/opiniones", json={"inputs": TEXTS[0], "parameters": {"top_k": 2}})
    [found] = answer.json()
    assert found[0]["label"] == predicted["label"]
    assert [one["score"] for one in found] == sorted(predicted["scores"].values(), reverse=True)[:2]
    refused = client.post("/models/opiniones", json={"inputs": "largo " * 500})
    assert (refused.status_code, "tokens are more than 198" in refused.json()["error"]) == (422, True)
    schema = client.get("/models/opiniones/schema").json()["data"]["prediction_schema"]
    assert schema["properties"]["label"]["enum"] == list(LABELS)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # numpy 2 of torch's tensors
def test_what_simple_transformers_trained_answers_as_there(
    command: Command, home: Home, tmp_path: Path, connect: Callable[[ASGIApp], httpx.Client]
) -> None:
    trained = tmp_path / "outputs"
    write_several_labels(trained, labels_map={"dudas": 0, "quejas": 1, "ánimo": 2})
    status, out, err = command(trained, "--name", "opiniones", "--truncate")
    assert status == 0, err
    assert out.splitlines()[:2] == [
        'opiniones: settings of its training: max_length 64, labels ["dudas", "quejas", "ánimo"]',
        "opiniones: the threshold of its training, 0.3, is not in the version, which gives every label its score: take "
        "the labels whose score reaches it",
    ]
    definition = load_definition(Path("models/opiniones"))
    client = connect(local_application(home, {"opiniones": definition}, base_url="http://localhost"))
    texts = [TEXTS[0], TEXTS[0] * 9]
    body = [{"text": text} for text in texts]
    predictions = client.post("/models/opiniones/predict", json=body).json()["data"]["predictions"]
    for prediction, scores in zip(predictions, scores_of_several_labels(trained, texts), strict=True):
        assert prediction["scores"] == pytest.approx(
            dict(zip(("dudas", "quejas", "ánimo"), scores, strict=True)), abs=1e-5
        )


def test_int8_of_texts_needs_a_file_on_which_it_does_well(command: Command, home: Home, opinions: Path) -> None:
    Path("texts.csv").write_text(f'text,label\n"{TEXTS[0]}",positivo\n', encoding="utf-8")
    status, _, err = command(
        opinions, "--name", "opiniones", "--quantize", "--evaluation", "texts.csv", "--margin", 100
    )
    assert status == 0, err
    manifest = home.registry.manifest("opiniones", 1)
    assert manifest.parity["quantized"]["questions"] == 1
    assert manifest.metrics.keys() == {"accuracy", "f1"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--max-answer-len", "5"], "--max-answer-len: a checkpoint for text-classification has no such setting"),
        (["--task", "question-answering"], "has no question-answering head"),
    ],
)
def test_settings_of_another_task_are_refused(
    command: Command, opinions: Path, arguments: list[str], message: str
) -> None:
    status, _, err = command(opinions, "--name", "opiniones", *arguments)
    assert status == 1
    assert message in err
    assert not Path("models/opiniones").exists()
