"""A domain of one's own for the HTTP API of a stage."""

from __future__ import annotations

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from aws_cdk.aws_route53_targets import ApiGatewayv2DomainProperties
from constructs import Construct


class Domain(Construct):
    """The domain `name`, by TLS 1.2 or later, which leads to `stage` below `base_path` (empty for its root).

    `certificate_arn` is a certificate of the stack's own region. With `hosted_zone_id`, a zone of Route 53, an alias
    record points the name at `target`; without one, somebody makes a CNAME elsewhere.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: apigateway.HttpStage,
        name: str,
        certificate_arn: str,
        base_path: str,
        hosted_zone_id: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        domain = apigateway.DomainName(
            self,
            "Name",
            domain_name=name,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", certificate_arn),
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
        )
        apigateway.ApiMapping(
            self,
            "Mapping",
            api=stage.api,
            stage=stage,
            domain_name=domain,
            api_mapping_key=base_path.removeprefix("/") or None,
        )
        if hosted_zone_id is not None:
            alias = ApiGatewayv2DomainProperties(domain.regional_domain_name, domain.regional_hosted_zone_id)
            route53.ARecord(
                self,
                "Record",
                zone=route53.HostedZone.from_hosted_zone_id(self, "Zone", hosted_zone_id),
                # with the dot the name is whole, and the name of the zone need not be known
                record_name=f"{name}.",
                target=route53.RecordTarget.from_alias(alias),
            )
        self.url = f"https://{name}{base_path}"
        self.target = domain.regional_domain_name
