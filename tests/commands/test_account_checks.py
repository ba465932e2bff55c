"""Checks of an account, for each answer that AWS may give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import pytest

from functions.aws.account import AccountError, Identity
from model_export.commands.account_checks import EU_REGIONS, checked_account
from model_export.commands.checked import Checked

Answer = TypeVar("Answer")
ARN = "arn:aws:sts::123456789012:assumed-role/Admin/ana"


@dataclass(frozen=True, slots=True)
class Account:
    """An account with these answers; one that is an error is raised."""

    place: str | None = "eu-west-1"
    arn: str | AccountError = ARN
    bootstrap: int | AccountError | None = 28
    executions: int | AccountError = 1000

    def region(self) -> str | None:
        return self.place

    def identity(self) -> Identity:
        return Identity("123456789012", _answer(self.arn))

    def bootstrap_version(self, region: str) -> int | None:
        return _answer(self.bootstrap)

    def concurrent_executions(self, region: str) -> int:
        return _answer(self.executions)


def _answer(given: Answer | AccountError) -> Answer:
    if isinstance(given, AccountError):
        raise given
    return given


def found(account: Account, **environment: str) -> dict[str, Checked]:
    return {one.name: one for one in checked_account(account, environment)}


def states(account: Account, **environment: str) -> dict[str, str]:
    return {name: one.state for name, one in found(account, **environment).items()}


def test_an_account_that_is_ready_has_four_checks_without_advice() -> None:
    checks = found(Account())
    assert list(checks) == ["credentials", "region", "bootstrap", "concurrency"]
    assert {(one.state, one.advice) for one in checks.values()} == {("ok", "")}
    assert checks["region"].found == "eu-west-1 (Ireland), in the EU"


def test_without_credentials_nothing_else_is_asked() -> None:
    checks = found(Account(arn=AccountError("Unable to locate credentials")))
    assert list(checks) == ["credentials"]
    assert checks["credentials"].state == "fault"
    assert "aws configure sso" in checks["credentials"].advice


def test_the_root_user_is_noted() -> None:
    assert states(Account(arn="arn:aws:iam::123456789012:root"))["credentials"] == "note"


def test_without_a_region_neither_bootstrap_nor_limits_are_asked() -> None:
    assert states(Account(place=None)) == {"credentials": "ok", "region": "fault"}


@pytest.mark.parametrize(("region", "state"), [("us-east-1", "note"), ("eu-west-2", "note"), ("eu-central-2", "note")])
def test_a_region_outside_of_the_eu_is_noted_with_those_inside(region: str, state: str) -> None:
    checked = found(Account(place=region))["region"]
    assert checked.state == state
    assert all(one in checked.advice for one in EU_REGIONS)


def test_two_variables_that_name_different_regions_are_a_fault() -> None:
    assert states(Account(), AWS_REGION="us-east-1")["region"] == "fault"
    assert states(Account(), AWS_REGION="eu-west-1")["region"] == "ok"


@pytest.mark.parametrize(("version", "state"), [(None, "fault"), (5, "fault"), (6, "ok"), (30, "ok")])
def test_a_bootstrap_that_is_missing_or_old_is_a_fault_with_its_command(version: int | None, state: str) -> None:
    checked = found(Account(bootstrap=version))["bootstrap"]
    assert checked.state == state
    assert checked.advice == ("" if state == "ok" else "cdk bootstrap aws://123456789012/eu-west-1")


@pytest.mark.parametrize(("executions", "state"), [(10, "note"), (999, "note"), (1000, "ok")])
def test_a_small_limit_of_lambda_is_noted_with_the_request_for_more(executions: int, state: str) -> None:
    checked = found(Account(executions=executions))["concurrency"]
    assert checked.state == state
    assert checked.found.startswith(f"{executions} executions of Lambda at once")
    assert ("L-B99A9384" in checked.advice) is (state == "note")


def test_what_the_credentials_may_not_ask_is_noted_and_the_rest_is_looked_at() -> None:
    refused = AccountError("AccessDenied")
    assert states(Account(bootstrap=refused, executions=refused)) == {
        "credentials": "ok",
        "region": "ok",
        "bootstrap": "note",
        "concurrency": "note",
    }
