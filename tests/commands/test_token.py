"""despliegue token, over a real client of Secrets Manager."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.aws.secrets import TokenSecret
from functions.core.tokens import TokenRecord, decide, make_token
from functions.local.token_file import TokenFile
from model_export.commands.main import main
from tests.secrets_manager import EMPTY, new_secret, secret_with, secrets_manager

DAY = timedelta(days=1)
OF_MODELS = ("churn", "becas", "car-price")
TOKEN = re.compile(r"dsp_[A-Za-z0-9_-]{43}\n")


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a command."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(aws_environment: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `despliegue token ARGUMENTS`."""

    def command(*arguments: str) -> Done:
        try:
            status = main(["token", *arguments])
        except SystemExit as left:  # argparse leaves by itself
            status = int(left.code or 0)
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return command


@pytest.fixture
def secret(aws_environment: None) -> str:
    return new_secret()


def record(name: str, *, age: timedelta = DAY, lifetime: timedelta | None = None) -> TokenRecord:
    return make_token(name, ["predict"], now=datetime.now(UTC) - age, lifetime=lifetime)[0]


def kept(secret: str) -> list[str]:
    return [one.name for one in TokenSecret(secret).read().tokens]


def test_create_prints_the_token_alone_and_explains_it_on_standard_error(run: Run, secret: str) -> None:
    done = run("create", "ana", "--scope", "predict", "--scope", "train", "--secret", secret)
    assert done.status == 0
    assert TOKEN.fullmatch(done.out)
    assert done.out.strip() not in done.err
    assert "ana: predict, train, valid until 2" in done.err
    assert "only time" in done.err
    tokens = TokenSecret(secret).read()
    now = datetime.now(UTC)
    assert decide(tokens, done.out.strip(), "train", now, model="churn").allowed
    assert not decide(tokens, done.out.strip(), "admin", now, model="churn").allowed


def test_a_token_is_valid_for_a_year_unless_somebody_says_otherwise(run: Run, secret: str) -> None:
    run("create", "usual", "--scope", "predict", "--secret", secret)
    done = run("create", "lasting", "--scope", "predict", "--expires-days", "never", "--secret", secret)
    usual, lasting = TokenSecret(secret).read().tokens
    assert usual.expires == usual.created + 365 * DAY
    assert lasting.expires is None
    assert "lasting: predict, valid until it is revoked." in done.err


@pytest.mark.parametrize("days", ["0", "3651", "-1", "1.5", "Never", ""])
def test_a_time_that_is_neither_days_nor_never_is_refused(run: Run, secret: str, days: str) -> None:
    done = run("create", "ana", "--scope", "predict", f"--expires-days={days}", "--secret", secret)
    assert (done.status, done.out, kept(secret)) == (2, "", [])
    assert f"{days!r} is neither a number of days from 1 to 3650 nor never" in done.err


def test_list_says_how_many_days_are_left_and_when_the_next_token_is_due(run: Run) -> None:
    soon, later = record("soon", lifetime=31 * DAY), record("later", lifetime=200 * DAY)
    _, first, second = run("list", "--secret", secret_with(soon, later)).out.splitlines()
    assert first.endswith("  valid, 29 days left: make the next one")
    assert second.endswith("  valid, 198 days left")


def test_a_token_for_models_says_so_when_it_is_made_and_in_the_list(run: Run, secret: str) -> None:
    wanted = ["--scope", "predict", "--model", "churn", "--model", "becas"]
    done = run("create", "ana", *wanted, "--secret", secret)
    assert done.err.startswith("ana: predict for becas, churn only, valid until 2")
    tokens = TokenSecret(secret).read()
    opened = [decide(tokens, done.out.strip(), "predict", datetime.now(UTC), model=one).allowed for one in OF_MODELS]
    assert opened == [True, True, False]
    assert run("list", "--secret", secret).out.splitlines()[1].split()[:4] == ["ana", "predict", "becas,", "churn"]
    assert json.loads(run("list", "--secret", secret, "--json").out)[0]["models"] == ["becas", "churn"]


