"""The emulator, adapted so that it accepts a stack for AWS unchanged. Hypercorn runs it in the emulator's environment.

It answers as if behind a proxy that ends TLS, because bucket policies refuse requests without it; its network reaches
nothing else. It reads an alarm on several metrics as one on the first of them; none is ever raised, because functions
report no metrics here. A reference to a secret is the secret's ARN, a bucket has its tags, and a greedy variable of a
path may be empty, as on AWS. The roles with which the CDK itself deploys may do everything, because the emulator cannot
check all that they ask for. The roles of the stack's functions are enforced as they are.
"""

from __future__ import annotations

from typing import Any

from ministack.app import app as emulator  # type: ignore[import-not-found]
from ministack.services import apigateway, s3  # type: ignore[import-not-found]
from ministack.services.cloudformation import provisioners  # type: ignore[import-not-found]

SUFFIX_CHARACTERS = 7
"""The length of a secret's ARN after its name: a hyphen and six random characters."""
TOOLKIT = "cdk-hnb659fds-"
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
GREEDY = "/{proxy+}"
_parameters = apigateway._extract_path_params
_record_of_alarm = provisioners._cw_metric_alarm_record
_secrets = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
_create, _update, _delete = _secrets["create"], _secrets["update"], _secrets["delete"]
_roles = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
_role_create = _roles["create"]
_buckets = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
_bucket_create, _bucket_update = _buckets["create"], _buckets["update"]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An ASGI application."""
    if scope["type"] == "http":
        scope = {**scope, "scheme": "https"}
    await emulator(scope, receive, send)


def _alarm(name: str, properties: dict[str, Any]) -> Any:
    metrics = properties.get("Metrics")
    if not metrics:
        return _record_of_alarm(name, properties)
    first = next(one["MetricStat"] for one in metrics if "MetricStat" in one)
    others = {key: value for key, value in properties.items() if key != "Metrics"}
    return _record_of_alarm(name, {**others, **first["Metric"], "Period": first["Period"], "Statistic": "Sum"})


def _create_secret(*arguments: Any) -> Any:
    return _known_by_arn(_create(*arguments))


def _update_secret(arn: str, *arguments: Any, **named: Any) -> Any:
    return _known_by_arn(_update(_name(arn), *arguments, **named))


def _delete_secret(arn: str, properties: Any) -> Any:
    return _delete(_name(arn), properties)


def _known_by_arn(made: tuple[str, dict[str, str]]) -> tuple[str, dict[str, str]]:
    return made[1]["Arn"], made[1]


def _name(arn: str) -> str:
    return arn.partition(":secret:")[2][:-SUFFIX_CHARACTERS]


def _create_bucket(logical_id: str, properties: Any, *arguments: Any) -> Any:
    return _tagged(_bucket_create(logical_id, properties, *arguments), properties)


def _update_bucket(name: str, old: Any, new: Any, *arguments: Any) -> Any:
    return _tagged(_bucket_update(name, old, new, *arguments), new)


def _tagged(made: Any, properties: Any) -> Any:
    s3._bucket_tags[made[0]] = {one["Key"]: str(one["Value"]) for one in properties.get("Tags", [])}
    return made


def _create_role(logical_id: str, properties: dict[str, Any], *arguments: Any) -> Any:
    if str(properties.get("RoleName", "")).startswith(TOOLKIT):
        policies = [*properties.get("Policies", []), {"PolicyName": "emulator", "PolicyDocument": ALL}]
        properties = {**properties, "Policies": policies}
    return _role_create(logical_id, properties, *arguments)


def _path_parameters(route: str, path: str) -> dict[str, str] | None:
    variables: dict[str, str] | None = _parameters(route, path)
    if variables is None and route.endswith(GREEDY) and path.endswith("/"):
        variables = _parameters(route.removesuffix(GREEDY), path[:-1])
    return variables


apigateway._extract_path_params = _path_parameters
provisioners._cw_metric_alarm_record = _alarm
_roles.update(create=_create_role)
_buckets.update(create=_create_bucket, update=_update_bucket)
_secrets.update(create=_create_secret, update=_update_secret, delete=_delete_secret)
