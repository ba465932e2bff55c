"""Answers found in contexts: windows of tokens through a graph, and spans of their scores."""
