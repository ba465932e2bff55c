"""Checkpoints by their folder or their id; a hub on this machine answers as the real one does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from functions.core.errors import CheckpointError
from tests.model_export.checkpoints.hub_server import REVISION, Hub, serving

pytest.importorskip("huggingface_hub", reason="fetching needs huggingface_hub, which this environment lacks")

from model_export.checkpoints.hub import Source, fetch

TOKEN = "hf_of_this_test"  # noqa: S105
HUB_ID = "becas/longformer-squad-es"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The names of a checkpoint, and of files that have no business here."""
    found = tmp_path / "repository"
    found.mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors", "pytorch_model.bin", "tf_model.h5", "run.py"):
        (found / name).write_text(f"this is {name}")
    (found / "config.json").write_text('{"model_type": "longformer"}')
    return found


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def names(source: Source) -> list[str]:
    return sorted(path.name for path in source.folder.iterdir())


def test_a_folder_is_taken_as_it_is(folder: Path) -> None:
    assert fetch(str(folder), trust_pickle=False) == Source(folder)


@pytest.mark.parametrize("source", ["nowhere", "./no/such/folder", "a/b/c", "", "../up", "outputs/a--b"])
def test_what_is_neither_a_folder_nor_an_id_is_refused(source: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no folder here"):
        fetch(source or str(tmp_path / "absent"), trust_pickle=False)


@pytest.mark.usefixtures("hub_cache")
def test_a_hub_model_comes_with_its_commit_and_with_the_token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with serving(Hub(folder, token=TOKEN)) as hub:
        found = fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)
    assert (found.hub_id, found.revision) == (HUB_ID, REVISION)
    assert names(found) == ["config.json", "model.safetensors", "tokenizer.json"]
    assert {authorization for _, authorization in hub.seen} == {f"Bearer {TOKEN}"}


@pytest.mark.usefixtures("hub_cache")
def test_a_commit_is_fetched_that_is_not_the_last(folder: Path, unused_port: int) -> None:
    with serving(Hub(folder)) as hub:
        found = fetch(HUB_ID, trust_pickle=False, endpoint=hub.address, revision=REVISION)
        assert all(f"/{REVISION}" in path for path, _ in hub.seen)
        hub.unknown = "f" * 40
        with pytest.raises(CheckpointError, match=f"the hub has no {HUB_ID} at {hub.unknown} any more: begin anew"):
            fetch(HUB_ID, trust_pickle=False, endpoint=hub.address, revision=hub.unknown)
    unreachable = f"http://127.0.0.1:{unused_port}"
    assert fetch(HUB_ID, trust_pickle=False, endpoint=unreachable, revision=REVISION) == found
    with pytest.raises(CheckpointError, match="cannot be reached"):
        fetch(HUB_ID, trust_pickle=False, endpoint=unreachable)


@pytest.mark.usefixtures("hub_cache")
def test_without_a_token_none_is_sent(folder: Path) -> None:
    with serving(Hub(folder)) as hub:
        fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)
    assert {authorization for _, authorization in hub.seen} == {None}


@pytest.mark.parametrize("trust_pickle", [False, True])
@pytest.mark.usefixtures("hub_cache")
def test_pickled_weights_are_fetched_only_when_trusted(folder: Path, trust_pickle: bool) -> None:
    (folder / "model.safetensors").unlink()
    with serving(Hub(folder)) as hub:
        found = fetch(HUB_ID, trust_pickle=trust_pickle, endpoint=hub.address)
    assert ("pytorch_model.bin" in names(found)) is trust_pickle


@pytest.mark.usefixtures("hub_cache")
def test_safetensors_are_preferred_to_trusted_pickles(folder: Path) -> None:
    with serving(Hub(folder)) as hub:
        found = fetch(HUB_ID, trust_pickle=True, endpoint=hub.address)
    assert names(found) == ["config.json", "model.safetensors", "tokenizer.json"]


@pytest.mark.usefixtures("hub_cache")
def test_a_family_that_is_not_served_is_refused_before_its_weights_are_fetched(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "t5"}')
    with serving(Hub(folder)) as hub, pytest.raises(CheckpointError, match="it has a decoder, which writes texts"):
        fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)
    assert {path.rsplit("/", 1)[-1] for path, _ in hub.seen} == {HUB_ID.partition("/")[2], "config.json"}


@pytest.mark.usefixtures("hub_cache")
def test_a_repository_without_a_configuration_is_no_checkpoint(folder: Path) -> None:
    (folder / "config.json").unlink()
    with serving(Hub(folder)) as hub, pytest.raises(CheckpointError, match=r"holds no config\.json"):
        fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)


