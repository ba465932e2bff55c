from __future__ import annotations

from model_export.commands.checked import Checked


def test_a_check_without_anything_to_do_has_no_advice() -> None:
    assert Checked("region", "ok", "eu-west-1").advice == ""
