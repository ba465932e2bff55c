from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name

Json = dict[str, Any]


def lint(template: Path) -> subprocess.CompletedProcess[str]:
    # W3005 is about dependencies that the CDK states and CloudFormation would find by itself.
    program = "import sys; from cfnlint.runner import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "-i", "W3005", "-t", str(template)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_dead_letters_are_moved_back_by_the_queue_that_an_output_names(template: Json) -> None:
    """By a call of SQS, which takes the queue of dead letters and finds the one before by itself."""
    queue, attribute = template["Outputs"]["DeadLetters"]["Value"]["Fn::GetAtt"]
    queues = {key: one["Properties"] for key, one in template["Resources"].items() if one["Type"] == "AWS::SQS::Queue"}
    targets = [one["RedrivePolicy"]["deadLetterTargetArn"] for one in queues.values() if "RedrivePolicy" in one]
    assert targets == 2 * [{"Fn::GetAtt": [queue, attribute]}]
    assert attribute == "Arn"
    document = (Path(__file__).resolve().parents[2] / "docs" / "aws.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"aws sqs start-message-move-task (.+)", document)
    known = boto3.client("sqs", region_name="eu-west-1").meta.service_model.operation_model("StartMessageMoveTask")
    shape = known.input_shape
    assert shape is not None
    given = {xform_name(name, "-") for name in shape.members}
    assert set(re.findall(r"--([a-z-]+)", command)) <= given


def test_what_outlives_the_stack_goes_with_a_first_deployment_that_failed(template: Json) -> None:
    """A name that is left behind, as that of the secret, would let no other first deployment succeed."""
    kept = [one for one in template["Resources"].values() if one.get("DeletionPolicy", "Delete") != "Delete"]
    assert {one["Type"] for one in kept} == {
        "AWS::DynamoDB::Table",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
    }
    assert {one["DeletionPolicy"] for one in kept} == {"RetainExceptOnCreate"}
    assert {one["UpdateReplacePolicy"] for one in kept} == {"Retain"}


def test_outputs_name_the_address_and_the_buckets(template: Json) -> None:
    assert {"ApiUrl", "UploadBucket", "RegistryBucket"} <= set(template["Outputs"])
    api, attribute = template["Outputs"]["ApiUrl"]["Value"]["Fn::GetAtt"]
    assert template["Resources"][api]["Type"] == "AWS::ApiGatewayV2::Api"
    assert attribute == "ApiEndpoint"


def test_template_passes_cfn_lint(synthesized: Json, optional: Json) -> None:
    for one in (synthesized, optional):
        linted = lint(one["path"])
        assert linted.returncode == 0, linted.stdout + linted.stderr
