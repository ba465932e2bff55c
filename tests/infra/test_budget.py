from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def test_there_is_no_budget_unless_the_context_says_how_much(resources: Callable[[str], Json]) -> None:
    assert resources("AWS::Budgets::Budget") == {}


def test_the_operator_is_mailed_before_the_month_has_cost_too_much(optional_resources: Callable[[str], Json]) -> None:
    (budget,) = (one["Properties"] for one in optional_resources("AWS::Budgets::Budget").values())
    assert budget["Budget"] == {
        "BudgetName": {"Fn::Join": ["", ["despliegue-trial-", {"Ref": "AWS::Region"}]]},
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": 50, "Unit": "USD"},
    }
    told = [
        (one["Notification"]["NotificationType"], one["Notification"]["Threshold"], one["Subscribers"])
        for one in budget["NotificationsWithSubscribers"]
    ]
    operator = [{"Address": "operator@example.com", "SubscriptionType": "EMAIL"}]
    assert told == [("ACTUAL", 80, operator), ("FORECASTED", 100, operator)]
