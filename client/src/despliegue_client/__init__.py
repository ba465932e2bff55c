"""Despliegue from Python: rows or DataFrames in, predictions in the same order out; trainings, batches, versions."""

from despliegue_client.async_client import AsyncClient
from despliegue_client.batching import BatchOutcome
from despliegue_client.client import Client
from despliegue_client.errors import (
    ApiError,
    BatchError,
    ClientError,
    Fault,
    NoAnswerError,
    SettingsError,
    TrainingError,
    UnsendableError,
)
from despliegue_client.tables import Predictions

__all__ = [
    "ApiError",
    "AsyncClient",
    "BatchError",
    "BatchOutcome",
    "Client",
    "ClientError",
    "Fault",
    "NoAnswerError",
    "Predictions",
    "SettingsError",
    "TrainingError",
    "UnsendableError",
]
