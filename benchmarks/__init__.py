"""Despliegue beside the servers that people write by hand: `python -m benchmarks`."""