@pytest.mark.usefixtures("hub_cache")
def test_the_file_of_sentencepiece_comes_with_the_weights(folder: Path) -> None:
    (folder / "tokenizer.json").rename(folder / "sentencepiece.bpe.model")
    with serving(Hub(folder)) as hub:
        found = fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)
    assert names(found) == ["config.json", "model.safetensors", "sentencepiece.bpe.model"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hub_id": "some/other"}, "neither a folder here nor a model that the hub shows without a token"),
        ({"token": "another"}, r"\(401\) without a token: set HF_TOKEN"),
        ({"gated": True}, "is gated: ask for access on its page"),
        ({"status": 503}, "answered 503; try again later"),
    ],
    ids=["not found", "private", "gated", "down"],
)
@pytest.mark.usefixtures("hub_cache")
def test_refusals_of_the_hub_are_explained(folder: Path, change: dict[str, object], message: str) -> None:
    hub = Hub(folder)
    for name, value in change.items():
        setattr(hub, name, value)
    with serving(hub), pytest.raises(CheckpointError, match=message):
        fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)


@pytest.mark.usefixtures("hub_cache")
def test_a_wrong_token_is_not_printed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with serving(Hub(folder, token="another")) as hub, pytest.raises(CheckpointError) as raised:  # noqa: S106
        fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)
    assert "to the account of HF_TOKEN" in str(raised.value)
    assert TOKEN not in str(raised.value)


@pytest.mark.usefixtures("hub_cache")
@pytest.mark.parametrize("token", [f"{TOKEN}\n", f" {TOKEN}", f"{TOKEN}é"])
def test_a_token_that_no_header_can_hold_is_refused_and_not_printed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with serving(Hub(folder)) as hub, pytest.raises(CheckpointError, match="HF_TOKEN holds a space") as raised:
        fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)
    assert TOKEN not in str(raised.value)
    assert hub.seen == []


@pytest.mark.usefixtures("hub_cache")
def test_without_a_network_it_says_what_to_do(unused_port: int) -> None:
    with pytest.raises(CheckpointError, match=f"hf download {HUB_ID} --local-dir FOLDER"):
        fetch(HUB_ID, trust_pickle=False, endpoint=f"http://127.0.0.1:{unused_port}")


@pytest.mark.usefixtures("hub_cache")
def test_without_a_network_the_cache_serves(folder: Path, unused_port: int) -> None:
    with serving(Hub(folder)) as hub:
        first = fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)
    assert fetch(HUB_ID, trust_pickle=False, endpoint=f"http://127.0.0.1:{unused_port}") == first


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"torn": "model.safetensors"}, "ChunkedEncodingError"),
        ({"short": "model.safetensors"}, "Consistency check failed"),
        ({"torn": "config.json"}, "ChunkedEncodingError"),
        ({"torn": HUB_ID}, "ChunkedEncodingError"),
        ({"unanswered": "/revision/main"}, "model.safetensors, tokenizer.json did not come"),
    ],
    ids=["in the weights", "short weights", "in the configuration", "in the list", "before the weights"],
)
@pytest.mark.usefixtures("hub_cache")
def test_a_download_that_breaks_off_is_no_model_and_says_what_to_do(
    folder: Path, change: dict[str, str], cause: str
) -> None:
    hub = Hub(folder)
    with serving(hub):
        for name, value in change.items():
            setattr(hub, name, value)
        with pytest.raises(CheckpointError, match=f"{HUB_ID}: the download broke off: run it again .*{cause}"):
            fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)
        for name in change:
            setattr(hub, name, None)
        found = fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)
    assert names(found) == ["config.json", "model.safetensors", "tokenizer.json"]


@pytest.mark.parametrize(
    ("weights", "lost"),
    [
        (["model.safetensors"], "model.safetensors"),
        (["model.safetensors"], "tokenizer.json"),
        (["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"], "model-00001-of-00002.safetensors"),
    ],
)
@pytest.mark.usefixtures("hub_cache")
def test_without_a_network_a_part_of_a_model_is_not_taken_for_it(
    folder: Path, unused_port: int, weights: list[str], lost: str
) -> None:
    (folder / "model.safetensors").unlink()
    for name in weights:
        (folder / name).write_text("weights")
    unreachable = f"http://127.0.0.1:{unused_port}"
    with serving(Hub(folder)) as hub:
        found = fetch(HUB_ID, trust_pickle=False, endpoint=hub.address)
    assert fetch(HUB_ID, trust_pickle=False, endpoint=unreachable) == found
    (found.folder / lost).unlink()
    with pytest.raises(CheckpointError, match=r"cannot be reached .* has only a part of it: run it again"):
        fetch(HUB_ID, trust_pickle=False, endpoint=unreachable)


def test_the_environment_names_the_hub(folder: Path, tmp_path: Path, root: Path) -> None:
    """In a process of its own, since huggingface_hub reads HF_ENDPOINT when it is imported."""
    code = f"from model_export.checkpoints.hub import fetch; print(fetch({HUB_ID!r}, trust_pickle=False).folder)"
    with serving(Hub(folder, token=TOKEN)) as hub:
        environment = {**os.environ, "HF_ENDPOINT": hub.address, "HF_TOKEN": TOKEN, "HF_HOME": str(tmp_path / "hf")}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, check=True
        )
    assert Path(done.stdout.strip()).name == REVISION
    assert TOKEN not in done.stdout + done.stderr


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
    return port
