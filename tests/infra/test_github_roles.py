"""The roles of the workflows (.github/roles): the one that compares pull requests reads templates, and no data."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from infra.app import build_app

PROJECT = Path(__file__).resolve().parents[2]
ROLES = PROJECT / ".github" / "roles"
STACK = "arn:aws:cloudformation:REGION:ACCOUNT:stack/despliegue-STAGE/0123"
NESTED = "arn:aws:cloudformation:REGION:ACCOUNT:stack/despliegue-STAGE-Models-4567/89ab"
Json = dict[str, Any]


def read(name: str) -> list[Json]:
    document = json.loads((ROLES / name).read_text(encoding="utf-8"))
    assert document["Version"] == "2012-10-17"
    statements: list[Json] = document["Statement"]
    return statements


def many(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def allows(role: str, action: str, resource: str) -> bool:
    return any(
        any(fnmatchcase(action.lower(), pattern.lower()) for pattern in many(one["Action"]))
        and any(fnmatchcase(resource, pattern) for pattern in many(one["Resource"]))
        for one in read(f"{role}.policy.json")
    )


@pytest.mark.parametrize("stack", [STACK, NESTED])
@pytest.mark.parametrize("action", ["DescribeStacks", "GetTemplate", "ListStackResources"])
def test_the_comparing_role_reads_the_templates_of_the_stack(action: str, stack: str) -> None:
    assert allows("diff", f"cloudformation:{action}", stack)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::despliegue-STAGE-registry/data/0123"),
        ("s3:ListBucket", "arn:aws:s3:::despliegue-STAGE-registry"),
        ("s3:ListAllMyBuckets", "*"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:REGION:ACCOUNT:secret:despliegue-STAGE/tokens-x"),
        ("sqs:ReceiveMessage", "arn:aws:sqs:REGION:ACCOUNT:despliegue-STAGE-queue"),
        ("logs:FilterLogEvents", "arn:aws:logs:REGION:ACCOUNT:log-group:despliegue"),
        ("lambda:GetFunction", "arn:aws:lambda:REGION:ACCOUNT:function:despliegue-STAGE-predict"),
        ("lambda:InvokeFunction", "arn:aws:lambda:REGION:ACCOUNT:function:despliegue-STAGE-predict"),
        ("ecr:BatchGetImage", "arn:aws:ecr:REGION:ACCOUNT:repository/cdk-hnb659fds-container-assets"),
        ("ssm:GetParameter", "arn:aws:ssm:REGION:ACCOUNT:parameter/cdk-bootstrap/hnb659fds/version"),
        ("sts:AssumeRole", "arn:aws:iam::ACCOUNT:role/cdk-hnb659fds-lookup-role-ACCOUNT-REGION"),
        ("sts:AssumeRole", "arn:aws:iam::ACCOUNT:role/cdk-hnb659fds-deploy-role-ACCOUNT-REGION"),
        ("iam:PassRole", "arn:aws:iam::ACCOUNT:role/cdk-hnb659fds-cfn-exec-role-ACCOUNT-REGION"),
        ("cloudformation:CreateChangeSet", STACK),
        ("cloudformation:UpdateStack", STACK),
        ("cloudformation:DeleteStack", STACK),
        ("cloudformation:GetTemplate", "arn:aws:cloudformation:REGION:ACCOUNT:stack/another/0123"),
        ("cloudformation:DescribeStacks", "*"),
    ],
)
def test_the_comparing_role_reads_no_data_and_becomes_no_other_role(action: str, resource: str) -> None:
    assert not allows("diff", action, resource)


def test_the_comparing_role_has_no_other_action() -> None:
    """A deny-list cannot know every action of AWS."""
    (statement,) = read("diff.policy.json")
    assert statement.keys() == {"Sid", "Effect", "Action", "Resource"}
    assert {action.partition(":")[0] for action in statement["Action"]} == {"cloudformation"}
    assert {action.partition(":")[2] for action in statement["Action"]} == {
        "DescribeStacks",
        "GetTemplate",
        "ListStackResources",
    }
    assert not any("*" in action for action in statement["Action"])


def test_templates_that_the_comparing_role_reads_hold_no_secret(template: Json) -> None:
    secrets = [one for one in template["Resources"].values() if one["Type"] == "AWS::SecretsManager::Secret"]
    assert [one["Properties"]["SecretString"] for one in secrets] == ['{"tokens": []}']
    assert "Parameters" not in template or set(template["Parameters"]) == {"BootstrapVersion"}


def test_the_deploying_role_becomes_the_roles_of_bootstrap_and_does_nothing_itself() -> None:
    (statement,) = read("deploy.policy.json")
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Resource"] == "arn:aws:iam::ACCOUNT:role/cdk-hnb659fds-*-ACCOUNT-REGION"


@pytest.mark.parametrize(("role", "subject"), [("diff", "pull_request"), ("deploy", "environment:production")])
def test_each_role_trusts_one_subject_of_one_repository(role: str, subject: str) -> None:
    (statement,) = read(f"{role}.trust.json")
    issuer = "token.actions.githubusercontent.com"
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::ACCOUNT:oidc-provider/{issuer}"}
    assert statement["Condition"] == {
        "StringEquals": {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": f"repo:OWNER/REPO:{subject}"}
    }


def test_documents_name_every_file_of_the_roles() -> None:
    document = (PROJECT / "docs" / "aws.md").read_text(encoding="utf-8")
    assert ".github/roles" in document
    assert {path.name for path in ROLES.iterdir()} == {
        f"{role}.{kind}.json" for role in ("diff", "deploy") for kind in ("policy", "trust")
    }
    for word in ("ACCOUNT", "REGION", "STAGE", "OWNER/REPO"):
        assert f"s|{word}|" in document


def test_the_name_of_the_stack_is_that_of_the_policy(tmp_path: Path, write_project: Any) -> None:
    app = build_app(write_project(tmp_path), context={"stage": "trial"}, outdir=tmp_path / "cdk.out")
    (stack,) = (child for child in app.node.children if child.node.id.startswith("despliegue-"))
    assert fnmatchcase(f"stack/{stack.node.id}/0", "stack/despliegue-trial*/*")
