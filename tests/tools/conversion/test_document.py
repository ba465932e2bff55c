"""The page has a line for each row, which can be read back."""

from __future__ import annotations

from tools.conversion.configuration import Configuration
from tools.conversion.configurations import scripts
from tools.conversion.document import recorded, render, script_share
from tools.conversion.outcome import Outcome
from tools.conversion.playing import Played


def _row(name: str, ours: Outcome) -> Played:
    configuration = Configuration("Trees", name, "wide with holes", "two", lambda rows, target: None)
    return Played(configuration, ours, Outcome("near", "by 1e-06 in 3 of 9 rows"), Outcome("fails", "RuntimeError"))


def test_rows_and_messages_are_written_and_read_back() -> None:
    page = render(
        [
            _row("DecisionTreeClassifier(max_depth=1)", Outcome("exact", "2e-16")),
            _row("Other", Outcome("refused", "/somewhere/model.joblib: step 'other' (Other)\n cannot become ONNX")),
            _row("Missing", Outcome("skipped", "not installed")),
        ]
    )
    assert "| `DecisionTreeClassifier(max_depth=1)` | wide with holes, two | exact 2e-16 | near by 1e-06" in page
    assert "| Despliegue | 1 | 0 | 0 | 1 | 0 |" in page
    assert "- `Other`: model.joblib: step 'other' (Other) cannot become ONNX" in page
    assert "Missing" not in page
    key = ("wide with holes", "two")
    assert recorded(page) == {("DecisionTreeClassifier(max_depth=1)", *key): "exact", ("Other", *key): "refused"}


def test_the_share_of_public_scripts_is_in_the_page_once_all_their_shapes_were_played() -> None:
    played = [Played(one, Outcome("exact", "0e+00")) for one in scripts.CONFIGURATIONS]
    assert "**100%** of ninety public training scripts" in render(played)
    refused = [Played(one.configuration, Outcome("refused", "no")) for one in played[:1]]
    assert "**99%** of ninety public training scripts" in render([*refused, *played[1:]])
    assert list(script_share(played[1:])) == []
