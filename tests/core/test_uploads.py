"""Keys of files that arrive: whose file it is, and what is none."""

from __future__ import annotations

import pytest

from functions.core.errors import StorageError
from functions.core.uploads import UploadKey, batch_input_key, batch_retry_key, is_awaited, job_upload_key


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
    assert UploadKey.parse(key) == UploadKey("uploads", model, job)


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
        "batches/churn/rows.csv",
        "other/uploads/churn/rows.csv",
    ],
)
def test_other_keys_are_no_file_that_arrives(key: str) -> None:
    assert UploadKey.parse(key) is None


def test_the_upload_of_a_job_leads_back_to_it() -> None:
    key = job_upload_key("churn", "abc", "rows.csv")
    assert key == "uploads/churn/jobs/abc/rows.csv"
    assert UploadKey.parse(key) == UploadKey("uploads", "churn", "abc")


@pytest.mark.parametrize("name", ["", "..", "../../x.csv", "/x.csv", "a\\b.csv"])
def test_a_file_name_cannot_lead_out_of_the_folder(name: str) -> None:
    with pytest.raises(StorageError):
        job_upload_key("churn", "abc", name)


@pytest.mark.parametrize(
    ("key", "batch"),
    [
        ("to-predict/churn/rows.csv", None),
        ("to-predict/churn/2026/january.jsonl", None),
        ("to-predict/churn/batches/abc/rows.csv", "abc"),
        ("to-predict/churn/batches/abc/_retry-2.json", "abc"),
        ("to-predict/churn/jobs/abc/rows.csv", None),
    ],
)
def test_a_key_of_a_file_to_predict_names_model_and_batch(key: str, batch: str | None) -> None:
    assert UploadKey.parse(key) == UploadKey("to-predict", "churn", batch)


def test_the_files_that_a_batch_waits_for_lead_back_to_it() -> None:
    for key in (batch_input_key("churn", "abc", "rows.csv"), batch_retry_key("churn", "abc", 2)):
        assert UploadKey.parse(key) == UploadKey("to-predict", "churn", "abc")


def test_only_a_file_that_a_record_waits_for_is_awaited() -> None:
    assert is_awaited(job_upload_key("churn", "0" * 32, "rows.csv"))
    assert is_awaited(batch_input_key("churn", "0" * 32, "rows.csv"))
    for key in (
        "to-predict/churn/rows.csv",
        "uploads/churn/rows.csv",
        "uploads/churn/jobs/rows.csv",
        "models/churn/jobs/a/rows.csv",
        "rows.csv",
    ):
        assert not is_awaited(key)
