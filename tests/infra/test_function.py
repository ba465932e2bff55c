from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def test_a_function_may_write_to_its_own_log_group_and_to_no_other(
    functions: Json, statements: dict[str, list[Json]]
) -> None:
    for name, function in functions.items():
        logging = [one for one in statements[name] if "logs:PutLogEvents" in one["Action"]]
        assert [one["Resource"] for one in logging] == [[function["LoggingConfig"]["LogGroup"]["Ref"]]], name


def test_a_role_is_used_by_one_function(functions: Json) -> None:
    roles = {function["Role"]["Fn::GetAtt"][0] for function in functions.values()}
    assert len(roles) == len(functions)


def test_without_snap_start_nothing_is_published(resources: Callable[[str], Json]) -> None:
    assert resources("AWS::Lambda::Version") == {}
    assert resources("AWS::Lambda::Alias") == {}


def test_snap_start_is_called_by_its_published_version(optional_resources: Callable[[str], Json]) -> None:
    ((alias, properties),) = ((key, one["Properties"]) for key, one in optional_resources("AWS::Lambda::Alias").items())
    ((version, published),) = optional_resources("AWS::Lambda::Version").items()
    assert properties["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    assert set(optional_resources("Custom::BakedVersions")) <= set(published["DependsOn"])
    targets = [one["Properties"] for one in optional_resources("AWS::ApiGatewayV2::Integration").values()]
    assert [one["IntegrationUri"] for one in targets].count({"Ref": alias}) == 1
    permitted = [one["Properties"] for one in optional_resources("AWS::Lambda::Permission").values()]
    assert [one["FunctionName"] for one in permitted].count({"Ref": alias}) == 1
