"""Play the scenarios and write docs/scenarios.md: python -m tools.scenarios"""

from __future__ import annotations

import sys

from tools.scenarios.document import render
from tools.scenarios.playing import play
from tools.serving import ROOT


def main() -> None:
    """Play all scenarios, and write the document if every answer is as expected."""
    played = play()
    failures = [f"{name}: {text}" for name, one in played.items() for text in one.failures()]
    if failures:
        sys.exit("docs/scenarios.md was not written, because answers are not as expected:\n" + "\n".join(failures))
    (ROOT / "docs" / "scenarios.md").write_text(render(played), "utf-8")


if __name__ == "__main__":
    main()
