"""Findings of cdk-nag's AwsSolutions that are accepted, each with its reason; any other fails the tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import IConstruct

PACK = "AwsSolutions"


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Accept a finding, for example S1, on this construct and all within it."""
    Validations.of(construct).acknowledge(Acknowledgment(id=f"{PACK}::{PACK}-{finding}", reason=reason))


def acknowledge_wildcards(role: iam.Role, statements: Iterable[iam.PolicyStatement], reason: str) -> None:
    """Accept the wildcards in the ARNs that the statements allow, each for names that are unknown beforehand."""
    arns = {
        _as_cdk_nag_writes(Stack.of(role).resolve(arn))
        for statement in statements
        if statement.effect is iam.Effect.ALLOW
        for arn in statement.resources
    }
    for text in sorted(text for text in arns if "*" in text):
        acknowledge(role, f"IAM5[Resource::{text}]", reason)


def _as_cdk_nag_writes(arn: Any) -> str:
    if isinstance(arn, str):
        return arn
    if "Fn::GetAtt" in arn:
        return f"<{'.'.join(arn['Fn::GetAtt'])}>"
    if "Ref" in arn:
        return f"<{arn['Ref']}>"
    separator, parts = arn["Fn::Join"]
    return str(separator).join(_as_cdk_nag_writes(part) for part in parts)
