"""HTTP over the core: FastAPI applications for the laptop and for Lambda."""
