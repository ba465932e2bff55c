"""despliegue finetune-qa: what it checks before anything is trained."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from model_export.commands import finetune_qa
from model_export.commands.main import main
from model_export.fine_tuning import surroundings
from tests.model_export.fine_tuning.written import qa, write

Command = Callable[..., Any]
GOOD = (qa("a", ("La beca", 0)), qa("b", is_impossible=True))
OFF = qa("off", ("200 euros", 0))
LOST = qa("lost", ("nada", 0))


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder on a machine without a GPU."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(surroundings, "available_gpus", lambda: 0)
    return tmp_path


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The requests to train, which are collected instead of trained."""
    found: list[Any] = []
    module = ModuleType("model_export.fine_tuning.fine_tune")
    module.fine_tune = found.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(finetune_qa, "FINE_TUNING_LIBRARIES", ())
    return found


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: object) -> Any:
        status = main(["finetune-qa", "--train", "train.json", "--base", "owner/name", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out.splitlines(), captured.err.splitlines()

    return run


def test_a_dry_run_of_good_files_trains_nothing(command: Command, requests: list[Any]) -> None:
    write(Path("train.json"), *GOOD)
    write(Path("test.json"), *GOOD[:1])
    status, out, err = command("--test", "test.json", "--out", "out", "--dry-run")
    assert (status, err, requests) == (0, [], [])
    assert out[:2] == [
        "train.json: 2 questions, 2 good, 1 answerable, 1 impossible, 0 bad, 0 repairs",
        "test.json: 1 questions, 1 good, 1 answerable, 0 impossible, 0 bad, 0 repairs",
    ]
    assert [line.split()[1] for line in out[2:]] == ["doc_stride", "n_gpu", "the", "--base"]
    assert out[-1] == (
        "note: --base owner/name is no folder here: taken for the hub model of that name, which a check does not look "
        "for"
    )
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("flags", "status", "lines", "advice"),
    [
        (
            (),
            1,
            [
                "off: the answer '200 euros' is not at 0 of its context: the answer is at 37",
                "lost: the answer 'nada' is not at 0 of its context: the answer is nowhere in it",
                "4 questions, 2 good, 1 answerable, 1 impossible, 2 bad, 0 repairs",
            ],
            ["some questions are bad: correct them; --repair corrects the certain ones, --drop-bad leaves them out"],
        ),
        (
            ("--repair",),
            1,
            [
                "off: repaired: answer_start of '200 euros' is 37, not 0",
                "lost: the answer 'nada' is not at 0 of its context: the answer is nowhere in it",
                "4 questions, 3 good, 2 answerable, 1 impossible, 1 bad, 1 repairs",
            ],
            ["some questions are bad: correct them; --drop-bad leaves them out"],
        ),
        (
            ("--repair", "--drop-bad"),
            0,
            [
                "off: repaired: answer_start of '200 euros' is 37, not 0",
                "lost: left out: the answer 'nada' is not at 0 of its context: the answer is nowhere in it",
                "4 questions, 3 good, 2 answerable, 1 impossible, 1 bad, 1 repairs",
            ],
            [],
        ),
    ],
)
def test_bad_questions_are_listed_repaired_or_left_out_on_request(
    command: Command, flags: tuple[str, ...], status: int, lines: list[str], advice: list[str]
) -> None:
    write(Path("train.json"), *GOOD, OFF, LOST)
    found, out, err = command("--dry-run", *flags)
    assert (found, err) == (status, advice)
    assert [line for line in out if not line.startswith("note: ")] == [f"train.json: {line}" for line in lines]


def test_bad_questions_are_not_trained_on(command: Command, requests: list[Any]) -> None:
    write(Path("train.json"), *GOOD, OFF)
    assert command("--repair", "--out", "a")[0] == 0
    assert command("--drop-bad", "--out", "b")[0] == 0
    assert command("--out", "c")[0] == 1
    assert [[question.id for question in request.train] for request in requests] == [["a", "b", "off"], ["a", "b"]]
    assert requests[0].train[2].answers[0].start == 37


def test_the_request_holds_what_was_asked(command: Command, requests: list[Any]) -> None:
    write(Path("train.json"), *GOOD)
    write(Path("test.json"), *GOOD[1:])
    Path("args.toml").write_text(
        "overwrite_output_dir = true\nnum_train_epochs = 2\nmanual_seed = 1\n", encoding="utf-8"
    )
    asked = ("--test", "test.json", "--out", "out", "--config", "args.toml", "--arg", "num_train_epochs=3")
    assert command(*asked, "--arg", "evaluate_during_training=true")[0] == 0
    (request,) = requests
    assert ([one.id for one in request.train], [one.id for one in request.test]) == (["a", "b"], ["b"])
    assert (request.base, request.out, request.resume, request.trust_pickle) == (
        "owner/name",
        Path("out"),
        False,
        False,
    )
    assert request.arguments.overwrite_output_dir
    assert (request.arguments.num_train_epochs, request.arguments.manual_seed, request.arguments.n_gpu) == (3, 1, 0)


def test_a_test_file_is_not_needed_and_a_run_may_be_resumed(command: Command, requests: list[Any]) -> None:
    write(Path("train.json"), *GOOD)
    Path("outputs").mkdir()
    Path("outputs/trainer_state.json").touch()
    status, _, err = command()
    assert (status, len(err)) == (1, 1)
    assert "is not empty: choose another folder, set overwrite_output_dir, or continue" in err[0]
    assert command("--resume", "--trust-pickle")[0] == 0
    assert (requests[0].test, requests[0].out, requests[0].resume) == ((), Path("outputs"), True)
    assert requests[0].trust_pickle


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (("--arg", "doc_strid=9"), ["--arg.doc_strid: is not an argument of a fine-tuning; did you mean doc_stride?"]),
        (("--arg", "n_gpu=1"), ["n_gpu: is 1, and this machine has none: set 0 or leave it out"]),
        (
            ("--arg", "evaluate_during_training=true"),
            ["evaluate_during_training: needs questions to evaluate on: give --test FILE, or leave this out"],
        ),
        (("--test", "absent.json"), ["absent.json: cannot be read: No such file or directory"]),
        (("--config", "absent.toml"), ["absent.toml: cannot be read: No such file or directory"]),
    ],
)
@pytest.mark.parametrize("dry", [("--dry-run",), ()])
def test_a_fault_is_reported_before_anything_is_trained(
    command: Command, requests: list[Any], dry: tuple[str, ...], arguments: tuple[str, ...], messages: list[str]
) -> None:
    write(Path("train.json"), *GOOD)
    status, _, err = command(*dry, *arguments)
    assert (status, err, requests) == (1, messages, [])


