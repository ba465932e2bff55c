"""Modules joined into one script that runs as they would."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from functions.inference.control.playground.script import joined_script
from tests.clients.programs import node

MODULES = {
    "main": 'import {twice} from "./numbers.js";\nimport {Place, FIRST} from "./places.js";\n'
    "const own = twice(FIRST);\nconsole.log(own, new Place(own).at, await later());\n"
    "async function later() { return twice(8); }\n",
    "places": 'import {twice} from "./numbers.js";\n\nexport const FIRST = twice(2);\n\nexport class Place {\n'
    "  constructor(at) { this.at = at; }\n}\nconst own = 1;\n",
    "numbers": "// twice\nexport function twice(value) {\n  return value * 2 + own;\n}\nconst own = 0;\n",
    "unused": "throw new Error('nobody imports this');\n",
}


def ran(script: str, folder: Path) -> str:
    path = folder / "script.mjs"
    path.write_text(script, encoding="utf-8")
    return subprocess.run([node(), path], capture_output=True, text=True, check=True, timeout=60).stdout


def test_a_joined_script_runs_each_module_once_and_apart(tmp_path: Path) -> None:
    modules = {**MODULES, "main": MODULES["main"].replace("await later()", "typeof later")}
    assert ran(joined_script(modules, "main"), tmp_path) == "8 8 function\n"


def test_a_module_that_nobody_imports_is_left_out() -> None:
    assert "nobody imports this" not in joined_script(MODULES, "main")


def test_a_circle_of_imports_is_refused_with_its_way() -> None:
    modules = {
        "main": 'import {a} from "./one.js";\n',
        "one": 'import {b} from "./two.js";\nexport const a = 1;\n',
        "two": 'import {a} from "./one.js";\nexport const b = 1;\n',
    }
    with pytest.raises(ValueError, match="main -> one -> two -> one"):
        joined_script(modules, "main")


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"main imports lost.js, which is not there"):
        joined_script({"main": 'import {a} from "./lost.js";\n'}, "main")
