"""Settings of a deployment, given as `cdk deploy -c name=value` and checked before anything is built."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

from msgspec import Meta

from functions.core.base_path import BASE_PATH_RULE, is_base_path
from functions.core.definition import Count, MemoryMb, Retention, RetentionDays, StorageMb
from functions.core.documents import fault, read_document, require_no_faults
from functions.core.errors import KeyFault
from functions.core.other_origins import ORIGIN
from functions.core.webhook_address import is_webhook_address

CONTEXT = "context"
KEEP = "keep_"
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
ANY_ORIGIN = "*"
HTTPS = frozenset({"https"})
WEBHOOK_URL_RULE = "an https:// address of ASCII characters, without a password, such as https://example.com/hook,"
Stage = Annotated[
    str,
    Meta(
        pattern=r"\A[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?\Z",
        description="a name of at most 20 lower-case letters, digits and hyphens (first a letter, last no hyphen)",
    ),
]
Email = Annotated[str, Meta(pattern=r"\A[^@\s,]+@[^@\s,]+\Z", description="an address such as name@example.com")]
DomainLabels = Annotated[
    str,
    Meta(
        pattern=r"\A(?=.{4,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+\Z",
        description="a name such as ml.example.com, in lower case",
    ),
]
CertificateArn = Annotated[
    str,
    Meta(
        pattern=r"\Aarn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+\Z",
        description="the ARN of a certificate (arn:aws:acm:REGION:ACCOUNT:certificate/ID)",
    ),
]
HostedZoneId = Annotated[
    str, Meta(pattern=r"\AZ[A-Z0-9]{1,31}\Z", description="the id of a zone of Route 53, such as Z0123456789ABCDEFGHIJ")
]
Days = Annotated[int, Meta(ge=1, le=3_650)]
Throttle = Annotated[int, Meta(ge=1, le=100_000)]
LogDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
"""The retentions that CloudWatch Logs accepts."""
Workers = Annotated[int, Meta(ge=1, le=1_000)]
Dollars = Annotated[int, Meta(ge=0, le=1_000_000)]
SecretArn = Annotated[
    str,
    Meta(
        pattern=r"\Aarn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}\Z",
        description="the whole ARN of a secret, as `aws secretsmanager describe-secret` shows it,",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field for each context value, of the same name.

    `tokens_secret` is a secret that exists, in place of one that the stack makes. `budget_usd` is what the account may
    cost in a month before `alarm_email` is mailed, or 0 for no budget. `tracing` sends traces to X-Ray.

    `removal` decides whether buckets and logs are deleted with the stack; `base_image` replaces the one named in
    Dockerfile.lambda; `image_cache` is where layers are kept between builds; a training file stays in the uploads
    bucket for `upload_days`. Files, results and predictions of a batch stay for `batch_days`; `batch_concurrency` is
    the most shards that are predicted at once. `throttle_rate` is requests a second over all callers, `throttle_burst`
    how many may come at once. `cors_origins` are the sites, with commas between them, whose pages may call.
    `deployment` decides how callers come to a new version of a function (infra/releases.py). With `promote=gate` a
    version of the checkout comes into production also in place of another, where the gate lets it pass
    (model_export/checkout_gate.py). The ends of trainings and batches are posted to `webhook_url`. The `keep_` values
    are the retention of models without one of their own.

    `base_path` is the path below which clients reach the API. With `domain_name` the stage gets that domain, for which
    `certificate_arn` is a certificate; `hosted_zone_id` is the zone that shall have a record of the name.
    `default_endpoint` decides whether the address that AWS gives the API answers as well.
    """

    stage: Stage = "prod"
    platform: Literal["linux/amd64", "linux/arm64"] = "linux/amd64"
    removal: Literal["retain", "destroy"] = "retain"
    base_image: str | None = None
    image_cache: Literal["gha"] | None = None
    training_memory_mb: MemoryMb = 3008
    training_storage_mb: StorageMb = 2048
    upload_days: Days = 30
    batch_days: Days = 90
    batch_concurrency: Workers = 10
    log_days: LogDays = 30
    tokens_secret: SecretArn | None = None
    budget_usd: Dollars = 0
    tracing: Literal["on", "off"] = "off"
    throttle_rate: Throttle = 100
    throttle_burst: Throttle = 200
    cors_origins: str | None = None
    alarm_email: Email | None = None
    base_path: str = ""
    domain_name: DomainLabels | None = None
    certificate_arn: CertificateArn | None = None
    hosted_zone_id: HostedZoneId | None = None
    default_endpoint: Literal["open", "closed"] = "open"
    deployment: Literal["canary", "all-at-once"] = "canary"
    promote: Literal["first", "gate"] = "first"
    webhook_url: str | None = None
    keep_versions: Count | None = None
    keep_production_days: RetentionDays | None = None
    keep_job_days: RetentionDays | None = None
    keep_batch_days: RetentionDays | None = None
    keep_data_days: RetentionDays | None = None

    def __post_init__(self) -> None:
        require_no_faults(CONTEXT, self._broken_rules())

    def _broken_rules(self) -> Iterator[KeyFault]:
        if self.budget_usd and self.alarm_email is None:
            yield fault("alarm_email", "an address, which the budget of budget_usd mails,", self.alarm_email)
        for origin in self.origins:
            if origin != ANY_ORIGIN and not ORIGIN.fullmatch(origin):
                yield fault("cors_origins", "an origin such as https://www.example.com, without a path,", origin)
        if self.webhook_url is not None and not is_webhook_address(self.webhook_url, schemes=HTTPS):
            yield fault("webhook_url", WEBHOOK_URL_RULE, self.webhook_url)
        if not is_base_path(self.base_path):
            yield fault("base_path", f"{BASE_PATH_RULE},", self.base_path)
        if self.domain_name is not None and self.certificate_arn is None:
            yield fault("certificate_arn", "a certificate for domain_name, in the region of the stack,", None)
        if self.domain_name is None:
            yield from self._of_domain_alone()

    def _of_domain_alone(self) -> Iterator[KeyFault]:
        """Faults of values that mean something with a `domain_name` only."""
        hint = "without domain_name it has no use"
        for key, value in (("certificate_arn", self.certificate_arn), ("hosted_zone_id", self.hosted_zone_id)):
            if value is not None:
                yield fault(key, "nothing", value, hint)
        if self.default_endpoint == "closed":
            yield fault("default_endpoint", "open", "closed", "without domain_name nobody could call")

    @property
    def origins(self) -> tuple[str, ...]:
        """The sites in `cors_origins`; empty where no page of another site may call."""
        return tuple(self.cors_origins.split(",")) if self.cors_origins else ()

    @property
    def retention(self) -> Retention | None:
        """What is kept of models without a retention of their own; None for everything."""
        names = {one.name: getattr(self, f"{KEEP}{one.name}") for one in fields(Retention)}
        given = {name: value for name, value in names.items() if value is not None}
        return Retention(**given) if given else None


def read_settings(context: Callable[[str], Any]) -> Settings:
    """Settings from `context`, which returns None for a name that is not set.

    The command line gives every value as text, cdk.json may have numbers; so whole numbers are read from text as well.
    Raises DocumentError with every fault.
    """
    given = {one.name: (context(one.name), one.default) for one in fields(Settings)}
    numbers = {name for name, (_, default) in given.items() if isinstance(default, int) or name.startswith(KEEP)}
    document = {
        name: _number(value) if name in numbers else value for name, (value, _) in given.items() if value is not None
    }
    return read_document(document, Settings, CONTEXT)


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and WHOLE_NUMBER.fullmatch(value) else value
