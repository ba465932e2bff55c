"""An AWS account in one region, as its own credentials see it: read only, for the checks before a deployment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session, get_session

from functions.core.errors import DespliegueError

BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
"""The parameter in which `cdk bootstrap` keeps its version, for the qualifier that the CDK uses by default."""
CONNECT_SECONDS = 3
READ_SECONDS = 10


class AccountError(DespliegueError):
    """AWS refused a question, or was not reached."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The account of the credentials, and the user or role that they are of."""

    account: str
    arn: str

    @property
    def is_root(self) -> bool:
        return self.arn.endswith(":root")


class AwsAccount:
    """Asks AWS with the credentials and the region of the environment. Its methods raise AccountError."""

    def __init__(self, session: Session | None = None) -> None:
        self._session = session or get_session()

    def region(self) -> str | None:
        """The region that botocore takes: AWS_DEFAULT_REGION, or that of the profile; None without one."""
        with _asking():
            found: str | None = self._session.get_config_variable("region")
        return found

    def identity(self) -> Identity:
        """Ask who the credentials are, which takes no permission. Any region answers, so one need not be set."""
        with _asking():
            answer = self.client("sts", self.region() or "us-east-1").get_caller_identity()
        return Identity(answer["Account"], answer["Arn"])

    def bootstrap_version(self, region: str) -> int | None:
        """The version of the CDK's bootstrap; None where there is none."""
        with _asking():
            try:
                found = self.client("ssm", region).get_parameter(Name=BOOTSTRAP_PARAMETER)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ParameterNotFound":
                    raise
                return None
        return int(found["Parameter"]["Value"])

    def concurrent_executions(self, region: str) -> int:
        """The number of Lambda executions that the account may have at once in the region."""
        with _asking():
            answer = self.client("lambda", region).get_account_settings()
        return int(answer["AccountLimit"]["ConcurrentExecutions"])

    def client(self, service: str, region: str) -> Any:
        """A client that gives up soon: somebody waits in front of a terminal."""
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 2},
        )
        return self._session.create_client(service, region_name=region, config=config)


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise AccountError(str(error)) from error
