"""Fail where a folder holds more megabytes (1,000,000 bytes) than its budget, and name its largest parts."""

from __future__ import annotations

import sys
from pathlib import Path

LISTED = 10


def main(folder: Path, budget_mb: float) -> None:
    """Print the size of `folder`; leave with an error over the budget."""
    sizes = {path.name: _bytes(path) for path in folder.iterdir()}
    total = sum(sizes.values())
    print(f"{folder}: {total / 1e6:.1f} MB of {budget_mb:g}")
    if total > budget_mb * 1e6:
        largest = sorted(sizes.items(), key=lambda one: -one[1])[:LISTED]
        parts = ", ".join(f"{name} {size / 1e6:.1f}" for name, size in largest)
        sys.exit(f"{folder} holds {total / 1e6:.1f} MB, more than the budget of {budget_mb:g}: {parts}")


def _bytes(path: Path) -> int:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file() and not one.is_symlink()]
    return sum(one.stat().st_size for one in files)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
