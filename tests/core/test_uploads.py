"""Upload keys: whose file it is, and what is no training file."""

from __future__ import annotations

import pytest

from functions.core.errors import StorageError
from functions.core.uploads import UploadKey, is_of_job, job_upload_key


@pytest.mark.parametrize(
    ("key", "model", "job"),
    [
        ("uploads/churn/rows.csv", "churn", None),
        ("uploads/car-price/2026/january.jsonl", "car-price", None),
        ("uploads/churn/jobs/abc/rows.csv", "churn", "abc"),
        ("uploads/churn/jobs/rows.csv", "churn", None),
        ("uploads/churn/jobs/abc/deeper/rows.csv", "churn", None),
        ("uploads/churn/other/abc/rows.csv", "churn", None),
        ("uploads/churn/with space & ñ.csv", "churn", None),
        ("uploads/churn/a.tar.csv", "churn", None),
    ],
)
def test_a_key_names_model_and_job(key: str, model: str, job: str | None) -> None:
    assert UploadKey.parse(key) == UploadKey(model, job)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "uploads",
        "uploads/",
        "uploads/churn",
        "uploads/churn/",
        "uploads/churn/folder/",
        "uploads/churn/jobs/abc/",
        "uploads/churn/.rows.csv.x1",
        "uploads/churn/.locks/1.lock",
        "uploads/churn//rows.csv",
        "uploads/churn/../rows.csv",
        "uploads//rows.csv",
        "uploads/Churn/rows.csv",
        "uploads/churn_2/rows.csv",
        "/uploads/churn/rows.csv",
        "models/churn/rows.csv",
        "other/uploads/churn/rows.csv",
    ],
)
def test_other_keys_are_no_training_file(key: str) -> None:
    assert UploadKey.parse(key) is None


def test_the_upload_of_a_job_leads_back_to_it() -> None:
    key = job_upload_key("churn", "abc", "rows.csv")
    assert key == "uploads/churn/jobs/abc/rows.csv"
    assert UploadKey.parse(key) == UploadKey("churn", "abc")


@pytest.mark.parametrize("name", ["", "..", "../../x.csv", "/x.csv", "a\\b.csv"])
def test_a_file_name_cannot_lead_out_of_the_folder(name: str) -> None:
    with pytest.raises(StorageError):
        job_upload_key("churn", "abc", name)


def test_only_an_upload_that_a_job_waits_for_is_of_a_job() -> None:
    assert is_of_job(job_upload_key("churn", "0" * 32, "rows.csv"))
    for key in ("uploads/churn/rows.csv", "uploads/churn/jobs/rows.csv", "models/churn/jobs/a/rows.csv", "rows.csv"):
        assert not is_of_job(key)
