"""Test scenarios of the car-price API: defined, played against a server, checked, and written to docs/scenarios.md."""
