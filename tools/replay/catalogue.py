"""Every request of a recording, in the order of the play: requests that change nothing come first."""

from __future__ import annotations

from collections.abc import Mapping

from tools.replay.access_requests import access_requests
from tools.replay.batch_requests import batch_requests
from tools.replay.control_requests import job_details, predicting_again, promotion_requests, reading_requests
from tools.replay.damage_requests import after_the_import, before_the_import, damaged_requests
from tools.replay.hugging_face_requests import hugging_face_requests
from tools.replay.predict_requests import predict_requests
from tools.replay.requests import Request
from tools.replay.samples import Model
from tools.replay.training_requests import lambda_training_requests, laptop_training_requests


def all_requests(models: Mapping[str, Model]) -> list[Request]:
    """All requests for these models, always the same ones in the same order."""
    return [
        *reading_requests(models),
        *job_details(models),
        *batch_requests(),
        *predict_requests(models),
        *hugging_face_requests(models),
        *before_the_import(models),
        *access_requests(models),
        *after_the_import(models),
        *damaged_requests(models),
        *promotion_requests(),
        *predicting_again(models, "after promotions"),
        *laptop_training_requests(models),
        *lambda_training_requests(models),
        *predicting_again(models, "at the end"),
    ]
