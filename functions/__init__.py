"""All that runs in Lambda, and the same application for a laptop."""

SERVICE = "despliegue"
VERSION = "0.1.0"
