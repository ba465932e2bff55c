from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def lint(template: Path) -> subprocess.CompletedProcess[str]:
    # W3005 is about dependencies that the CDK states and CloudFormation would find by itself.
    program = "import sys; from cfnlint.runner import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "-i", "W3005", "-t", str(template)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_outputs_name_the_address_and_the_buckets(template: Json) -> None:
    assert {"ApiUrl", "UploadBucket", "RegistryBucket"} <= set(template["Outputs"])
    api, attribute = template["Outputs"]["ApiUrl"]["Value"]["Fn::GetAtt"]
    assert template["Resources"][api]["Type"] == "AWS::ApiGatewayV2::Api"
    assert attribute == "ApiEndpoint"


def test_template_passes_cfn_lint(synthesized: Json, optional: Json) -> None:
    for one in (synthesized, optional):
        linted = lint(one["path"])
        assert linted.returncode == 0, linted.stdout + linted.stderr
