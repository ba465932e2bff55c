"""Churn, served from joblib."""
