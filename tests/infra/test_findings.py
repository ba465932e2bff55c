"""The findings of cdk-nag's AwsSolutions, each of which needs a reason in infra/."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack, Validations
from aws_cdk.aws_sns import Topic
from cdk_nag import AwsSolutionsChecks

from infra.app import build_app

Json = dict[str, Any]


DOMAIN = {
    "domain_name": "ml.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/0f1e",
    "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
}


@pytest.mark.parametrize("context", [{}, {"stage": "trial", "removal": "destroy", "cors_origins": "*", **DOMAIN}])
def test_every_finding_has_its_reason(
    tmp_path: Path, write_project: Callable[[Path], Path], context: dict[str, str]
) -> None:
    app = build_app(write_project(tmp_path), context=context, outdir=tmp_path / "cdk.out")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    report = json.loads((tmp_path / "cdk.out" / "validation-report.json").read_text(encoding="utf-8"))
    (checked,) = (one for one in report["pluginReports"] if one["pluginName"] == "AwsSolutions")
    assert checked["violations"] == []
    meant = {one["ruleName"].partition("[")[0] for one in checked["suppressedViolations"]}
    assert meant == {f"AwsSolutions-{rule}" for rule in ("S1", "IAM5", "SMG4", "APIG4", "SF1", "SF2", "DDB3")}
    assert all(one["reason"] for one in checked["suppressedViolations"])


def test_a_finding_without_a_reason_is_reported(tmp_path: Path, write_project: Callable[[Path], Path]) -> None:
    app = build_app(write_project(tmp_path), outdir=tmp_path / "cdk.out")
    stack = app.node.find_child("despliegue-prod")
    assert isinstance(stack, Stack)
    Topic(stack, "OverPlainHttp")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="AwsSolutions-SNS3"):
        app.synth()
