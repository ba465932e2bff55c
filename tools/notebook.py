"""Build and run the notebook of the examples from its source: python -m tools.notebook

The source is Python in cells, `# %%` for code and `# %% [markdown]` for text, so that changes can be read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SOURCE = Path(__file__).resolve().parents[1] / "examples" / "car_price_pipeline.py"
CELL = re.compile(r"^# %%(?P<markdown> \[markdown\])?\n(?P<body>.*?)(?=^# %%|\Z)", re.MULTILINE | re.DOTALL)
STYLE = re.compile(r"<style.*?</style>\s*", re.DOTALL)
TIMEOUT_SECONDS = 300


def build(source: str) -> Any:
    """The notebook of a source, not yet run; text before its first cell is left out."""
    cells = [_cell(f"cell-{number}", found) for number, found in enumerate(CELL.finditer(source), 1)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})  # type: ignore[no-untyped-call]


def run(notebook: Any, folder: Path) -> Any:
    """The notebook with its outputs, run in `folder`; without versions, times and style sheets.

    Raises CellExecutionError for a cell that fails, RuntimeError for one that writes to standard error.
    """
    client = NotebookClient(
        notebook, timeout=TIMEOUT_SECONDS, coalesce_streams=True, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            _clean(output)
    return notebook


def text_of(notebook: Any) -> str:
    """The notebook as it is written to a file."""
    return f"{nbformat.writes(notebook)}\n"  # type: ignore[no-untyped-call]


def _cell(name: str, found: re.Match[str]) -> Any:
    body = found["body"].strip()
    if not found["markdown"]:
        return new_code_cell(body, id=name)  # type: ignore[no-untyped-call]
    text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.splitlines())
    return new_markdown_cell(text, id=name)  # type: ignore[no-untyped-call]


def _clean(output: Any) -> None:
    if output.get("name") == "stderr":
        raise RuntimeError(f"a cell writes to standard error:\n{output.text}")
    html = output.get("data", {}).get("text/html")
    if html is not None:  # the same table as plain text would only make the file longer
        output.data = {"text/html": STYLE.sub("", html)}


def main() -> None:
    notebook = run(build(SOURCE.read_text("utf-8")), SOURCE.parent)
    SOURCE.with_suffix(".ipynb").write_text(text_of(notebook), "utf-8")


if __name__ == "__main__":
    main()
