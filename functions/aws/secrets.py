"""The secret with the tokens: reading, and changing without losing the changes of others."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from functions.aws.client import SecretsClient, secrets_client
from functions.core.errors import ConflictError, DespliegueError
from functions.core.tokens import TokenRecords

CURRENT = "AWSCURRENT"
PENDING = "DESPLIEGUE-PENDING"
"""The label of a version that is written but not current yet. Without a label of its own it would become current."""
MOVED = frozenset({"InvalidParameterException", "InvalidRequestException"})
LOST_RACE_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
SECRET_REMEDIES = {
    "ResourceNotFoundException": "no such secret, or it holds nothing: look at its name, the account and the region",
    "AccessDeniedException": "access denied: the role or the user lacks a permission on it, or on its key",
}


class SecretError(DespliegueError):
    """Secrets Manager refused or was not reached; the text names the secret and never quotes its content."""


@dataclass(frozen=True, slots=True)
class _Version:
    id: str
    tokens: TokenRecords


class TokenSecret:
    """The tokens in the secret of a name or ARN. Errors of AWS are raised as SecretError."""

    def __init__(self, secret: str, client: SecretsClient | None = None) -> None:
        """Make a client at the first use unless `client` is given."""
        self.secret = secret
        self._given_client = client

    @cached_property
    def _client(self) -> SecretsClient:
        return self._given_client or secrets_client()

    def read(self) -> TokenRecords:
        """The current tokens. Raises SecretError, DamagedRecordError."""
        with self._calling():
            return self._current().tokens

    def update(self, change: Callable[[TokenRecords], TokenRecords]) -> TokenRecords:
        """Write the tokens that `change` returns; call it again if another writer was faster.

        Raises ConflictError after many lost races, and the errors of `change`.
        """
        with self._calling():
            for pause in LOST_RACE_PAUSES:
                current = self._current()
                changed = change(current.tokens)
                if self._become_current(self._put(changed), instead_of=current.id):
                    return changed
                time.sleep(pause * (1 + random.random()))  # noqa: S311  # only spreads the writers
        raise ConflictError(f"the secret {self.secret} is being changed by others all the time: try again later")

    def _current(self) -> _Version:
        answer = self._client.get_secret_value(SecretId=self.secret, VersionStage=CURRENT)
        body = answer.get("SecretString", "")
        return _Version(answer["VersionId"], TokenRecords.from_json(body.encode(), f"the secret {self.secret}"))

    def _put(self, tokens: TokenRecords) -> str:
        """Write a new version that nobody reads yet; returns its id."""
        body = tokens.to_json().decode()
        answer = self._client.put_secret_value(SecretId=self.secret, SecretString=body, VersionStages=[PENDING])
        return str(answer["VersionId"])

    def _become_current(self, version: str, *, instead_of: str) -> bool:
        """Compare and swap: AWS moves the label only from the version that has it. False if another version has it."""
        try:
            self._client.update_secret_version_stage(
                SecretId=self.secret, VersionStage=CURRENT, MoveToVersionId=version, RemoveFromVersionId=instead_of
            )
        except ClientError as error:
            if _code(error) not in MOVED:
                raise
            # the move may have succeeded: its answer was lost, and botocore sent it again
            return self._current().id == version
        return True

    @contextmanager
    def _calling(self) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            what = SECRET_REMEDIES.get(_code(error), str(error))
        except NoCredentialsError:
            what = "no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        except NoRegionError:
            what = "no AWS region: set AWS_DEFAULT_REGION"
        except BotoCoreError as error:
            what = str(error)
        else:
            return
        raise SecretError(f"secret {self.secret}: {what}")


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
