"""Checks of the AWS account that a deployment goes to: credentials, region, the CDK's bootstrap, and quotas."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from functions.core.errors import DespliegueError
from model_export.commands.checked import Checked

if TYPE_CHECKING:
    from functions.aws.account import Identity

EU_REGIONS: Mapping[str, str] = {
    "eu-central-1": "Frankfurt",
    "eu-north-1": "Stockholm",
    "eu-south-1": "Milan",
    "eu-south-2": "Spain",
    "eu-west-1": "Ireland",
    "eu-west-3": "Paris",
}
"""AWS's regions in member states of the EU. London (eu-west-2) and Zurich (eu-central-2) are in none."""
# the first version whose roles push images, and the one that the template of the stack asks for
BOOTSTRAP_VERSION = 6
USUAL_EXECUTIONS = 1000
SIGN_IN = "`aws configure sso`, then `aws sso login` and `export AWS_PROFILE=...`"


class SeenAccount(Protocol):
    """The questions to AWS that the checks ask; each may raise a DespliegueError."""

    def region(self) -> str | None: ...

    def identity(self) -> Identity: ...

    def bootstrap_version(self, region: str) -> int | None: ...

    def concurrent_executions(self, region: str) -> int: ...


def checked_account(account: SeenAccount, environment: Mapping[str, str] = os.environ) -> Iterator[Checked]:
    """The account, as far as it can be seen: without credentials or a region, nothing else is asked."""
    try:
        region = account.region()
        identity = account.identity()
    except DespliegueError as error:
        yield Checked("credentials", "fault", str(error), SIGN_IN)
        return
    yield _credentials(identity)
    yield _region(region, environment)
    if region is not None:
        yield _bootstrap(account, identity, region)
        yield _executions(account, region)


def _credentials(identity: Identity) -> Checked:
    found = f"account {identity.account}, {identity.arn}"
    if identity.is_root:
        return Checked("credentials", "note", f"{found}: the root user, who can do everything", "use a user or a role")
    return Checked("credentials", "ok", found)


def _region(region: str | None, environment: Mapping[str, str]) -> Checked:
    if region is None:
        return Checked("region", "fault", "none is set", "export AWS_DEFAULT_REGION=eu-west-1, or another one")
    other = environment.get("AWS_REGION", region)
    if other != region:
        found = f"{region}, and AWS_REGION is {other}: the CDK and the other commands would go to different ones"
        return Checked("region", "fault", found, "set AWS_REGION and AWS_DEFAULT_REGION to the same")
    if region in EU_REGIONS:
        return Checked("region", "ok", f"{region} ({EU_REGIONS[region]}), in the EU")
    found = f"{region}, in no member state of the EU: models, training rows, uploads and logs lie there"
    return Checked("region", "note", found, f"for the EU, one of {', '.join(EU_REGIONS)}")


def _bootstrap(account: SeenAccount, identity: Identity, region: str) -> Checked:
    advice = f"cdk bootstrap aws://{identity.account}/{region}"
    try:
        version = account.bootstrap_version(region)
    except DespliegueError as error:
        return Checked("bootstrap", "note", str(error), "look by hand, or ask who administers the account")
    if version is None:
        return Checked("bootstrap", "fault", f"the CDK was never used in {region}", advice)
    if version < BOOTSTRAP_VERSION:
        return Checked("bootstrap", "fault", f"version {version}, and {BOOTSTRAP_VERSION} is needed", advice)
    return Checked("bootstrap", "ok", f"version {version}")


def _executions(account: SeenAccount, region: str) -> Checked:
    try:
        executions = account.concurrent_executions(region)
    except DespliegueError as error:
        return Checked("concurrency", "note", str(error), "look in the console, under Service Quotas, AWS Lambda")
    found = f"{executions} executions of Lambda at once"
    if executions >= USUAL_EXECUTIONS:
        return Checked("concurrency", "ok", found)
    advice = (
        "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 "
        f"--desired-value {USUAL_EXECUTIONS} --region {region}"
    )
    return Checked("concurrency", "note", f"{found}: a request takes one or two, and what is beyond fails", advice)
