"""X-Ray traces of all functions: a setting of Lambda, for which the functions import nothing."""

from __future__ import annotations

from typing import cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.findings import acknowledge


class Tracing(Construct):
    """Active tracing of every function that the stack has by now, and one policy that lets their roles send traces.

    Each function waits for the policy: Lambda refuses active tracing to a role that may not send traces yet.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        roles, traced = [], []
        for one in Stack.of(self).node.find_all():
            if isinstance(one, lambda_.CfnFunction):
                one.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")
                traced.append(one)
            elif isinstance(one, lambda_.Function) and one.role is not None:
                roles.append(one.role)
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            roles=roles,
            statements=[
                # X-Ray has no resources for these actions
                iam.PolicyStatement(actions=["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources=["*"])
            ],
        )
        acknowledge(policy, "IAM5[Resource::*]", "X-Ray has no resources to name in a permission to send traces")
        attached = cast(iam.CfnManagedPolicy, policy.node.default_child)
        for one in traced:
            one.add_dependency(attached)
