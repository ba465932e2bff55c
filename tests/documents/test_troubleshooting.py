"""docs/troubleshooting.md: its messages are those of the code, and its commands those of the command line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
MESSAGES = re.findall(r"^\|[^|]*?`([^`|]+)`", PAGE, re.MULTILINE)
OF_OTHERS = (
    "command not found",
    "no matching distribution found for onnxruntime",
    "Out of range float values are not JSON compliant",
    "/retrain",
    "/production",
)


def literals() -> str:
    """All texts of the code; a blank is in place of what is filled in."""
    texts = [(ROOT / "Makefile").read_text("utf-8")]
    for folder in ("functions", "model_export"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    texts.append("".join(_fixed(part) for part in node.values))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.append(node.value)
    return "\n".join(texts)


def _fixed(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else " "


@pytest.fixture(scope="module")
def texts() -> str:
    return literals()


@pytest.mark.parametrize("message", [message for message in MESSAGES if message not in OF_OTHERS])
def test_a_message_of_the_page_is_one_of_the_code(message: str, texts: str) -> None:
    parts = [part.strip(" ;,") for part in message.split("…") if part.strip(" ;,")]
    assert parts
    assert [part for part in parts if part not in texts] == []
