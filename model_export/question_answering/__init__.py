"""Checkpoints that answer questions: their marks and inputs, questions to measure them on, defaults, card and push."""
