from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]
ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
DOMAIN = "AWS::ApiGatewayV2::DomainName"
MAPPING = "AWS::ApiGatewayV2::ApiMapping"
RECORD = "AWS::Route53::RecordSet"


@pytest.fixture(scope="module")
def plain(
    tmp_path_factory: pytest.TempPathFactory, write_project: Callable[[Path], Path], synth: Callable[..., Json]
) -> Json:
    """A template with a domain at its root and no zone."""
    root = write_project(tmp_path_factory.mktemp("project"))
    template: Json = synth(root, stage="staging", domain_name="ml.example.com", certificate_arn=ARN)["template"]
    return template


def the_one(template: Json, kind: str) -> Any:
    (found,) = (one["Properties"] for one in template["Resources"].values() if one["Type"] == kind)
    return found


def test_without_a_name_there_is_no_domain(resources: Callable[[str], Json], template: Json) -> None:
    assert not any(resources(kind) for kind in (DOMAIN, MAPPING, RECORD))
    assert not {"DomainUrl", "DomainTarget"} & template["Outputs"].keys()


def test_a_domain_is_regional_with_its_certificate_and_tls_1_2(optional: Json) -> None:
    domain = the_one(optional["template"], DOMAIN)
    assert domain["DomainName"] == "api.example.com"
    (configuration,) = domain["DomainNameConfigurations"]
    assert configuration == {"CertificateArn": ARN, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}


def test_a_base_path_is_the_key_of_the_mapping_to_the_stage(optional: Json) -> None:
    template = optional["template"]
    mapping = the_one(template, MAPPING)
    assert mapping["ApiMappingKey"] == "ml/v1"
    assert mapping["Stage"] == "$default"
    (made_after,) = (one["DependsOn"] for one in template["Resources"].values() if one["Type"] == MAPPING)
    assert "AWS::ApiGatewayV2::Stage" in {template["Resources"][name]["Type"] for name in made_after}
    assert template["Resources"][mapping["ApiId"]["Ref"]]["Type"] == "AWS::ApiGatewayV2::Api"


def test_a_zone_gets_an_alias_to_the_target(optional: Json) -> None:
    template = optional["template"]
    record = the_one(template, RECORD)
    (name,) = (key for key, one in template["Resources"].items() if one["Type"] == DOMAIN)
    assert (record["Name"], record["Type"]) == ("api.example.com.", "A")
    assert record["HostedZoneId"] == "Z0123456789ABCDEFGHIJ"
    assert record["AliasTarget"] == {
        "DNSName": {"Fn::GetAtt": [name, "RegionalDomainName"]},
        "HostedZoneId": {"Fn::GetAtt": [name, "RegionalHostedZoneId"]},
    }


def test_without_a_base_path_the_mapping_is_the_root_of_the_domain(plain: Json) -> None:
    assert "ApiMappingKey" not in the_one(plain, MAPPING)


def test_without_a_zone_the_target_of_a_cname_is_an_output(plain: Json) -> None:
    assert RECORD not in {one["Type"] for one in plain["Resources"].values()}
    name, attribute = plain["Outputs"]["DomainTarget"]["Value"]["Fn::GetAtt"]
    assert (plain["Resources"][name]["Type"], attribute) == (DOMAIN, "RegionalDomainName")


def test_outputs_name_the_address_of_the_domain(plain: Json, optional: Json) -> None:
    assert plain["Outputs"]["DomainUrl"]["Value"] == "https://ml.example.com"
    assert optional["template"]["Outputs"]["DomainUrl"]["Value"] == "https://api.example.com/ml/v1"


def test_the_address_of_the_api_is_one_that_answers(plain: Json, optional: Json) -> None:
    """A domain may wait for its record; until then AWS's own address answers, unless it is closed."""
    assert plain["Outputs"]["ApiUrl"]["Value"]["Fn::GetAtt"][1] == "ApiEndpoint"
    assert optional["template"]["Outputs"]["ApiUrl"]["Value"] == "https://api.example.com/ml/v1"