def test_a_token_for_no_name_of_a_model_is_refused(run: Run, secret: str) -> None:
    done = run("create", "ana", "--scope", "predict", "--model", "Churn", "--secret", secret)
    assert (done.status, done.out, kept(secret)) == (1, "", [])
    assert done.err == "models: 'Churn' is no name of a model\n"


def test_create_with_a_last_day(run: Run, secret: str) -> None:
    done = run("create", "ana", "--scope", "predict", "--expires-days", "30", "--secret", secret)
    (token,) = TokenSecret(secret).read().tokens
    assert token.expires == token.created + 30 * DAY
    assert f"valid until {token.expires:%Y-%m-%dT%H:%M:%S}" in done.err


def test_the_secret_is_the_one_of_the_stage(run: Run) -> None:
    for stage, arguments in (("prod", []), ("test", ["--stage", "test"])):
        name = f"despliegue-{stage}/tokens"
        secrets_manager().create_secret(Name=name, SecretString=EMPTY)
        assert run("create", f"for-{stage}", "--scope", "predict", *arguments).status == 0
        assert kept(name) == [f"for-{stage}"]
        secrets_manager().delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def test_list_shows_names_scopes_times_and_states_and_no_digest(run: Run) -> None:
    ana, old = record("ana"), record("old", age=3 * DAY, lifetime=2 * DAY)
    secret = secret_with(ana, old)
    done = run("list", "--secret", secret)
    header, first, second = done.out.splitlines()
    assert header.split() == ["NAME", "SCOPES", "MODELS", "CREATED", "EXPIRES", "STATE"]
    assert first.split()[:3] + first.split()[4:] == ["ana", "predict", "all", "never", "valid"]
    assert second.split()[5] == "expired"
    assert second.index("expired") == first.index("valid") == header.index("STATE")
    assert ana.sha256 not in done.out


def test_a_token_is_rotated_by_a_new_one_and_a_revocation(run: Run, secret: str) -> None:
    run("create", "ana", "--scope", "predict", "--secret", secret)
    run("create", "ana-2", "--scope", "predict", "--secret", secret)
    assert kept(secret) == ["ana", "ana-2"]
    done = run("revoke", "ana", "--secret", secret)
    assert (done.status, done.out) == (0, "ana: revoked; it is refused everywhere within 10 seconds\n")
    assert kept(secret) == ["ana-2"]


@pytest.mark.parametrize("action", [[], ["create"], ["list"], ["revoke"]])
def test_the_help_says_how_a_token_is_rotated(run: Run, action: list[str]) -> None:
    done = run(*action, "--help")
    assert done.status == 0
    assert "revoke the old one" in " ".join(done.out.split())


def test_a_name_that_lives_is_refused_and_nothing_printed(run: Run) -> None:
    secret = secret_with(record("ana"))
    done = run("create", "ana", "--scope", "predict", "--secret", secret)
    assert (done.status, done.out) == (1, "")
    assert done.err == "despliegue: there is a token 'ana' already: choose another name, or revoke it first\n"


def test_an_unknown_name_is_refused_with_the_known_ones(run: Run) -> None:
    secret = secret_with(record("ana"), record("bob"))
    done = run("revoke", "carla", "--secret", secret)
    assert (done.status, done.err) == (1, "despliegue: no token 'carla'; known: ana, bob\n")
    assert kept(secret) == ["ana", "bob"]


