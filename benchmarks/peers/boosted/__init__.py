"""An XGBoost model, served from joblib."""
