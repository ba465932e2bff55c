"""Base checkpoints of every kind, and the folders of saved models."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from functions.core.errors import CheckpointError
from tests.model_export.checkpoints.tiny import change, write_text_checkpoint
from tests.model_export.fine_tuning.small import (
    KILLED,
    QUESTIONS,
    fine_tuning_request,
    train,
    weights,
)


def test_the_folder_holds_the_arguments_and_what_serving_needs(bert: Path, whole: Path, tmp_path: Path) -> None:

    expected = asdict(fine_tuning_request(bert, whole, **KILLED).arguments)
    found = json.loads((whole / "model_args.json").read_text(encoding="utf-8"))
    assert found == json.loads(json.dumps({"model_name": "bert", **expected, "handle_impossible_answer": True}))
    train(bert, tmp_path / "años", questions=QUESTIONS[:4])
    body = (tmp_path / "años" / "model_args.json").read_text(encoding="utf-8")
    assert json.loads(body)["handle_impossible_answer"] is False
    assert "años" in body


def test_results_of_an_earlier_model_do_not_outlive_it(bert: Path, tmp_path: Path) -> None:

    from model_export.fine_tuning.fine_tune import fine_tune

    out = tmp_path / "out"
    results = {"eval_results.json", "eval_results.txt", "predictions_test.json", "nbest_predictions_test.json"}
    train(bert, out)
    assert results <= {path.name for path in out.iterdir()}
    fine_tune(replace(fine_tuning_request(bert, out, overwrite=True), test=()), lambda line: None)
    assert not results & {path.name for path in out.iterdir()}


def test_the_tokenizer_of_an_earlier_model_does_not_outlive_it(bert: Path, longformer: Path, tmp_path: Path) -> None:
    from model_export.fine_tuning.checkpoint_folders import load_base, save_model

    (tmp_path / "notes.txt").write_text("mine")
    for folder in (bert, longformer):
        base = load_base(str(folder), {}, 1, trust_pickle=False)
        save_model(tmp_path, base.model, base.tokenizer, {})
    assert (tmp_path / "merges.txt").is_file()
    assert not (tmp_path / "vocab.txt").exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_base_is_known_by_what_it_holds_and_not_by_its_place_or_the_weights_that_a_checkpoint_has(
    bert: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    from model_export.fine_tuning.checkpoint_folders import load_base

    def digest(base: Path | str, overrides: dict[str, float] | None = None) -> str:
        return load_base(str(base), overrides or {}, 1, trust_pickle=False).digest

    copy = Path(shutil.copytree(bert, tmp_path / "copy"))
    learnt = {name: weight + 1 for name, weight in load_file(copy / "model.safetensors").items()}
    save_file(learnt, copy / "model.safetensors", metadata={"format": "pt"})
    change(copy / "config.json", transformers_version="4.0.0")
    assert digest(bert) == digest(f"{copy}/")
    found = {digest(bert), digest(bert, {"hidden_dropout_prob": 0.5}), digest(copy / "config.json")}
    for file, changed in (
        ("config.json", {"layer_norm_eps": 1e-5}),
        ("tokenizer_config.json", {"model_max_length": 100}),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Whitespace"}}),
    ):
        change(copy / file, **changed)
        found.add(digest(copy))
    assert len(found) == 6


def test_a_configuration_without_weights_gets_random_ones_from_the_seed(bert: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    shutil.copytree(bert, fresh, ignore=shutil.ignore_patterns("*.safetensors"))
    lines: list[str] = []
    for out, base in (("folder", fresh), ("file", fresh / "config.json"), ("wide", fresh)):
        changed = {"config": {"intermediate_size": 20}} if out == "wide" else {}
        train(base, tmp_path / out, lines=lines, **changed)
    assert "fresh weights" in lines[0]
    assert weights(tmp_path / "folder") == weights(tmp_path / "file")
    assert json.loads((tmp_path / "wide" / "config.json").read_text())["intermediate_size"] == 20
    assert len(weights(tmp_path / "wide")) < len(weights(tmp_path / "folder"))


def test_random_weights_are_of_single_precision_whichever_one_the_configuration_names(
    bert: Path, tmp_path: Path
) -> None:
    from model_export.fine_tuning.checkpoint_folders import load_base

    fresh = tmp_path / "fresh"
    shutil.copytree(bert, fresh, ignore=shutil.ignore_patterns("*.safetensors"))
    change(fresh / "config.json", dtype="float16")
    base = load_base(str(fresh), {}, 1, trust_pickle=False)
    assert {str(weight.dtype) for weight in base.model.parameters()} == {"torch.float32"}


def test_sizes_that_do_not_fit_each_other_are_refused(bert: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    shutil.copytree(bert, fresh, ignore=shutil.ignore_patterns("*.safetensors"))
    for base, message in ((bert, "the weights cannot be loaded"), (fresh / "config.json", "makes no model")):
        with pytest.raises(CheckpointError, match=rf"{message}: The hidden size \(32\) is not a multiple"):
            train(base, tmp_path / "out", config={"num_attention_heads": 5})
    assert not (tmp_path / "out").exists()


def test_a_model_that_no_graph_could_hold_is_refused_before_the_training(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model_export.checkpoints.loading.LARGEST_BYTES", 100_000)
    with pytest.raises(CheckpointError, match=r"^bert: its weights take \d{6} bytes in float32, and a graph holds at"):
        train(bert, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_model_with_random_weights_names_no_base(bert: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    shutil.copytree(bert, fresh, ignore=shutil.ignore_patterns("*.safetensors"))
    for number, base in enumerate((fresh, fresh / "config.json")):
        out = tmp_path / str(number)
        train(base, out, save_model_every_epoch=True)
        for folder in (out, out / "checkpoint-5-epoch-1"):
            assert json.loads((folder / "model_args.json").read_text())["model_name"] is None


@pytest.mark.parametrize("labels", [("negativo", "positivo"), ("negativo", "neutro", "positivo")])
def test_a_model_that_labels_texts_gets_a_head_that_answers_in_place_of_its_own(
    tmp_path: Path, labels: tuple[str, ...]
) -> None:
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    from safetensors.torch import load_file

    from model_export.question_answering.checkpoints import load_checkpoint

    base, out = tmp_path / "base", tmp_path / "out"
    write_text_checkpoint(base, "bert", labels, problem_type="single_label_classification")
    assert train(base, out, learning_rate=1e-12).steps == 5
    model = load_checkpoint(out, trust_pickle=False).model
    assert model.qa_outputs.out_features == 2
    assert model.config.id2label == {0: "LABEL_0", 1: "LABEL_1"}
    saved = json.loads((out / "config.json").read_text())
    assert saved["architectures"] == ["BertForQuestionAnswering"]
    assert saved.get("problem_type") is None
    found, learnt = (load_file(folder / "model.safetensors") for folder in (base, out))
    name = "bert.embeddings.word_embeddings.weight"
    assert learnt[name].sub(found[name]).abs().max() < 1e-6


def test_a_language_model_gets_a_head_and_keeps_its_weights(bert: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    base = tmp_path / "base"
    shutil.copytree(bert, base)
    found = load_file(base / "model.safetensors")
    save_file(
        {name: value for name, value in found.items() if not name.startswith("qa_outputs")},
        base / "model.safetensors",
        metadata={"format": "pt"},
    )
    train(base, tmp_path / "out", learning_rate=1e-12)
    learnt = load_file(tmp_path / "out" / "model.safetensors")
    assert learnt.keys() == found.keys()
    name = "bert.embeddings.word_embeddings.weight"
    assert learnt[name].sub(found[name]).abs().max() < 1e-6


def test_a_base_of_pickled_weights_is_read_only_when_trusted(bert: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    base = tmp_path / "base"
    shutil.copytree(bert, base, ignore=shutil.ignore_patterns("*.safetensors"))
    torch.save(load_file(bert / "model.safetensors"), base / "pytorch_model.bin")
    with pytest.raises(
        CheckpointError, match=r"holds pickled weights, and reading a pickle may run code.*--trust-pickle"
    ):
        train(base, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    train(base, tmp_path / "out", trust_pickle=True)
    train(bert, tmp_path / "safe")
    assert weights(tmp_path / "out") == weights(tmp_path / "safe")


def test_a_lower_case_tokenizer_is_trained_with_and_saved(bert: Path, tmp_path: Path) -> None:
    from model_export.checkpoints.loading import tokenizer_of

    train(bert, tmp_path / "out", do_lower_case=True)
    saved = tokenizer_of(tmp_path / "out")
    assert saved.tokenize("BECA") == saved.tokenize("beca")
    assert json.loads((tmp_path / "out" / "model_args.json").read_text())["do_lower_case"] is True
