"""What only exists on AWS: S3 as storage, notices, forms, the secret, logs, metrics. Nothing else imports botocore."""
