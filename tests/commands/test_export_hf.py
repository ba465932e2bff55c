"""despliegue export-hf: from a checkpoint to a version in production that answers."""

from __future__ import annotations

import io
import json
import os
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from functions.core.local_storage import LocalStorage
from functions.core.model_folder import load_definition
from functions.core.question_answering import SCHEMA
from functions.core.registry import Registry
from functions.core.version_folder import BAKED, import_version
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from model_export.commands.main import main
from tests.commands import empty_home
from tests.commands.empty_home import Command
from tests.model_export.checkpoints.hub_server import Hub, serving
from tests.model_export.checkpoints.tiny import LENGTH, TEXTS, write_checkpoint

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from model_export.checkpoints.quantize import WAYS

home, command = empty_home.home, empty_home.export_hf


@pytest.fixture(scope="module")
def longformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint, read only."""
    folder = tmp_path_factory.mktemp("checkpoint") / "longformer"
    write_checkpoint(folder, "longformer")
    return folder


@dataclass(frozen=True, slots=True)
class Exported:
    """A home, the working directory next to it, and the output of the command that filled both."""

    root: Path
    out: str
    err: str

    @property
    def home(self) -> Home:
        return Home(self.root / "home")

    @property
    def folder(self) -> Path:
        return self.root / "work/models/dudas"

    def copy(self, home: Home) -> None:
        """Fill another home and its working directory with the same."""
        shutil.copytree(self.root, home.root.parent, dirs_exist_ok=True)


@pytest.fixture(scope="module")
def exported(longformer: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The longformer as version 1 of dudas, in production and baked into its folder; read only."""
    root, out, err = tmp_path_factory.mktemp("exported"), io.StringIO(), io.StringIO()
    (root / "work").mkdir()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("DESPLIEGUE_HOME", str(root / "home"))
        patch.chdir(root / "work")
        status = main(["export-hf", str(longformer), "--name", "dudas", "--bake"])
    assert status == 0, err.getvalue()
    return Exported(root, out.getvalue(), err.getvalue())


@pytest.fixture
def questions(home: Home) -> Path:
    path = Path("test.json").resolve()
    qas = [{"question": "¿Qué paga?", "answers": [{"text": "el abono", "answer_start": 27}]}]
    path.write_text(json.dumps([{"context": TEXTS[0], "qas": qas}]), encoding="utf-8")
    return path


def test_a_checkpoint_becomes_a_version_in_production(exported: Exported) -> None:
    assert "dudas: ONNX equals the model on" in exported.out
    assert exported.out.splitlines()[-3:] == [
        "dudas version 1",
        "baked into models/dudas",
        "promoted: put in production by command, without the gate",
    ]
    assert list(dict.fromkeys(line.split()[1] for line in exported.err.splitlines())) == [
        "fetch", "import", "load", "export", "optimise", "parity", "publish",
    ]  # fmt: skip
    registry = exported.home.registry
    manifest = registry.manifest("dudas", 1)
    assert manifest.artifacts.keys() == {
        "model.onnx",
        "tokenizer.json",
        "answering.json",
        "parity.json",
        "performance.json",
    }
    assert (manifest.task, manifest.schema, manifest.labels, manifest.data) == ("question-answering", SCHEMA, (), None)
    assert (manifest.metrics, manifest.args) == ({}, {})
    assert manifest.libraries.keys() >= {"torch", "transformers", "optimum-onnx", "onnxruntime", "tokenizers"}
    parity = json.loads(registry.artifact(manifest, "parity.json"))
    assert parity == json.loads(json.dumps(dict(manifest.parity)))
    assert parity["max_absolute_difference"] < parity["tolerance"] == 1e-4
    assert json.loads(registry.artifact(manifest, "answering.json"))["max_length"] == LENGTH
    assert registry.pointer("dudas").production is not None


@pytest.mark.usefixtures("damaged_graphs")
def test_a_version_that_cannot_serve_is_neither_promoted_nor_baked(
    command: Command, home: Home, longformer: Path
) -> None:
    status, out, err = command(longformer, "--name", "dudas", "--bake")
    assert status == 1
    assert "promoted" not in out
    assert err.splitlines()[-1].startswith("despliegue: dudas version 1 is not promoted, because it cannot serve: ")
    assert (home.registry.versions("dudas"), home.registry.promotable("dudas").production) == ([1], None)
    assert not Path("models/dudas/baked").exists()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_the_version_answers_as_the_checkpoint_does(exported: Exported, longformer: Path) -> None:
    from transformers import pipeline

    loaded = LoadedVersion.load(exported.home.registry, "dudas", 1)
    example = dict(load_definition(exported.folder).examples[0])
    (answer,) = loaded.predict(loaded.validate([example])).predictions
    checkpoint = pipeline("question-answering", model=str(longformer), device="cpu")
    expected = checkpoint(question=example["question"], context=example["context"])
    assert answer == {**expected, "score": pytest.approx(expected["score"], rel=1e-3)}


def test_a_second_export_keeps_the_folder_and_need_not_be_promoted(
    command: Command, home: Home, longformer: Path, exported: Exported
) -> None:
    exported.copy(home)
    Path("models/dudas/examples.json").write_text('[{"question": "¿Sí?", "context": "No."}]', encoding="utf-8")
    status, out, _ = command(longformer, "--name", "dudas", "--no-promote", "--max-length", "64", "--impossible")
    assert (status, out.splitlines()[-2]) == (0, "dudas version 2")
    assert out.endswith("not promoted: published without a promotion\n")
    manifest = home.registry.manifest("dudas", 2)
    assert manifest.example == {"question": "¿Sí?", "context": "No."}
    settings = json.loads(home.registry.artifact(manifest, "answering.json"))
    assert (settings["max_length"], settings["handle_impossible_answer"]) == (64, True)
    production = home.registry.pointer("dudas").production
    assert production is not None
    assert production.version == 1


