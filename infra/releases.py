"""Releases: callers come to the new version of a function little by little, and go back to the old one on an alarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.findings import acknowledge_wildcards
from infra.function import ImageFunction
from infra.permissions import release_statements


class Releases(Construct):
    """A deployment group of CodeDeploy for each of the `functions`, by their service names.

    10 % of the calls go to a new version for five minutes. An alarm of `alarms`, also one that is raised already, ends
    the deployment: CodeDeploy moves the alias back, and CloudFormation everything else. A stack without this construct
    moves all calls at once and looks at no alarm.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        functions: Mapping[str, ImageFunction],
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, construct_id)
        application = codedeploy.LambdaApplication(self, "Application")
        role = self._role(functions)
        for service, function in functions.items():
            codedeploy.LambdaDeploymentGroup(
                self,
                service,
                application=application,
                alias=function.live,
                deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
                alarms=list(alarms),
                # or else the CDK adds AWS's own policy, which is for all functions of the account
                role=role.without_policy_updates(),
            )

    def _role(self, functions: Mapping[str, ImageFunction]) -> iam.Role:
        statements = release_statements(one.function for one in functions.values())
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            inline_policies={"Permissions": iam.PolicyDocument(statements=statements)},
        )
        acknowledge_wildcards(
            role, statements, "the functions of this stage by name, with or without an alias; all alarms"
        )
        return role
