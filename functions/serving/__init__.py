"""Versions in memory, and the version in production, followed from request to request."""