def test_an_evaluation_gives_the_metrics_and_another_registry_may_be_named(
    command: Command, home: Home, longformer: Path, questions: Path, tmp_path: Path
) -> None:
    elsewhere = ("--registry", tmp_path / "elsewhere", "--models", "mine")
    status, out, err = command(longformer, "--name", "dudas", "--evaluation", questions, *elsewhere)
    assert status == 0, err
    manifest = Registry(LocalStorage(tmp_path / "elsewhere")).manifest("dudas", 1)
    assert manifest.metrics.keys() == {"exact", "f1"}
    assert "dudas version 1: exact " in out
    assert load_definition(Path("mine/dudas")).task == "question-answering"
    assert home.registry.versions("dudas") == []


def test_int8_is_published_within_the_margin(
    command: Command, home: Home, longformer: Path, exported: Exported, questions: Path
) -> None:
    asked = ("--quantize", "--evaluation", questions, "--margin", "100")
    status, _, err = command(longformer, "--name", "dudas", *asked)
    assert status == 0, err
    manifest = home.registry.manifest("dudas", 1)
    assert manifest.parity["quantized"].keys() >= {"margin", "exact_metrics", "questions"}
    assert manifest.artifacts["model.onnx"] != exported.home.registry.manifest("dudas", 1).artifacts["model.onnx"]


def test_int8_that_loses_more_than_the_margin_is_not_published(
    command: Command, home: Home, longformer: Path, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worse = {"exact": 78.0, "f1": 89.5}
    measured = iter([{"exact": 80.0, "f1": 90.0}, *[worse] * len(WAYS)])
    monkeypatch.setattr(
        "model_export.question_answering.candidate.evaluate", lambda files, questions, report: next(measured)
    )
    status, _, err = command(longformer, "--name", "dudas", "--quantize", "--evaluation", questions)
    assert status == 1
    assert "exact falls from 80.00 to 78.00; nothing is published" in err
    assert home.registry.versions("dudas") == []


def test_a_broken_export_is_not_published(
    command: Command, home: Home, longformer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Make the band one key too narrow on each side."""
    from model_export.checkpoints import banded

    whole = banded._band
    monkeypatch.setattr(banded, "_band", lambda sequence, window: whole(sequence, window - 1))
    status, out, err = command(longformer, "--name", "dudas")
    assert (status, out) == (1, "")
    assert "ONNX is not the model on" in err
    assert "nothing is published" in err
    assert home.registry.versions("dudas") == []
    assert not Path("models/dudas").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no/such", "--name", "dudas"), "the hub cannot be reached for no/such"),
        (("nowhere", "--name", "dudas"), "'nowhere' is no folder here"),
        (("nowhere", "--name", "Dudas"), "'Dudas' is not a name for a model"),
        (("nowhere", "--name", "dudas", "--max-answer-len", "0"), "--max-answer-len is 0: an answer has at least one"),
        (("nowhere", "--name", "dudas", "--max-question-len", "0"), "--max-question-len is 0: a question has at least"),
        (("nowhere", "--name", "dudas", "--quantize"), "--quantize needs --evaluation FILE"),
        (("nowhere", "--name", "dudas", "--evaluation", "absent.json"), "absent.json: cannot be read"),
    ],
)
def test_an_export_that_cannot_be_is_refused_before_anything_is_done(
    command: Command, home: Home, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    status, out, err = command(*arguments)
    assert (status, out) == (1, "")
    assert message in err.splitlines()[-1]
    assert not Path("models").exists()


def test_pickled_weights_are_read_when_asked_for(command: Command, home: Home, longformer: Path) -> None:
    import torch
    from safetensors.torch import load_file

    folder = Path(shutil.copytree(longformer, "pickled"))
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    status, _, err = command(folder, "--name", "dudas")
    assert status == 1
    assert "--trust-pickle" in err
    assert command(folder, "--name", "dudas", "--trust-pickle")[0] == 0


def test_a_model_of_the_hub_is_fetched_by_its_id(
    command: Command, home: Home, longformer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model_export.checkpoints import hub as fetching

    monkeypatch.setenv("HF_TOKEN", "hf_of_this_test")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    original = fetching.fetch
    with serving(Hub(longformer, token="hf_of_this_test")) as hub:  # noqa: S106
        monkeypatch.setattr(
            fetching, "fetch", lambda source, **options: original(source, endpoint=hub.address, **options)
        )
        status, out, err = command(hub.hub_id, "--name", "dudas")
    assert status == 0, err
    assert load_definition(Path("models/dudas")).hub_id == hub.hub_id
    assert hub.hub_id in home.registry.manifest("dudas", 1).parity["source"]
    assert os.environ["HF_TOKEN"] not in out + err


@pytest.mark.parametrize("arguments", [("train", "becas", "--data", "x.csv"), ("check", "becas")])
def test_it_is_the_one_way_to_a_version(
    home: Home, root: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert main([*arguments, "--models", str(root / "models")]) == 1
    assert "publish a version with `despliegue export-hf`" in capsys.readouterr().err
    assert not home.has_registry


def test_it_may_be_baked_into_the_folder(exported: Exported, tmp_path: Path) -> None:
    elsewhere = Registry(LocalStorage(tmp_path / "elsewhere"))
    imported = import_version(elsewhere, "dudas", exported.folder / BAKED)
    assert imported.artifacts == exported.home.registry.manifest("dudas", 1).artifacts
