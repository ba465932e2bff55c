"""Configurations of estimators, as data: each is fitted, converted and compared with scikit-learn on hostile rows."""
