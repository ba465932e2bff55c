"""A checkpoint pushed to a hub on this machine, and what comes back from there."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import CheckpointError
from tests.model_export.checkpoints.tiny import change
from tests.model_export.conftest import Checkpoints
from tests.model_export.question_answering.hub_uploads import UploadHub, answering_at, empty, taking

pytest.importorskip("huggingface_hub", reason="pushing needs huggingface_hub, which this environment lacks")
pytest.importorskip("torch", reason="pushing loads the checkpoint first, and torch is not here")

from model_export.question_answering.pushing import Push, push

TOKEN = "hf_of_this_test"  # noqa: S105
HUB_ID = "becas/longformer-squad-es"
PUSHED = ["README.md", "config.json", "eval_results.json", "model.safetensors", "model_args.json"]
TOKENIZER = ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"]
ARGUMENTS = {
    "model_name": "owner/base",
    "learning_rate": 3e-5,
    "manual_seed": None,
    "output_dir": "/home/somebody/out",
    "best_model_dir": "/home/somebody/out/best",
    "wandb_project": "becas",
    "wandb_kwargs": {"entity": "somebody"},
}
RESULTS = {"exact": 71.25, "f1": 80.123456789, "correct": 57}

Pushing = Callable[..., Any]


@pytest.fixture
def folder(checkpoint: Checkpoints, tmp_path: Path) -> Path:
    """A fine-tuned checkpoint, among all the files that a training leaves."""
    found = tmp_path / "trained"
    shutil.copytree(checkpoint("bert"), found)
    (found / "model_args.json").write_text(json.dumps(ARGUMENTS))
    (found / "eval_results.json").write_text(json.dumps(RESULTS))
    for name in (
        "pytorch_model.bin",
        "training_args.bin",
        "optimizer.pt",
        "vocab.pkl",
        "run.log",
        "training_curve.csv",
    ):
        (found / name).write_text("not for others")
    for name in ("checkpoint-5", "best_model", "unfinished", "models"):
        (found / name).mkdir()
        (found / name / "model.safetensors").write_text("not this one")
    return found


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def pushing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Pushing:
    def run(hub: UploadHub, **changed: Any) -> Any:
        order = Push(**{"folder": folder, "hub_id": hub.hub_id, "message": "First", **changed})
        with taking(hub):
            answering_at(hub.address, monkeypatch)
            return push(order)

    return run


def arrived(hub: UploadHub) -> list[str]:
    return sorted(path.name for path in hub.folder.iterdir())


def test_only_what_belongs_to_the_model_arrives_in_one_commit(pushing: Pushing, folder: Path, tmp_path: Path) -> None:
    hub = empty(tmp_path / "hub", token=TOKEN)
    pushed = pushing(hub)
    assert arrived(hub) == sorted([*PUSHED, *TOKENIZER]) == sorted(pushed.files)
    for name in ("config.json", "eval_results.json", "model.safetensors", *TOKENIZER):
        assert (hub.folder / name).read_bytes() == (folder / name).read_bytes(), name
    (commit,) = hub.asked("/commit/main")
    assert commit[0] == {"key": "header", "value": {"summary": "First", "description": ""}}
    assert pushed.address.startswith(f"{hub.address}/{HUB_ID}/commit/")
    assert pushed.notes == ()
    assert {one.authorization for one in hub.uploads} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(("is_public", "private"), [(False, True), (True, False)])
def test_it_is_private_unless_public_is_asked_for(
    pushing: Pushing, tmp_path: Path, is_public: bool, private: bool
) -> None:
    hub = empty(tmp_path / "hub")
    pushing(hub, is_public=is_public)
    assert hub.asked("/api/repos/create") == [
        {"name": "longformer-squad-es", "organization": "becas", "private": private}
    ]


def test_a_repository_that_is_public_already_gets_nothing_unless_that_is_wanted(
    pushing: Pushing, tmp_path: Path
) -> None:
    hub = empty(tmp_path / "hub", is_private=False)
    with pytest.raises(CheckpointError, match="is public already: add --public"):
        pushing(hub)
    assert (arrived(hub), [one.path for one in hub.uploads]) == ([], ["/api/repos/create"])
    assert pushing(hub, is_public=True).notes == ()
    assert "model.safetensors" in arrived(hub)


def test_a_private_repository_stays_private_and_a_note_says_so(pushing: Pushing, tmp_path: Path) -> None:
    hub = empty(tmp_path / "hub", is_private=True)
    (note,) = pushing(hub, is_public=True).notes
    assert "stays private" in note


def test_the_arguments_arrive_without_what_they_say_of_the_machine(pushing: Pushing, tmp_path: Path) -> None:
    hub = empty(tmp_path / "hub", cards={"owner/base": {}})
    pushing(hub)
    pushed_arguments = json.loads((hub.folder / "model_args.json").read_text())
    assert pushed_arguments == {"model_name": "owner/base", "learning_rate": 3e-5, "manual_seed": None}
    assert not any(b"somebody" in path.read_bytes() for path in hub.folder.iterdir())


@pytest.mark.parametrize(
    "base", ["/home/somebody/client/bert", "outputs/bert", "client/2026/bert", "C:\\somebody\\bert"]
)
def test_a_base_that_the_hub_does_not_have_is_named_by_its_last_part(
    pushing: Pushing, folder: Path, tmp_path: Path, base: str
) -> None:
    """A training of Simple Transformers notes the folder that it started from, also a relative one."""
    (folder / "model_args.json").write_text(json.dumps({"model_name": base, "tokenizer_name": base}))
    hub = empty(tmp_path / "hub")
    pushing(hub)
    assert json.loads((hub.folder / "model_args.json").read_text()) == {"model_name": "bert"}
    written = (hub.folder / "README.md").read_text(encoding="utf-8")
    assert "It was fine-tuned from bert." in written
    assert "base_model" not in written


def test_a_folder_whose_name_no_repository_can_have_is_no_base_on_the_hub(
    pushing: Pushing, folder: Path, tmp_path: Path
) -> None:
    (folder / "model_args.json").write_text(json.dumps({"model_name": "outputs/a--b"}))
    hub = empty(tmp_path / "hub")
    pushing(hub)
    assert json.loads((hub.folder / "model_args.json").read_text()) == {"model_name": "a--b"}


def test_configurations_arrive_without_the_folders_that_older_transformers_wrote(
    pushing: Pushing, folder: Path, tmp_path: Path
) -> None:
    names = ("config.json", "tokenizer_config.json")
    for name in names:
        change(folder / name)
    written = {name: json.loads((folder / name).read_text()) for name in names}
    change(folder / "config.json", _name_or_path="/home/somebody/bert")
    change(
        folder / "tokenizer_config.json",
        name_or_path="/home/somebody/bert",
        special_tokens_map_file="/home/somebody/special_tokens_map.json",
        tokenizer_file=str(folder / "tokenizer.json"),  # which transformers reads
    )
    hub = empty(tmp_path / "hub")
    pushing(hub)
    assert {name: json.loads((hub.folder / name).read_text()) for name in written} == written
    assert not any(b"somebody" in path.read_bytes() for path in hub.folder.iterdir())


def test_weights_and_results_of_an_earlier_push_do_not_stay_with_the_new_ones(
    pushing: Pushing, folder: Path, tmp_path: Path
) -> None:
    (folder / "eval_results.json").unlink()
    hub = empty(tmp_path / "hub", is_private=True)
    old = ("model-00001-of-00002.safetensors", "model.safetensors.index.json", "eval_results.json", "notes.txt")
    for name in old:
        (hub.folder / name).write_text("old")
    pushing(hub)
    assert [name for name in old if name in arrived(hub)] == ["notes.txt"]


def test_the_card_has_all_that_the_folder_knows_and_is_written_again(
    pushing: Pushing, folder: Path, tmp_path: Path
) -> None:
    hub = empty(tmp_path / "hub")
    pushing(hub)
    first = (hub.folder / "README.md").read_text(encoding="utf-8")
    assert "| learning_rate | 3e-05 |" in first
    assert "| f1 | 80.1235 |" in first
    assert not (folder / "README.md").exists()
    (folder / "eval_results.json").write_text('{"f1": 90.5}')
    assert pushing(hub).notes == ()
    assert "| f1 | 90.5 |" in (hub.folder / "README.md").read_text(encoding="utf-8")


def test_the_card_has_licence_and_language_of_a_base_on_the_hub(pushing: Pushing, tmp_path: Path) -> None:
    hub = empty(tmp_path / "hub", cards={"owner/base": {"license": "mit", "language": "es", "tags": ["x"]}})
    pushing(hub)
    lines = (hub.folder / "README.md").read_text(encoding="utf-8").splitlines()
    assert {"license: mit", "language: es", "base_model: owner/base"} <= set(lines)


def test_a_card_in_the_folder_goes_as_it_is(pushing: Pushing, folder: Path, tmp_path: Path) -> None:
    hub = empty(tmp_path / "hub")
    (folder / "README.md").write_text("# Mine\n")
    pushing(hub)
    assert (hub.folder / "README.md").read_text() == "# Mine\n"


def test_a_card_that_somebody_wrote_on_the_hub_stays(pushing: Pushing, tmp_path: Path) -> None:
    hub = empty(tmp_path / "hub", is_private=True)
    (hub.folder / "README.md").write_text("# Theirs\n")
    (note,) = pushing(hub).notes
    assert "README.md of becas/longformer-squad-es was not written by despliegue" in note
    assert (hub.folder / "README.md").read_text() == "# Theirs\n"


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        ({"/create": 401}, "does not know the token of HF_TOKEN"),
        ({"/create": 403}, "may not write to becas/longformer-squad-es: it needs the role write, as a member of becas"),
        ({"/create": 404}, "no becas to make it for"),
        ({"/preupload/main": 403}, "may not write"),
        ({"/commit/main": 429}, "answered 429"),
        ({"/batch": 413}, "answered 413"),
        ({"/large": 403}, "did not take it: Error while uploading 'model.safetensors'"),
    ],
)
def test_what_the_hub_refuses_is_reported_without_the_token(
    pushing: Pushing, tmp_path: Path, refused: dict[str, int], message: str
) -> None:
    hub = empty(tmp_path / "hub", refused=refused)
    with pytest.raises(CheckpointError, match=message) as raised:
        pushing(hub)
    assert TOKEN not in str(raised.value)
    assert arrived(hub) == []


@pytest.mark.parametrize("hub_id", ["alone", "a/b/c", "../up", "owner/", "owner/a--b", "owner/na me", "o/" + "n" * 100])
def test_a_name_that_is_none_is_refused_before_anything_is_sent(pushing: Pushing, tmp_path: Path, hub_id: str) -> None:
    hub = empty(tmp_path / "hub")
    with pytest.raises(CheckpointError, match="is not the name of a repository"):
        pushing(hub, hub_id=hub_id)
    assert (hub.seen, hub.uploads) == ([], [])


@pytest.mark.parametrize(
    ("token", "message"),
    [(None, "HF_TOKEN is not set: set it to a token of the hub that may write to becas"), (f"{TOKEN}\n", "holds a")],
)
def test_without_a_token_that_can_be_sent_nothing_is(
    pushing: Pushing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str | None, message: str
) -> None:
    monkeypatch.delenv("HF_TOKEN") if token is None else monkeypatch.setenv("HF_TOKEN", token)
    hub = empty(tmp_path / "hub")
    with pytest.raises(CheckpointError, match=message) as raised:
        pushing(hub)
    assert TOKEN not in str(raised.value)
    assert (hub.seen, hub.uploads) == ([], [])


@pytest.mark.parametrize(
    ("absent", "message"),
    [
        ("model.safetensors", "holds no model.safetensors, and pickled weights are not pushed"),
        ("config.json", "config.json is missing"),
    ],
)
def test_what_is_no_whole_checkpoint_is_not_sent(
    pushing: Pushing, folder: Path, tmp_path: Path, absent: str, message: str
) -> None:
    (folder / absent).unlink()
    hub = empty(tmp_path / "hub")
    with pytest.raises(CheckpointError, match=message):
        pushing(hub)
    assert (hub.seen, hub.uploads) == ([], [])


def test_without_a_network_the_error_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    answering_at(f"http://127.0.0.1:{port}", monkeypatch)
    with pytest.raises(CheckpointError, match="the hub cannot be reached for becas/longformer-squad-es"):
        push(Push(folder, HUB_ID, "First"))
