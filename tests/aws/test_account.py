"""What an account says of itself, over a real client of an AWS in this process."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import Session, get_session
from botocore.stub import Stubber

from functions.aws.account import BOOTSTRAP_PARAMETER, AccountError, AwsAccount, Identity

REGION = "eu-west-1"


class ClientsAtHand(Session):
    """A session that hands out clients that were made before."""

    def __init__(self, **clients: Any) -> None:
        super().__init__()
        self.clients = clients

    def create_client(self, service_name: str, *_: Any, **__: Any) -> Any:
        return self.clients[service_name.replace("-", "_")]


@pytest.mark.usefixtures("aws_environment")
def test_the_identity_is_asked_without_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    account = AwsAccount()
    assert account.region() is None
    assert account.identity().account == "123456789012"


@pytest.mark.parametrize(
    ("arn", "is_root"),
    [
        ("arn:aws:iam::123456789012:root", True),
        ("arn:aws:iam::123456789012:user/root", False),
        ("arn:aws:sts::123456789012:assumed-role/Admin/ana", False),
    ],
)
def test_the_root_user_is_known_by_its_arn(arn: str, is_root: bool) -> None:
    assert Identity("123456789012", arn).is_root is is_root


@pytest.mark.usefixtures("aws_environment")
def test_the_bootstrap_has_a_version_once_it_was_made() -> None:
    account = AwsAccount()
    assert account.bootstrap_version(REGION) is None
    ssm = account.client("ssm", REGION)
    ssm.put_parameter(Name=BOOTSTRAP_PARAMETER, Value="28", Type="String")
    try:
        assert account.bootstrap_version(REGION) == 28
    finally:
        ssm.delete_parameter(Name=BOOTSTRAP_PARAMETER)


def test_the_limit_of_lambda_is_that_of_the_account() -> None:
    client = get_session().create_client("lambda", REGION, aws_access_key_id="a", aws_secret_access_key="b")  # noqa: S106
    with Stubber(client) as stub:
        stub.add_response("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 10}})
        stub.add_client_error("get_account_settings", "AccessDeniedException", "not yours")
        account = AwsAccount(ClientsAtHand(**{"lambda": client}))
        assert account.concurrent_executions(REGION) == 10
        with pytest.raises(AccountError, match="not yours"):
            account.concurrent_executions(REGION)


@pytest.mark.usefixtures("aws_environment")
def test_a_profile_that_is_not_configured_is_an_error_of_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(AccountError, match="nobody") as caught:
        AwsAccount().identity()
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("aws_environment")
def test_an_aws_that_is_not_reached_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(AccountError, match=r"127\.0\.0\.1:9"):
        AwsAccount().identity()
