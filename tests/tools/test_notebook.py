"""A notebook: its cells from the source, and its outputs after a run."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tools.notebook import build, run

SOURCE = '''"""Says what this is."""

# %% [markdown]
# # A title
#
# And a text.

# %%
text = """
# no cell
"""

# %%
print(text)
'''


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))


def test_cells_are_code_or_text_and_texts_lose_their_marks() -> None:
    notebook = build(SOURCE)
    nbformat.validate(notebook)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        ("markdown", "# A title\n\nAnd a text."),
        ("code", 'text = """\n# no cell\n"""'),
        ("code", "print(text)"),
    ]


def test_a_run_keeps_outputs_and_nothing_of_the_machine(tmp_path: Path) -> None:
    notebook = run(build("# %%\nimport pandas as pd\nprint(1)\npd.DataFrame({'a': [1]})\n"), tmp_path)
    nbformat.validate(notebook)
    printed, shown = notebook.cells[0].outputs
    assert printed.text == "1\n"
    assert shown.data.keys() == {"text/html"}
    assert "<table" in shown.data["text/html"]
    assert "<style" not in shown.data["text/html"]
    assert notebook.cells[0].metadata == {}
    assert notebook.metadata.language_info == {"name": "python"}


def test_a_cell_that_writes_to_standard_error_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="a warning"):
        run(build("# %%\nimport warnings\nwarnings.warn('a warning')\n"), tmp_path)
