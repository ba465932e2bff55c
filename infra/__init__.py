"""The AWS CDK application: one stack, one construct for each concern."""
