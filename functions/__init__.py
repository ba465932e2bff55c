"""Everything that runs in Lambda, and the same application for a laptop."""

from typing import Final

SERVICE: Final = "despliegue"
VERSION = "0.2.0"
