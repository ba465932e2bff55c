"""A budget of the account, which mails before the month has cost too much."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_budgets as budgets
from constructs import Construct

# Percent of the budget, by what AWS compares with it.
SPENT_PERCENT, FORECAST_PERCENT = 80, 100


class Budget(Construct):
    """A monthly budget of `usd` dollars; `email` is mailed when most of it is spent, or all of it is foreseen.

    It is the account's and not the stage's: AWS can tell stages apart only once somebody activates their cost tags, and
    until then a budget of a tag would stay at zero.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, usd: int, email: str) -> None:
        super().__init__(scope, construct_id)
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                # two regions of the account may have a stage of the same name
                budget_name=f"{name}-{Stack.of(self).region}",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=usd, unit="USD"),
            ),
            notifications_with_subscribers=[
                _notification("ACTUAL", SPENT_PERCENT, email),
                _notification("FORECASTED", FORECAST_PERCENT, email),
            ],
        )


def _notification(kind: str, percent: int, email: str) -> budgets.CfnBudget.NotificationWithSubscribersProperty:
    return budgets.CfnBudget.NotificationWithSubscribersProperty(
        notification=budgets.CfnBudget.NotificationProperty(
            comparison_operator="GREATER_THAN", notification_type=kind, threshold=percent, threshold_type="PERCENTAGE"
        ),
        subscribers=[budgets.CfnBudget.SubscriberProperty(address=email, subscription_type="EMAIL")],
    )
