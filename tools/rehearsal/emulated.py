"""The emulator, adapted so that it accepts a stack for AWS unchanged. Hypercorn runs it in the emulator's environment.

It answers as if behind a proxy that ends TLS, because bucket policies refuse requests without it; its network reaches
nothing else. It reads an alarm on several metrics as one on the first of them; none is ever raised, because functions
report no metrics here. CodeDeploy, which it does not know, is a ping of the new version before an alias moves: a ping
that fails counts as an alarm, and the alias stays where it is. A reference to a secret is the secret's ARN, a bucket
has its tags, and a greedy variable of a path may be empty, as on AWS. The roles with which the CDK itself deploys may
do everything, because the emulator cannot check all that they ask for. The roles of the stack's functions are enforced
as they are.
"""

from __future__ import annotations

from typing import Any

from ministack.app import app as emulator  # type: ignore[import-not-found]
from ministack.services import apigateway, lambda_svc, s3  # type: ignore[import-not-found]
from ministack.services.cloudformation import provisioners, stacks  # type: ignore[import-not-found]

SUFFIX_CHARACTERS = 7
"""The length of a secret's ARN after its name: a hyphen and six random characters."""
TOOLKIT = "cdk-hnb659fds-"
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
GREEDY = "/{proxy+}"
ALIAS = "AWS::Lambda::Alias"
PING = {"source": "codedeploy"}
_parameters = apigateway._extract_path_params
_record_of_alarm = provisioners._cw_metric_alarm_record
_secrets = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
_create, _update, _delete = _secrets["create"], _secrets["update"], _secrets["delete"]
_roles = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
_role_create = _roles["create"]
_buckets = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
_bucket_create, _bucket_update = _buckets["create"], _buckets["update"]
_aliases = provisioners._RESOURCE_HANDLERS[ALIAS]
_alias_update = _aliases["update"]
_waits = stacks._runs_on_worker_thread


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


def _create_of_codedeploy(logical_id: str, properties: Any, stack_name: str) -> Any:
    return f"{stack_name}-{logical_id}", {}


def _update_of_codedeploy(name: str, old: Any, new: Any, *arguments: Any) -> Any:
    return name, {}


def _delete_of_codedeploy(name: str, properties: Any) -> None:
    """There is nothing behind the name."""


def _update_alias(arn: str, old: dict[str, Any], new: dict[str, Any], *arguments: Any) -> Any:
    if old["FunctionVersion"] != new["FunctionVersion"]:
        version = lambda_svc._functions[new["FunctionName"]]["versions"][new["FunctionVersion"]]
        record = lambda_svc._execution_record_for_config(version, version["config"])
        answer = lambda_svc._execute_function_with_config_scope(record, PING)
        if answer.get("error"):
            raise ValueError(
                f"The new version of {new['FunctionName']} fails, so callers keep the old one: {answer['body']}"
            )
    return _alias_update(arn, old, new, *arguments)


def _path_parameters(route: str, path: str) -> dict[str, str] | None:
    variables: dict[str, str] | None = _parameters(route, path)
    if variables is None and route.endswith(GREEDY) and path.endswith("/"):
        variables = _parameters(route.removesuffix(GREEDY), path[:-1])
    return variables


apigateway._extract_path_params = _path_parameters
provisioners._cw_metric_alarm_record = _alarm
# the ping of a new version waits for its container
stacks._runs_on_worker_thread = lambda kind: kind == ALIAS or _waits(kind)
_aliases.update(update=_update_alias)
_roles.update(create=_create_role)
_buckets.update(create=_create_bucket, update=_update_bucket)
_secrets.update(create=_create_secret, update=_update_secret, delete=_delete_secret)
for _kind in ("Application", "DeploymentGroup"):
    provisioners._RESOURCE_HANDLERS[f"AWS::CodeDeploy::{_kind}"] = {
        "create": _create_of_codedeploy,
        "update": _update_of_codedeploy,
        "delete": _delete_of_codedeploy,
    }
