"""python -m zoo.becas.evaluation [--pages N] --out FILE

The written pages that measure, as a SQuAD v2 file: what `despliegue export-hf --evaluation` asks a version.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo.becas.asked import Asked
from zoo.becas.written import FILES, measuring_of


def squad(asked: Sequence[Asked]) -> dict[str, Any]:
    """The questions in the form of SQuAD v2, those about a page together."""
    pages: dict[str, list[dict[str, Any]]] = {}
    for number, one in enumerate(asked):
        pages.setdefault(one.page, []).append(_question(one, str(number)))
    return {
        "version": "v2.0",
        "data": [
            {"title": "written", "paragraphs": [{"context": page, "qas": found} for page, found in pages.items()]}
        ],
    }


def _question(one: Asked, name: str) -> dict[str, Any]:
    answers = [{"text": text, "answer_start": one.page.index(text)} for text in one.answers]
    return {"id": name, "question": one.question, "answers": answers, "is_impossible": not answers}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pages", type=int, help="of each file, at most (default: all)")
    given = parser.parse_args(arguments)
    given.out.write_text(
        json.dumps(squad(measuring_of(FILES, given.pages)), ensure_ascii=False, indent=1) + "\n", "utf-8"
    )


if __name__ == "__main__":
    main()
