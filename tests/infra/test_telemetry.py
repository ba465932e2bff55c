from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_cdk import App, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions

from infra.telemetry import Telemetry

Json = dict[str, Any]


def telemetry() -> Telemetry:
    stack = Stack(App(), "telemetry")
    named = {
        name: lambda_.Function.from_function_name(stack, name, name)
        for name in ("fast", "slow-one", "control", "authorizer", "trainer", "batch")
    }
    return Telemetry(
        namespace="Despliegue/trial",
        api=apigateway.HttpApi(stack, "Api"),
        predict={"fast": named["fast"], "slow-one": named["slow-one"]},
        control=named["control"],
        authorizer=named["authorizer"],
        trainer=named["trainer"],
        batch=named["batch"],
        batches=stepfunctions.StateMachine.from_state_machine_name(stack, "Batches", "batches"),
        queue=sqs.Queue(stack, "Queue"),
        dead_letters=sqs.Queue(stack, "DeadLetters"),
        pings=stepfunctions.StateMachine.from_state_machine_name(stack, "Pings", "pings"),
    )


def test_the_functions_behind_the_api_have_the_names_under_which_they_report() -> None:
    watched = telemetry()
    assert watched.serving == {
        "predict-fast": watched.predict["fast"],
        "predict-slow-one": watched.predict["slow-one"],
        "control": watched.control,
    }


def test_a_metric_is_a_sum_over_five_minutes_in_the_namespace_of_the_stage() -> None:
    metric = telemetry().metric("Rows", service="predict-fast")
    assert (metric.namespace, metric.metric_name, metric.statistic) == ("Despliegue/trial", "Rows", "Sum")
    assert metric.dimensions == {"service": "predict-fast"}
    assert metric.period.to_seconds() == 300


def test_a_metric_without_a_service_is_the_one_over_all_functions() -> None:
    assert telemetry().metric("StaleServing").dimensions is None


def test_a_metric_may_have_another_statistic() -> None:
    assert telemetry().metric("Latency", service="control", statistic="p99").statistic == "p99"


def test_all_functions_report_under_the_stage(functions: Json, optional_resources: Callable[[str], Json]) -> None:
    for one in functions.values():
        variables = one["Environment"]["Variables"]
        assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "Despliegue/prod"
        assert variables["POWERTOOLS_LOG_LEVEL"] == "INFO"
    trial = [one["Properties"].get("Environment") for one in optional_resources("AWS::Lambda::Function").values()]
    namespaces = {one["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] for one in trial if one is not None}
    assert namespaces == {"Despliegue/trial"}
