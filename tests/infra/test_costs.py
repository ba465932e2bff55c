"""The price of a stack that nobody calls, from its template, and docs/aws.md, which shows the same arithmetic.

Prices are those of us-east-1 that docs/aws.md names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "aws.md").read_text(encoding="utf-8")
MOST_USD = 2.50
ALARM_USD, SECRET_USD = 0.10, 0.40
TIMES = "\N{MULTIPLICATION SIGN}"
FREE_DASHBOARDS = 3
FREE_WHEN_IDLE = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::Budgets::Budget",
    "AWS::CloudFormation::Stack",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::DynamoDB::Table",  # on demand, without backups
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::Route53::RecordSet",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::StepFunctions::StateMachine",
    "Custom::BakedVersions",
    "Custom::S3AutoDeleteObjects",
}
"""Types of resources that are billed by their use alone. A type that is not known here has to be looked up."""
Json = dict[str, Any]


def alarm_metrics(resources: Iterable[Json]) -> int:
    """The metrics that alarms read: an alarm on a formula is billed for each metric of it."""
    alarms = [one["Properties"] for one in resources if one["Type"] == "AWS::CloudWatch::Alarm"]
    return sum(
        len([metric for metric in one.get("Metrics", [{"MetricStat": {}}]) if "MetricStat" in metric]) for one in alarms
    )


def idle_usd(resources: list[Json]) -> float:
    """US dollars a month for the resources of a stack without a request; what is stored comes on top."""
    types = [one["Type"] for one in resources]
    paid = {"AWS::CloudWatch::Alarm", "AWS::SecretsManager::Secret", "AWS::CloudWatch::Dashboard"}
    assert {one for one in types if one not in FREE_WHEN_IDLE | paid} == set(), "what do these cost?"
    assert types.count("AWS::CloudWatch::Dashboard") <= FREE_DASHBOARDS
    return ALARM_USD * alarm_metrics(resources) + SECRET_USD * types.count("AWS::SecretsManager::Secret")


def rows(title: str) -> dict[str, list[str]]:
    """The cells of a table of the document, by their first."""
    table = DOCUMENT.partition(f"**{title}**")[2].partition("\n\n|")[2].partition("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {first: more for first, *more in cells[2:]}


def test_an_idle_month_of_this_repository_costs_what_the_document_says(own_resources: list[Json]) -> None:
    idle = rows("An idle month")
    alarms = alarm_metrics(own_resources)
    assert idle["alarms"] == [f"{alarms} {TIMES} 0.10", f"{ALARM_USD * alarms:.2f}"]
    assert idle["secret"] == [f"1 {TIMES} 0.40", "0.40"]
    used = sum(float(idle[name][1]) for name in ("images", "buckets", "pings", "queues"))
    total = idle_usd(own_resources) + used
    assert idle[""] == ["", f"**{total:.2f}**"]
    assert total < MOST_USD


def test_a_busy_month_adds_up() -> None:
    busy = rows("A busy month")
    total = sum(float(cells[1]) for first, cells in busy.items() if first)
    assert busy["idle"][1] == rows("An idle month")[""][1].strip("*")
    assert busy[""] == ["", f"**{total:.2f}**"]


def test_the_first_page_rounds_what_the_document_says() -> None:
    page = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    idle, busy = (float(rows(title)[""][1].strip("*")) for title in ("An idle month", "A busy month"))
    (found,) = re.findall(r"an idle month costs about (\d+\.\d\d) US dollars", page)
    assert float(found) == idle
    (found,) = re.findall(r"a month of a million\s+predictions and a hundred trainings about (\d+):", page)
    assert float(found) == round(busy)


def test_each_row_is_the_product_that_it_names() -> None:
    for title in ("An idle month", "A busy month"):
        for calculation, amount in rows(title).values():
            product = re.fullmatch(r"(?:.*[:=] )?(\d+)(?: \w+(?: \(\w+\))?)? " + TIMES + r" (\d+\.\d+)", calculation)
            if product is not None:
                assert f"{int(product[1]) * float(product[2]):.2f}" == amount, calculation


def test_a_further_model_costs_nothing_when_idle(template: Json, optional: Json) -> None:
    few, more = (list(one["Resources"].values()) for one in (template, optional["template"]))
    functions = [[one["Type"] for one in some].count("AWS::Lambda::Function") for some in (few, more)]
    assert functions[0] < functions[1]
    assert idle_usd(more) == pytest.approx(idle_usd(few) + SECRET_USD)  # the secret of the webhook, which is an option


@pytest.mark.parametrize(
    ("metrics", "count"),
    [
        ([{"Id": "a", "MetricStat": {}}, {"Id": "b", "MetricStat": {}}, {"Id": "c", "Expression": "a + b"}], 2),
        (None, 1),
    ],
)
def test_an_alarm_on_a_formula_costs_each_metric_of_it(metrics: list[Json] | None, count: int) -> None:
    properties = {"Metrics": metrics} if metrics else {"MetricName": "Errors"}
    assert alarm_metrics([{"Type": "AWS::CloudWatch::Alarm", "Properties": properties}]) == count


def test_a_resource_whose_price_is_unknown_is_refused() -> None:
    with pytest.raises(AssertionError, match="what do these cost"):
        idle_usd([{"Type": "AWS::KMS::Key", "Properties": {}}])