def test_a_wrong_name_is_refused_with_its_rule(run: Run, secret: str) -> None:
    done = run("create", "ana garcia", "--scope", "predict", "--secret", secret)
    assert (done.status, done.out, kept(secret)) == (1, "", [])
    assert done.err.startswith("name: 'ana garcia' is no name of a token: 1 to 64 letters")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["create", "ana"],
        ["create", "ana", "--scope", "public"],
        ["create", "ana", "--scope", "predict", "--expires-days", "0"],
        ["create", "ana", "--scope", "predict", "--expires-days", "3651"],
        ["create", "ana", "--scope", "predict", "--expires-days", "soon"],
        ["revoke"],
        ["list", "--stage", "test", "--secret", "other"],
        ["list", "--stage", "test", "--file", "tokens.json"],
        ["list", "--secret", "other", "--file", "tokens.json"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2_with_the_usage(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.status == 2
    assert "usage: despliegue token" in done.err


@pytest.mark.parametrize(
    ("unset", "message"),
    [
        (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "no AWS credentials: set AWS_PROFILE"),
        (["AWS_DEFAULT_REGION"], "no AWS region: set AWS_DEFAULT_REGION"),
        ([], "no such secret"),
    ],
)
def test_a_fault_of_aws_is_reported_in_one_line(
    run: Run, unset: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in unset:
        monkeypatch.delenv(name)
    for arguments in (["list"], ["create", "ana", "--scope", "predict"], ["revoke", "ana"]):
        done = run(*arguments, "--stage", "nowhere")
        (line,) = done.err.splitlines()
        assert (done.status, done.out) == (1, "")
        assert line.startswith(f"despliegue: secret despliegue-nowhere/tokens: {message}")


def test_a_profile_that_is_not_configured_is_reported_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    done = run("list")
    (line,) = done.err.splitlines()
    assert done.status == 1
    assert "nobody" in line


def test_a_document_that_is_no_document_is_reported_and_not_quoted(run: Run) -> None:
    secret = new_secret(json.dumps({"tokens": "dsp_pasted"}))
    done = run("create", "ana", "--scope", "predict", "--secret", secret)
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith(f"despliegue: the secret {secret} cannot be read: ")
    assert "pasted" not in done.err


def test_a_token_can_be_piped(aws_variables: dict[str, str], secret: str, root: Path) -> None:
    arguments = ["token", "create", "ana", "--scope", "predict", "--secret", secret]
    done = subprocess.run(
        [sys.executable, "-m", "model_export.commands.main", *arguments],
        env={**os.environ, **aws_variables},
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert TOKEN.fullmatch(done.stdout)


def test_the_tokens_of_a_server_are_made_listed_and_revoked_in_its_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    file = str(tmp_path / "tokens.json")
    done = run("create", "ana", "--scope", "train", "--scope", "predict", "--expires-days", "30", "--file", file)
    assert done.status == 0
    assert TOKEN.fullmatch(done.out)
    assert done.err.startswith("ana: predict, train, valid until 2")
    records = TokenFile(Path(file)).read()
    assert decide(records, done.out.strip(), "train", datetime.now(UTC), model="churn").allowed
    assert done.out.strip() not in Path(file).read_text(encoding="utf-8")
    assert run("create", "bob", "--scope", "admin", "--file", file).status == 0
    assert [line.split()[0] for line in run("list", "--file", file).out.splitlines()] == ["NAME", "ana", "bob"]
    assert run("revoke", "ana", "--file", file).out == "ana: revoked; it is refused everywhere within 5 seconds\n"
    assert [one.name for one in TokenFile(Path(file)).read().tokens] == ["bob"]


def test_a_file_of_tokens_that_is_missing_or_open_to_others_is_reported_in_one_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    done = run("list", "--file", str(file))
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith(f"despliegue: {file} is missing: make the first token with `despliegue token create")
    run("create", "ana", "--scope", "predict", "--file", str(file))
    file.chmod(0o644)
    done = run("create", "bob", "--scope", "predict", "--file", str(file))
    assert (done.status, done.out) == (1, "")
    assert done.err == (f"despliegue: {file} may be read or written by others (mode 0644): run `chmod 600 {file}`\n")
