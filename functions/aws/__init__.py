"""What only exists on AWS: S3 as storage, its notices, presigned forms, JSON logs. Nothing else imports botocore."""
