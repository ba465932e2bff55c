"""The request as a pydantic model, as a FastAPI tutorial declares it."""

from __future__ import annotations

from pydantic import BaseModel


class Car(BaseModel):
    name: str
    year: int
    km_driven: int | None
    fuel: str | None
    seller_type: str
    transmission: str
    owner: str | None
