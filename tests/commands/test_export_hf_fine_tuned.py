"""despliegue export-hf of what finetune-qa made: its arguments and its results are those of the version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.model_folder import load_definition
from functions.local.application import local_application
from functions.local.home import Home
from model_export.commands.main import main
from tests.commands import empty_home
from tests.commands.empty_home import Command
from tests.model_export.checkpoints.tiny import write_checkpoint
from tests.model_export.fine_tuning.small import QUESTIONS

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

home, command = empty_home.home, empty_home.export_hf


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that finetune-qa wrote, with test.json next to it; read only."""
    pytest.importorskip("accelerate", reason="fine-tuning needs accelerate, which this environment lacks")
    root = tmp_path_factory.mktemp("learnt")
    write_checkpoint(root / "base", "bert", initializer_range=0.02)
    paragraphs = [
        {
            "context": one.context,
            "qas": [
                {
                    "id": one.id,
                    "question": one.text,
                    "is_impossible": not one.answers,
                    "answers": [{"text": answer.text, "answer_start": answer.start} for answer in one.answers],
                }
            ],
        }
        for one in QUESTIONS
    ]
    (root / "test.json").write_text(json.dumps(paragraphs), encoding="utf-8")
    arguments = {
        "max_seq_length": 96,
        "max_query_length": 32,
        "doc_stride": 40,
        "max_answer_length": 30,
        "num_train_epochs": 8,
        "learning_rate": 0.002,
        "manual_seed": 3,
        "n_gpu": 0,
        "use_multiprocessing": "false",
    }
    files = ("--train", root / "test.json", "--test", root / "test.json")
    asked = [part for name, value in arguments.items() for part in ("--arg", f"{name}={value}")]
    done = main(["finetune-qa", *map(str, files), "--base", str(root / "base"), "--out", str(root / "out"), *asked])
    assert done == 0
    return root / "out"


def test_what_was_fine_tuned_is_served_with_its_arguments_and_results(
    command: Command, home: Home, learnt: Path, connect: Callable[[ASGIApp], httpx.Client]
) -> None:
    status, out, err = command(learnt, "--name", "dudas")
    assert status == 0, err
    assert out.splitlines()[0] == (
        "dudas: settings of its training: max_length 96, max_question_len 32, max_answer_len 30, "
        "handle_impossible_answer true, doc_stride 21"
    )
    definition = load_definition(Path("models/dudas"))
    client = connect(local_application(home, {"dudas": definition}, base_url="http://localhost"))

    def data(path: str) -> Any:
        answer = client.get(f"/models/dudas{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    results = json.loads((learnt / "eval_results.json").read_text(encoding="utf-8"))
    args = json.loads((learnt / "model_args.json").read_text(encoding="utf-8"))
    of_the_machine = {"output_dir", "best_model_dir", "overwrite_output_dir", "wandb_project", "wandb_kwargs"}
    assert data("/args")["args"] == {name: value for name, value in args.items() if name not in of_the_machine}
    assert data("/args/learning_rate") == {"learning_rate": 0.002}
    assert data("/performance")["performance"] == {"overall": results}
    assert data("/performance?filter=overall")["performance"]["f1"] == results["f1"]
    assert data("/versions/1")["metrics"] == data("")["metrics"] == results


def test_the_metrics_of_the_export_are_added_to_the_training_s_and_are_equal(
    command: Command, home: Home, learnt: Path
) -> None:
    status, _, err = command(learnt, "--name", "dudas", "--evaluation", learnt.parent / "test.json")
    assert status == 0, err
    manifest = home.registry.manifest("dudas", 1)
    performance = json.loads(home.registry.artifact(manifest, "performance.json"))
    assert performance == {
        "overall": manifest.metrics,
        "training": json.loads((learnt / "eval_results.json").read_text(encoding="utf-8")),
    }
    assert "exact_impossible" in manifest.metrics
    assert manifest.metrics == {name: performance["training"][name] for name in manifest.metrics}


def test_options_override_the_arguments_of_the_training(command: Command, home: Home, learnt: Path) -> None:
    said = ("--max-length", 80, "--max-question-len", 20, "--max-answer-len", 9, "--no-impossible")
    status, out, err = command(learnt, "--name", "dudas", *said)
    assert status == 0, err
    assert "settings of its training" not in out
    settings = json.loads(home.registry.artifact(home.registry.manifest("dudas", 1), "answering.json"))
    assert settings == {
        "max_length": 80,
        "max_question_len": 20,
        "max_answer_len": 9,
        "handle_impossible_answer": False,
        "doc_stride": None,
    }
