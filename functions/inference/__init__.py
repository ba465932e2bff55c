"""The HTTP edge: FastAPI applications over the core, for the laptop and for Lambda."""
