"""The table of predictions that are looked up by the id of their row."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.findings import acknowledge

KEY = "key"
EXPIRES = "expires"


class LookupTable(Construct):
    """`table` bills requests alone and forgets an item at the time in its EXPIRES. It is for all models and batches."""

    def __init__(self, scope: Construct, construct_id: str, *, removal: RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name=KEY, type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute=EXPIRES,
            removal_policy=removal,
        )
        acknowledge(self.table, "DDB3", "a batch that is run again writes its predictions again; they expire anyway")
