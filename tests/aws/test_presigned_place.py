"""The place of forms and links: keys below a prefix, with one slash between them."""

from __future__ import annotations

import pytest

from functions.aws.presigned_place import PresignedPlace
from functions.core.errors import StorageError

KEY = "uploads/churn/rows.csv"


@pytest.mark.parametrize(("prefix", "full"), [("", KEY), ("/", KEY), ("team", f"team/{KEY}"), ("/a/b/", f"a/b/{KEY}")])
def test_a_key_lies_below_the_prefix(prefix: str, full: str) -> None:
    assert PresignedPlace("bucket", prefix).full(KEY) == full


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(StorageError):
        PresignedPlace("bucket", "team").full("../x")
