"""Used-car prices, served from joblib."""