def test_the_longest_input_is_read_from_a_model_at_hand(command: Command) -> None:
    write(Path("train.json"), *GOOD)
    config = {"model_type": "roberta", "max_position_embeddings": 66, "pad_token_id": 1}
    Path("config.json").write_text(json.dumps(config), encoding="utf-8")
    Path("tokenizer.json").write_text("{}", encoding="utf-8")
    status, _, err = command("--dry-run", "--base", "config.json")
    assert (status, err) == (1, ["max_seq_length: is 128, and the model takes 64 tokens: set that or less"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--base", "../nothing/here.json"), "--base '../nothing/here.json' is no folder here, no config.json, and no"),
        (("--base", "model"), "model has no tokenizer (tokenizer.json, "),
        (("--arg", "wandb_project=becas"), "wandb_project is 'becas', and wandb is not installed"),
    ],
)
def test_a_check_finds_what_the_training_would_miss(
    command: Command, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    write(Path("train.json"), *GOOD)
    Path("model").mkdir()
    Path("model/config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    status, _, err = command("--dry-run", *arguments)
    assert status == 1
    assert message in "\n".join(err)


def test_the_arguments_that_simple_transformers_wrote_are_taken(command: Command, requests: list[Any]) -> None:
    """With a GPU and folders that are of another machine; half precision, its default, counts as not given."""
    write(Path("train.json"), *GOOD)
    written = {
        "model_class": "QuestionAnsweringModel",
        "model_name": "owner/earlier",
        "output_dir": "outputs/earlier",
        "fp16": True,
        "n_gpu": 1,
        "process_count": 14,
        "scheduler": "constant_schedule_with_warmup",
        "doc_stride": 40,
        "lazy_loading": True,
    }
    Path("model_args.json").write_text(json.dumps(written), encoding="utf-8")
    status, out, _ = command("--config", "model_args.json", "--out", "out")
    assert status == 0
    notes = [line for line in out if line.startswith("note: ")]
    assert [note.split(":")[1].split()[0] for note in notes] == ["lazy_loading", "n_gpu", "the"]
    arguments = requests[0].arguments
    assert (arguments.scheduler, arguments.doc_stride, arguments.fp16) == (written["scheduler"], 40, None)
    assert arguments.output_dir == "out"


def test_an_interrupt_says_how_the_training_goes_on(
    command: Command, requests: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt("the same command with --resume goes on")

    write(Path("train.json"), *GOOD)
    monkeypatch.setattr(sys.modules["model_export.fine_tuning.fine_tune"], "fine_tune", interrupted)
    status, _, err = command("--out", "out")
    assert (status, err) == (130, ["", "despliegue: stopped; the same command with --resume goes on"])


def test_pickled_weights_are_refused_before_anything_is_loaded(command: Command, requests: list[Any]) -> None:
    write(Path("train.json"), *GOOD)
    Path("model").mkdir()
    Path("model/config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    for name in ("vocab.txt", "pytorch_model.bin"):
        Path("model", name).touch()
    status, _, err = command("--dry-run", "--base", "model")
    assert (status, len(err)) == (1, 1)
    assert err[0].startswith("despliegue: model holds pickled weights, and reading a pickle may run code: ")
    assert command("--dry-run", "--base", "model", "--trust-pickle")[0] == 0


def test_nothing_is_left_to_train_on(command: Command, requests: list[Any]) -> None:
    write(Path("train.json"), LOST)
    status, _, err = command("--drop-bad")
    assert (status, err, requests) == (1, ["train.json: no good question is left"], [])


def test_absent_libraries_are_named_and_not_needed_to_check(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune_qa, "FINE_TUNING_LIBRARIES", ("json", "no_such_library"))
    write(Path("train.json"), *GOOD)
    status, out, err = command()
    assert (status, out) == (1, [])
    assert err == [
        "despliegue: no_such_library not installed: finetune-qa needs torch, then `pip install "
        "'despliegue[question-answering]'`"
    ]
    assert command("--dry-run")[0] == 0


def test_the_hand_made_files(command: Command, real_data: Path) -> None:
    """The files have 22 wrong offsets, of which 20 have one certain remedy."""
    folder = real_data / "simpletransformers"
    asked = ("--train", folder / "lu1sg1_train.json", "--test", folder / "lu1sg1_test.json", "--dry-run")
    status, out, _ = command(*asked)
    assert (status, sum(" of its context: " in line for line in out)) == (1, 22)
    status, out, _ = command(*asked, "--repair")
    assert (status, sum(" of its context: " in line for line in out)) == (1, 2)
    assert sum(": repaired: answer_start of " in line for line in out) == 20
    assert command(*asked, "--repair", "--drop-bad")[0] == 0
