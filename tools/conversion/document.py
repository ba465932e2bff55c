"""docs/conversion.md, from rows that were played."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import onnxruntime
import skl2onnx
import sklearn

from tools.conversion.configurations import scripts
from tools.conversion.outcome import Kind, Outcome
from tools.conversion.playing import Played

HEADINGS = """\
| pipeline | table, target | Despliegue | skl2onnx, double | skl2onnx, single |
|---|---|---|---|---|"""
TEMPORARY = re.compile(r"/\S*/(?=model\.joblib)")
LINE = re.compile(r"^\| `(?P<name>.+?)` \| (?P<table>[^|]+), (?P<target>\w+) \| (?P<ours>\w+)")
INTRODUCTION = """\
# What converts, and how exactly

`python -m tools.conversion` made this page: {rows} small pipelines, each fitted on 400 rows of a made-up table, saved
as a user saves it and brought by `despliegue new --pipeline`. What was published was then asked 1,600 rows that it
had not seen and hostile ones (missing and unseen values, extremes, values of training and their neighbours in double
and single precision), and compared with the fitted object itself. **exact** is a relative difference of at most 1e-9
in every value and every label equal; **refused** is an error message before anything is published. Rows that are
refused because their prediction is not finite are left out and counted, and so are rows at ties of nearest neighbours:
where several training rows are exactly as far as the last neighbour, `KNeighborsClassifier` and `KNeighborsRegressor`
take one by the order of scikit-learn's tree, and `KNNImputer` one by a partition of numpy's that changes with the
processor. The graph takes the first in the order that the tree has its rows in, and the first of the training rows; a
model for which that differs on a row of its proof is refused. Next to it, the same object through
`skl2onnx.convert_sklearn` as it comes, its input declared in double or single precision, whichever way of declaring it
came closest: **near** is within 0.001,
**wrong** differs by more or in a label, **fails** gives no answer.
scikit-learn {sklearn}, skl2onnx {skl2onnx}, ONNX Runtime {onnxruntime}.

"""
SCRIPTS = """
**{share:.0%}** of ninety public training scripts that save a joblib or a pickle save one of a shape that is taken, as
"Public training scripts" below tries them, each shape weighted by its scripts. A script that keeps the best of
several models counts only if each of them is taken."""


def render(played: Sequence[Played]) -> str:
    """The page: counts, a table for each section, and what is refused with its message."""
    used = [row for row in played if row.ours.kind != "skipped"]
    versions = {"sklearn": sklearn.__version__, "skl2onnx": skl2onnx.__version__}
    head = INTRODUCTION.format(rows=len(used), onnxruntime=onnxruntime.__version__, **versions)
    return "\n".join([head + _counts(used), *script_share(played), *_sections(used), *_refusals(used), ""])


def script_share(rows: Sequence[Played]) -> Iterator[str]:
    """The sentence on public scripts, if all of their shapes were played."""
    mine = {row.configuration.key: row.ours.kind for row in rows if row.configuration.section == scripts.SECTION}
    if len(mine) == len(scripts.CONFIGURATIONS):
        share = scripts.share_taken({key for key, kind in mine.items() if kind == "exact"})
        yield SCRIPTS.format(share=share)


def recorded(page: str) -> dict[tuple[str, str, str], str]:
    """The kind of our outcome by (name, table, target), as a page has it."""
    lines = filter(None, map(LINE.match, page.splitlines()))
    return {(line["name"], line["table"], line["target"]): line["ours"] for line in lines}


def _counts(rows: Sequence[Played]) -> str:
    kinds: tuple[Kind, ...] = ("exact", "near", "wrong", "refused", "fails")
    lines = ["| | " + " | ".join(kinds) + " |", "|---" * (len(kinds) + 1) + "|"]
    for title, outcomes in (
        ("Despliegue", [row.ours for row in rows]),
        ("skl2onnx, double", [row.stock_double for row in rows if row.stock_double]),
        ("skl2onnx, single", [row.stock_single for row in rows if row.stock_single]),
    ):
        counted = Counter(outcome.kind for outcome in outcomes)
        lines.append(f"| {title} | " + " | ".join(str(counted[kind]) for kind in kinds) + " |")
    return "\n".join(lines)


def _sections(rows: Sequence[Played]) -> Iterator[str]:
    for section, members in groupby(rows, key=lambda row: row.configuration.section):
        yield f"\n## {section}\n\n{HEADINGS}"
        yield "\n".join(map(_line, members))


def _line(row: Played) -> str:
    one = row.configuration
    mine = row.ours.kind if row.ours.kind == "refused" else _written(row.ours)
    cells = (
        f"`{one.name}`",
        f"{one.table}, {one.target}",
        mine,
        _written(row.stock_double),
        _written(row.stock_single),
    )
    return f"| {' | '.join(cells)} |"


def _written(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    return f"{outcome.kind} {outcome.detail}".strip().replace("|", "\\|")


def _refusals(rows: Sequence[Played]) -> Iterator[str]:
    refused = [row for row in rows if row.ours.kind == "refused"]
    if refused:
        yield "\n## What is refused, and what is said\n"
        yield "\n".join(dict.fromkeys(f"- `{row.configuration.name}`: {_message(row.ours)}" for row in refused))


def _message(outcome: Outcome) -> str:
    return TEMPORARY.sub("", " ".join(outcome.detail.split()))
