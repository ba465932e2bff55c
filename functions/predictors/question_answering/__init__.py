"""Answers to questions about contexts: windows of tokens go through a graph, and its scores give spans."""
