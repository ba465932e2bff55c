"""The runner of batches on AWS: a state machine, which plans, hands out the shards and finishes."""

from __future__ import annotations

import json
from functools import cached_property

from botocore.exceptions import BotoCoreError, ClientError

from functions.aws.client import MachineClient, machine_client
from functions.core.batch_record import Batch
from functions.core.errors import DespliegueError

EXISTS = "ExecutionAlreadyExists"


class StateMachineError(DespliegueError):
    """Step Functions refused or was not reached; the text names the state machine."""


class StateMachineRunner:
    """The state machine of an ARN. An execution has the name of its batch and attempt, so each is started once.

    AWS remembers names for 90 days; after that, an execution for a batch that ended long ago finds nothing to do.
    """

    def __init__(self, arn: str, client: MachineClient | None = None) -> None:
        """Make a client at the first use unless `client` is given."""
        self._arn = arn
        self._given_client = client

    @cached_property
    def _client(self) -> MachineClient:
        return self._given_client or machine_client()

    def run(self, batch: Batch) -> None:
        """Start an execution for this attempt at the batch, unless there is one. Raises StateMachineError."""
        name = f"{batch.batch}-{batch.attempt}"
        asked = json.dumps({"model": batch.model, "batch": batch.batch})
        try:
            self._client.start_execution(stateMachineArn=self._arn, name=name, input=asked)
        except ClientError as error:
            if error.response["Error"]["Code"] != EXISTS:
                raise StateMachineError(f"{self._arn} did not start {name}: {error}") from error
        except BotoCoreError as error:
            raise StateMachineError(f"{self._arn} did not start {name}: {error}") from error
