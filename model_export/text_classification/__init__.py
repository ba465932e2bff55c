"""Checkpoints that label texts: their labels and inputs, and texts to measure them on."""
