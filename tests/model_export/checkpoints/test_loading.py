"""Checkpoints that load, and messages about the ones that do not; those that answer questions stand for all."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import CheckpointError
from functions.predictors.tokenizer import open_tokenizer
from tests.model_export.checkpoints.tiny import LENGTH, TEXTS, change, write_checkpoint

torch = pytest.importorskip("torch", reason="loading needs torch, which this environment lacks")
pytest.importorskip("transformers", reason="loading needs transformers, which this environment lacks")

from model_export.checkpoints.families import FAMILIES  # noqa: E402
from model_export.checkpoints.loading import Checkpoint, refuse_larger_than_a_graph  # noqa: E402
from model_export.checkpoints.tokenization import served_tokenizer  # noqa: E402
from model_export.question_answering.checkpoints import load_checkpoint  # noqa: E402

Checkpoints = Callable[[str], Path]


@pytest.fixture
def longformer(checkpoint: Checkpoints, tmp_path: Path) -> Path:
    """A copy that belongs to the test."""
    return Path(shutil.copytree(checkpoint("longformer"), tmp_path / "longformer"))


def load(folder: Path, **options: Any) -> Checkpoint:
    return load_checkpoint(folder, **{"trust_pickle": False, **options})


def pickled(folder: Path) -> Path:
    """The same weights as torch.save writes them."""
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_loads(checkpoint: Checkpoints, family: str) -> None:
    found = load(checkpoint(family))
    assert (found.family, found.max_length, found.args) == (family, LENGTH, {})
    assert found.model.config.model_type == family
    assert not found.model.training


def test_positions_bound_the_length_where_the_tokenizer_says_nothing(longformer: Path) -> None:
    change(longformer / "tokenizer_config.json", model_max_length=None)
    assert load(longformer).max_length == LENGTH


def test_the_tokenizer_may_bound_the_length_further(longformer: Path) -> None:
    change(longformer / "tokenizer_config.json", model_max_length=99)
    assert load(longformer).max_length == 99


def test_a_length_may_be_asked_for(longformer: Path) -> None:
    assert load(longformer, max_length=64).max_length == 64


def test_pickled_weights_need_the_flag(longformer: Path) -> None:
    with pytest.raises(CheckpointError, match=r"pickled weights, and reading a pickle may run code.*--trust-pickle"):
        load(pickled(longformer))


def test_trusted_pickled_weights_are_the_same(longformer: Path, checkpoint: Checkpoints) -> None:
    found = load(pickled(longformer), trust_pickle=True).model.state_dict()
    expected = load(checkpoint("longformer")).model.state_dict()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_half_precision_is_widened(longformer: Path) -> None:
    model = load(longformer).model
    model.half().save_pretrained(longformer)
    assert {weight.dtype for weight in load(longformer).model.parameters()} == {torch.float32}


def test_a_bigbird_has_full_attention_and_windows_that_are_short_enough_for_it(tmp_path: Path) -> None:
    write_checkpoint(
        tmp_path / "big_bird", "big_bird", attention_type="block_sparse", block_size=8, num_random_blocks=3
    )
    found = load(tmp_path / "big_bird")
    assert (found.max_length, found.model.bert.attention_type) == (88, "original_full")


@pytest.mark.parametrize("family", ["mobilebert", "t5", "modernish"])
def test_another_family_is_refused(longformer: Path, family: str) -> None:
    change(longformer / "config.json", model_type=family)
    with pytest.raises(CheckpointError, match=f"a '{family}' is not "):
        load(longformer)


@pytest.mark.parametrize(
    ("family", "name", "ids"),
    [
        ("xlm-roberta", "sentencepiece.bpe.model", {}),
        ("deberta-v2", "spm.model", {"pad_id": 0, "bos_id": 1, "eos_id": 2, "unk_id": 3, "pad_piece": "[PAD]"}),
    ],
)
def test_a_tokenizer_in_the_file_of_sentencepiece_alone_is_converted(
    tmp_path: Path, family: str, name: str, ids: dict[str, object]
) -> None:
    """As many multilingual checkpoints are on the hub."""
    pieces = pytest.importorskip("sentencepiece", reason="sentencepiece reads its files; this environment lacks it")
    marks = {"bos_piece": "[CLS]", "eos_piece": "[SEP]", "unk_piece": "[UNK]"} if ids else {}
    folder, trained = tmp_path / family, io.BytesIO()
    write_checkpoint(folder, family)
    for stale in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        (folder / stale).unlink()
    pieces.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 3), model_writer=trained, vocab_size=200, hard_vocab_limit=False,
        minloglevel=2, **ids, **marks,
    )  # fmt: skip
    (folder / name).write_bytes(trained.getvalue())
    served = open_tokenizer(served_tokenizer(load(folder).tokenizer))
    assert {"▁la", "▁de"} <= set(served.encode("la beca  de transporte").tokens)
    assert '"Precompiled"' in served.to_str()


def test_a_tokenizer_in_the_file_of_sentencepiece_alone_needs_its_package(
    checkpoint: Checkpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(checkpoint("xlm-roberta"), tmp_path / "xlm-roberta"))
    (folder / "tokenizer.json").rename(folder / "sentencepiece.bpe.model")
    monkeypatch.setattr("model_export.checkpoints.loading.find_spec", lambda name: None)
    with pytest.raises(CheckpointError, match="holds no tokenizer that loads") as refusal:
        load(folder)
    assert "python -m pip install sentencepiece" in str(refusal.value)


def test_a_checkpoint_without_a_layer_is_refused(longformer: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(longformer / "model.safetensors")
    del weights["longformer.encoder.layer.1.output.dense.weight"]
    save_file(weights, longformer / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"lacks weights of its own architecture: .*layer\.1\.output"):
        load(longformer)


@pytest.mark.parametrize(
    ("name", "message"),
    [("config.json", "config.json is missing"), ("model.safetensors", r"no model\.safetensors")],
)
def test_what_is_missing_is_named(longformer: Path, name: str, message: str) -> None:
    (longformer / name).unlink()
    with pytest.raises(CheckpointError, match=message):
        load(longformer)


def test_a_checkpoint_without_a_tokenizer_is_refused(longformer: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "special_tokens_map.json"):
        (longformer / name).unlink()
    with pytest.raises(CheckpointError, match="holds no tokenizer that loads"):
        load(longformer)


@pytest.mark.parametrize("body", ["{", "[]", "\xff"])
def test_a_damaged_config_is_refused(longformer: Path, body: str) -> None:
    (longformer / "config.json").write_bytes(body.encode("latin-1"))
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load(longformer)


def test_damaged_weights_are_refused(longformer: Path) -> None:
    (longformer / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(CheckpointError, match="the weights cannot be loaded"):
        load(longformer)


def test_a_tokenizer_of_another_model_is_refused(longformer: Path) -> None:
    shutil.rmtree(longformer)
    write_checkpoint(longformer, "longformer", vocab_size=100)
    with pytest.raises(CheckpointError, match="they do not fit"):
        load(longformer)


def test_a_longformer_that_looks_for_another_separator_is_refused(longformer: Path) -> None:
    change(longformer / "config.json", sep_token_id=9)
    with pytest.raises(CheckpointError, match="sep_token_id is 2 to the tokenizer and 9 to the model"):
        load(longformer)


def test_a_model_is_refused_from_the_size_on_that_a_graph_cannot_hold(
    longformer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 4 * sum(weight.numel() for weight in load(longformer).model.parameters())
    monkeypatch.setattr("model_export.checkpoints.loading.LARGEST_BYTES", size)
    load(longformer)
    monkeypatch.setattr("model_export.checkpoints.loading.LARGEST_BYTES", size - 1)
    with pytest.raises(CheckpointError, match=f"longformer: its weights take {size} bytes .* at most {size - 1}: take"):
        load(longformer)


@pytest.mark.parametrize(("layers", "width", "is_refused"), [(12, 768, False), (24, 1024, True)])
def test_of_the_published_models_a_base_size_is_taken_and_a_large_one_with_many_words_is_not(
    layers: int, width: int, *, is_refused: bool
) -> None:
    """XLM-RoBERTa, of 278 and 560 million weights, whose numbers are never allocated."""
    from transformers import AutoConfig, AutoModelForQuestionAnswering

    config = AutoConfig.for_model(
        "xlm-roberta", vocab_size=250_002, max_position_embeddings=514, type_vocab_size=1,
        num_hidden_layers=layers, hidden_size=width, intermediate_size=4 * width, num_attention_heads=width // 64,
    )  # fmt: skip
    kind: Any = AutoModelForQuestionAnswering
    with torch.device("meta"):
        model = kind.from_config(config)
    if is_refused:
        with pytest.raises(CheckpointError, match=r"^large: its weights take 22\d{8} bytes"):
            refuse_larger_than_a_graph(model, "large")
    else:
        refuse_larger_than_a_graph(model, "base")


def test_training_arguments_next_to_the_weights_are_kept(longformer: Path) -> None:
    (longformer / "model_args.json").write_text('{"learning_rate": 4e-05, "num_train_epochs": 3}', encoding="utf-8")
    assert load(longformer).args == {"learning_rate": 4e-05, "num_train_epochs": 3}
