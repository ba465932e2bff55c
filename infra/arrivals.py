"""Notices of new objects in a bucket: S3 sends a message to a queue for each prefix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs


def announce(bucket: s3.Bucket, queues: Mapping[str, sqs.Queue]) -> None:
    """Send a message to the queue of each prefix for every new object under it. No prefix may be the start of another.

    This is set on the bucket itself: `add_event_notification` would add a function that may change every bucket of
    the account. A queue breaks the circle in which a bucket that calls a function, whose settings name the bucket,
    would be.
    """
    own = cast(s3.CfnBucket, bucket.node.default_child)
    own.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        queue_configurations=[
            s3.CfnBucket.QueueConfigurationProperty(
                event="s3:ObjectCreated:*",
                queue=queue.queue_arn,
                filter=s3.CfnBucket.NotificationFilterProperty(
                    s3_key=s3.CfnBucket.S3KeyFilterProperty(
                        rules=[s3.CfnBucket.FilterRuleProperty(name="prefix", value=prefix)]
                    )
                ),
            )
            for prefix, queue in queues.items()
        ]
    )
    for queue in queues.values():
        queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                # By account and not by bucket: S3 asks for this policy before the bucket has a name.
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(bucket).account}},
            )
        )
        own.node.add_dependency(queue.node.find_child("Policy"))
