"""The names of the environment variables that configure a function: the stack sets them, the function reads them."""

from __future__ import annotations

REGISTRY = "DESPLIEGUE_REGISTRY"
UPLOADS = "DESPLIEGUE_UPLOADS"
MODEL = "DESPLIEGUE_MODEL"
MODELS = "DESPLIEGUE_MODELS"
ARTIFACTS = "DESPLIEGUE_ARTIFACTS"
VERSIONS = "DESPLIEGUE_VERSIONS"
FRESHNESS_SECONDS = "DESPLIEGUE_FRESHNESS_SECONDS"
TOKENS = "DESPLIEGUE_TOKENS"
