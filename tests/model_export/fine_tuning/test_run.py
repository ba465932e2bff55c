"""Runs on disk: resumed after a kill, and folders that are overwritten or left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from functions.core.errors import CheckpointError, InvalidInputError
from model_export.fine_tuning.run import BaseRecord, open_run
from tests.model_export.fine_tuning.small import (
    KILLED,
    QUESTIONS,
    fine_tuning_request,
    train,
    weights,
)

BASE = BaseRecord("digest of a base")


def test_a_checkpoint_that_was_not_written_to_its_end_is_not_resumed_from(bert: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    new = open_run(fine_tuning_request(bert, out))
    new.begin(fine_tuning_request(bert, out), BASE)
    for step, state in ((6, '{"global_step": 6}'), (7, '{"global_st')):
        (new.folder / f"checkpoint-{step}").mkdir()
        (new.folder / f"checkpoint-{step}" / "trainer_state.json").write_text(state)
    resumed = open_run(fine_tuning_request(bert, out, resume=True))
    assert resumed.checkpoint == new.folder / "checkpoint-6"
    assert not (new.folder / "checkpoint-7").exists()


def test_a_run_that_was_killed_before_it_had_begun_is_in_nobodys_way(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = fine_tuning_request(bert, tmp_path / "out")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", _killed)
        with pytest.raises(KeyboardInterrupt):
            open_run(request).begin(request, BASE)
    with pytest.raises(CheckpointError, match="holds no unfinished run"):
        open_run(replace(request, resume=True))
    open_run(request).begin(request, BASE)
    assert open_run(replace(request, resume=True)).seed == 11


def test_tokens_that_a_refused_run_kept_are_in_nobodys_way(bert: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    unreadable = (replace(QUESTIONS[0], text="\u200b"), *QUESTIONS[1:])
    with pytest.raises(InvalidInputError, match="holds nothing that this model can read"):
        train(bert, out, questions=unreadable, reprocess_input_data=False)
    assert [path.name for path in out.iterdir()] == ["cached_features"]
    with pytest.raises(CheckpointError, match="holds no unfinished run: leave --resume out"):
        train(bert, out, resume=True, reprocess_input_data=False)
    assert train(bert, out, reprocess_input_data=False).steps == 5


def test_a_folder_for_the_best_model_may_not_hold_even_tokens_as_it_is_replaced(tmp_path: Path) -> None:
    out, best = tmp_path / "out", tmp_path / "best"
    for folder in (out, best):
        (folder / "cached_features").mkdir(parents=True)
    open_run(fine_tuning_request(Path("base"), out))
    for overwrite in (False, True):
        with pytest.raises(CheckpointError, match="best"):
            open_run(fine_tuning_request(Path("base"), out, overwrite=overwrite, best_model_dir=str(best)))


def test_a_run_that_was_killed_while_it_tidied_up_is_not_begun_once_more(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = fine_tuning_request(bert, tmp_path / "out")
    run = open_run(request)
    run.begin(request, BASE)
    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", _killed)
        with pytest.raises(KeyboardInterrupt):
            run.end()
    (tmp_path / "out" / "model_args.json").touch()
    with pytest.raises(CheckpointError, match="holds no unfinished run: the model there is finished"):
        open_run(replace(request, resume=True))


def _killed(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_a_run_that_raised_before_its_first_checkpoint_starts_over(bert: Path, whole: Path, tmp_path: Path) -> None:
    from model_export.fine_tuning.fine_tune import fine_tune

    def stop(line: str) -> None:
        if line.startswith("step 1 "):
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        fine_tune(fine_tuning_request(bert, out, **KILLED), stop)
    with pytest.raises(CheckpointError, match=r"begun with another learning_rate, train_batch_size: resume"):
        train(bert, out, resume=True, **{**KILLED, "learning_rate": 2e-3, "train_batch_size": 3})
    with pytest.raises(CheckpointError, match="not empty"):
        train(bert, out, **KILLED)
    train(bert, out, resume=True, **KILLED)
    assert weights(out) == weights(whole)
    assert not (out / "unfinished").exists()


def test_a_run_is_resumed_by_the_same_command_however_its_folders_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    request = fine_tuning_request(Path("base"), Path("out"), overwrite=True)
    open_run(request).begin(request, BASE)
    for base, out in ((Path("base"), Path("out")), (tmp_path / "base", tmp_path / "out"), (Path("moved"), Path("out"))):
        for overwrite in (False, True):
            assert open_run(fine_tuning_request(base, out, resume=True, overwrite=overwrite)).base == BASE
    Path("out").rename("elsewhere")
    assert open_run(fine_tuning_request(Path("base"), Path("elsewhere"), resume=True)).seed == 11
    for best in ("elsewhere/other", "best"):
        with pytest.raises(CheckpointError, match="begun with another best_model_dir: resume"):
            open_run(fine_tuning_request(Path("base"), Path("elsewhere"), resume=True, best_model_dir=best))


def test_a_run_is_not_resumed_with_a_base_that_has_changed(bert: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    request = fine_tuning_request(bert, out)
    open_run(request).begin(request, BASE)
    with pytest.raises(CheckpointError, match=rf"out was begun with another base: .* of {bert} is not as it was"):
        train(bert, out, resume=True)
    assert (out / "unfinished" / "asked.json").is_file()


def test_a_model_of_the_hub_is_taken_at_the_commit_that_the_run_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    asked = []

    def fetch(base: str, *, revision: str | None, **_: object) -> None:
        asked.append((base, revision))
        raise CheckpointError("fetched")

    monkeypatch.setattr("model_export.fine_tuning.checkpoint_folders.fetch", fetch)
    out = tmp_path / "out"
    request = fine_tuning_request(Path("owner/name"), out)
    open_run(request).begin(request, BaseRecord("digest", "owner/name", "0123abc"))
    for base, resume in (("owner/name", True), ("owner/other", True), ("owner/name", False)):
        with pytest.raises(CheckpointError, match="fetched"):
            train(Path(base), out, resume=resume, overwrite=not resume)
    assert asked == [("owner/name", "0123abc"), ("owner/other", None), ("owner/name", None)]


def test_a_run_of_an_earlier_release_is_not_resumed(tmp_path: Path) -> None:
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "asked.json").write_text('{"seed": 1, "asked": {"base": "owner/name"}}')
    with pytest.raises(CheckpointError, match="begun by an earlier release: resume it with that, or start over"):
        open_run(fine_tuning_request(Path("owner/name"), tmp_path, resume=True))


def test_nothing_is_resumed_where_nothing_was_begun(bert: Path, whole: Path) -> None:
    before = weights(whole)
    with pytest.raises(CheckpointError, match="holds no unfinished run"):
        train(bert, whole, resume=True, **KILLED)
    assert weights(whole) == before


def test_earlier_output_is_overwritten_only_on_request_and_other_files_stay(bert: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    train(bert, out, save_model_every_epoch=True)
    (out / "notes.txt").write_text("mine")
    before = weights(out)
    with pytest.raises(CheckpointError, match="not empty"):
        train(bert, out, manual_seed=12)
    assert weights(out) == before
    train(bert, out, manual_seed=12, overwrite=True)
    assert weights(out) != before
    assert (out / "notes.txt").read_text() == "mine"
    assert not list(out.glob("checkpoint-*"))


def test_a_folder_for_the_best_model_that_holds_something_else_is_never_overwritten(bert: Path, tmp_path: Path) -> None:
    best = tmp_path / "thesis"
    best.mkdir()
    (best / "chapter.txt").write_text("mine")
    changed = {"best_model_dir": str(best), "evaluate_during_training": True}
    for overwrite in (False, True):
        with pytest.raises(CheckpointError, match="thesis"):
            train(bert, tmp_path / "out", overwrite=overwrite, **changed)
    assert (best / "chapter.txt").read_text() == "mine"
