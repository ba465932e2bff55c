"""Base checkpoints of every kind, and the folders of saved models."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from functions.core.errors import CheckpointError
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
    train(bert, out)
    assert (out / "eval_results.json").is_file()
    fine_tune(replace(fine_tuning_request(bert, out, overwrite=True), test=()), lambda line: None)
    assert not (out / "eval_results.json").exists()


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
