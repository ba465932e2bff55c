"""Batches on Lambda: one function of the inference image for all models, and for every step of the state machine."""
