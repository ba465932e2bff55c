"""Benchmarks of Despliegue against servers as people write them by hand: `python -m benchmarks`."""
