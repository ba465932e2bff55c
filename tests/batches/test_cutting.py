"""Any plain file, cut anywhere: each row once, in order, in its line."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.batches import cutting
from functions.batches.cutting import shards_of
from functions.batches.plain_file import NotPlainError, plain_file
from functions.batches.rows import ShardReader
from functions.core.batch_record import Plan, Shard
from functions.core.definition import FileSettings
from functions.core.errors import InvalidInputError
from functions.core.schema import Feature, Schema
from tests.batches.small_batches import batch_of, plan_of
from tests.generated import examples

SCHEMA = Schema((Feature("a", "string", nullable=True, categorical=False),), Feature("target", "number"))
BATCH = batch_of(keep_columns=True)
CELLS = st.text(st.sampled_from("ab1 \",\n\r'é😀\u2028\x1e"), max_size=6)
LINE_BREAKS = st.sampled_from(["\n", "\r\n"])
Read = list[tuple[int, Any]]


def plan_for(body: bytes, name: str, shard_bytes: int) -> Plan:
    kept = ("a", "b", "c")
    return plan_of(plain_file(body, name, SCHEMA, FileSettings()), shard_bytes=shard_bytes, kept=kept)


def cut_up(body: bytes, plan: Plan) -> list[Shard]:
    shards = list(shards_of(lambda start, end: body[start:end], plan, len(body)))
    assert [one.number for one in shards] == list(range(1, len(shards) + 1))
    assert [one.start for one in shards] == [plan.start, *(one.end for one in shards)][: len(shards)]
    assert (shards[-1].end if shards else plan.start) == len(body)
    assert all(one.end - one.start >= plan.shard_bytes for one in shards[:-1])
    return shards


def read_in_shards(body: bytes, name: str, shard_bytes: int, chunk_rows: int) -> Read:
    """The line of each row with what it has, or with the kind of its fault."""
    plan = plan_for(body, name, shard_bytes)
    reader = ShardReader(BATCH, plan, SCHEMA, chunk_rows)
    found: Read = []
    for shard in cut_up(body, plan):
        for rows in reader.chunks(body[shard.start : shard.end], shard.line):
            assert len(rows.lines) <= chunk_rows
            sound = zip(*rows.kept, strict=True) if rows.lines else ()
            own: Read = [(line, cells) for line, cells in zip(rows.lines, sound, strict=True)]
            own += [(int(fault.loc[0]), fault.type) for fault in rows.faults]
            assert all(shard.line <= line < shard.line + shard.lines for line, _ in own)
            found += sorted(own, key=lambda one: one[0])
    return found


@st.composite
def csv_files(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, ...]]]:
    """A file as programs write it, and its rows with the empty ones."""
    text = io.StringIO()
    rows = []
    line_break = draw(LINE_BREAKS)
    for cells in draw(st.lists(st.lists(CELLS, min_size=3, max_size=3) | st.just([]), max_size=12)):
        own = draw(LINE_BREAKS)
        # Python's writer leaves a carriage return without quotes, which no reader takes
        is_quoted = draw(st.booleans()) or any("\r" in cell for cell in cells)
        quoting = csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL
        csv.writer(text, lineterminator=own, quoting=quoting).writerow(cells)
        rows.append(tuple(cells))
    body = text.getvalue()
    if rows and draw(st.booleans()):
        body = body.removesuffix("\n").removesuffix("\r")
    bom = draw(st.sampled_from(["", "\ufeff"]))
    return f"{bom}a,b,c{line_break}{body}".encode(), rows


@examples(300)
@given(csv_files(), st.integers(1, 80), st.integers(1, 5))
def test_every_row_of_a_csv_file_is_in_one_shard(
    file: tuple[bytes, list[tuple[str, ...]]], shard_bytes: int, chunk_rows: int
) -> None:
    body, rows = file
    wanted = [(line, cells) for line, cells in enumerate(rows, 2) if any(cells)]
    assert read_in_shards(body, "rows.csv", shard_bytes, chunk_rows) == wanted
    whole = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
    assert [tuple(cells) for cells in whole if any(cells)][1:] == [cells for _, cells in wanted]


@examples(500)
@given(
    st.lists(st.sampled_from(['"', '""', ",", "a", '5"', "\n", "\r\n", "\r", "é", "\n\n"]), max_size=40),
    st.integers(1, 30),
    st.integers(1, 4),
)
def test_any_text_is_read_in_shards_as_it_is_read_at_once(parts: list[str], shard_bytes: int, chunk_rows: int) -> None:
    """Quotes within cells, rows of other lengths, quotes that never close: every cut gives the same rows or refusal."""
    body = ("a,b,c\n" + "".join(parts)).encode()
    try:
        wanted = read_in_shards(body, "rows.csv", 10**9, 1000)
    except (InvalidInputError, NotPlainError) as error:
        with pytest.raises(type(error)):
            read_in_shards(body, "rows.csv", shard_bytes, chunk_rows)
    else:
        assert read_in_shards(body, "rows.csv", shard_bytes, chunk_rows) == wanted


@examples(200)
@given(
    st.lists(st.dictionaries(st.sampled_from(["a", "b", "é"]), CELLS | st.integers(-5, 5) | st.none()) | st.none()),
    LINE_BREAKS,
    st.booleans(),
    st.integers(1, 100),
)
def test_every_row_of_json_lines_is_in_one_shard(
    rows: list[dict[str, Any] | None], line_break: str, has_last: bool, shard_bytes: int
) -> None:
    lines = [b"" if one is None else orjson.dumps(one) for one in [{}, *rows]]
    body = line_break.encode().join([*lines, *([b""] if has_last else [])])
    wanted = [(line, (one,)) for line, one in enumerate([{}, *rows], 1) if one is not None]
    found = read_in_shards(body, "rows.jsonl", shard_bytes, 3)
    assert [one for one in found if isinstance(one[1], tuple)] == [
        one for one in wanted if isinstance(one[1][0].get("a"), str | None) and str(one[1][0].get("a")).strip()
    ]
    assert [line for line, _ in found] == [line for line, _ in wanted]


def test_a_quote_that_never_closes_is_refused_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "LONGEST_RECORD_BYTES", 50)
    monkeypatch.setattr(cutting, "READ_BYTES", 16)
    read = []

    def recorded(start: int, end: int) -> bytes:
        read.append(end)
        return body[start:end]

    body = b"a,b,c\n1,2,3\n" + b'4,"5,6\n' + b"7,8,9\n" * 1000
    with pytest.raises(InvalidInputError, match="the row in line 3 does not end within 50 bytes"):
        list(shards_of(recorded, plan_for(body, "rows.csv", 10), len(body)))
    assert max(read) < 200
    long = b"a,b,c\n1,2,3\n" + b"4" * 1000 + b"\n"
    with pytest.raises(InvalidInputError, match="the row in line 3 does not end"):
        list(shards_of(lambda start, end: long[start:end], plan_for(long, "rows.csv", 10), len(long)))


@pytest.mark.parametrize(
    "rest", [b"1,\xf1,3\n", b'1,"\xf1",3\n', b"1,\0,3\n", b'1,"\0",3\n', b"1,2,3\r4,5,6\n", b'1,"2",3\r4,5,6\n']
)
def test_bytes_that_no_plain_file_has_are_found_wherever_they_are(rest: bytes) -> None:
    body = b"a,b,c\n" + b"1,2,3\n" * 30 + rest
    for shard_bytes in (5, 50, 10_000):
        with pytest.raises(NotPlainError):
            list(shards_of(lambda start, end: body[start:end], plan_for(body, "rows.csv", shard_bytes), len(body)))
