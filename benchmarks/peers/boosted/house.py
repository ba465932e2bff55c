"""The request as a pydantic model, as a FastAPI tutorial declares it."""

from __future__ import annotations

from pydantic import BaseModel


class House(BaseModel):
    x0: float | None
    x1: float | None
    x2: float | None
    x3: float | None
    x4: float | None
    x5: float | None
    x6: float | None
    x7: float | None
    x8: float | None
    x9: float | None
