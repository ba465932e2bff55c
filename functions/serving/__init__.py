"""Versions in memory, and the one that production names, followed from request to request."""
