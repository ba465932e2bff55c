"""Adapters to AWS: S3 as storage, its notices and forms, the secret, logs, metrics.

Nothing else imports obstore or botocore.
"""
