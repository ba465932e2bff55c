"""Cutting of a plain file into shards of whole rows, in one pass over its bytes.

A line break ends a row unless it is in quotes. Bytes without a quote are cut by counting line breaks; where there is a
quote, Python's csv reader says where each row ends, because only it decides which quotes count.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from itertools import count

from functions.batches.plain_file import NotPlainError, plain_text
from functions.core.batch_record import Plan, Shard
from functions.core.errors import Fault, InvalidInputError

LINE_BREAK = b"\n"
CARRIAGE_RETURN = b"\r"
ENDING_A_ROW = re.compile(rb"\r(?![\r\n]|\Z)")
QUOTE = b'"'
READ_BYTES = 8_000_000
LONGEST_RECORD_BYTES = 16_000_000
"""The most bytes of one row. A quote that never closes makes the rest of a file one row."""
ReadRange = Callable[[int, int], bytes]
"""The bytes of the file from a start to an end, which is exclusive."""


def shards_of(read: ReadRange, plan: Plan, size_bytes: int) -> Iterator[Shard]:
    """Shards of at least the bytes that the plan says, in order; together they have each row once.

    Raises NotPlainError, and InvalidInputError for a row that never ends.
    """
    start, line = plan.start, plan.line
    for number in count(1):
        if start >= size_bytes:
            return
        block = _Block(read, start, size_bytes, plan.form == "csv")
        end, lines = block.rows_of(plan.shard_bytes, line)
        yield Shard(number, start, start + end, line, lines)
        start, line = start + end, line + lines


class _Block:
    """The bytes from a beginning of a row on, read as far as they are asked for."""

    def __init__(self, read: ReadRange, start: int, size_bytes: int, has_quotes: bool) -> None:
        self._read = read
        self._start = start
        self._left = size_bytes - start
        self._has_quotes = has_quotes
        self._body = b""

    def rows_of(self, wanted: int, line: int) -> tuple[int, int]:
        """The bytes and the lines of the rows that have at least `wanted` bytes together."""
        self._extend(wanted)
        end = self._end_of_line(wanted - 1)
        if end is None:
            raise _endless(line + self._body.count(LINE_BREAK, 0, wanted))
        body = self._body[:end]
        plain_text(body)
        if not (self._has_quotes and QUOTE in body):
            _require_line_breaks(body)
            return end, body.count(LINE_BREAK) + (not body.endswith(LINE_BREAK))
        return self._quoted_rows(wanted, line)

    def _quoted_rows(self, wanted: int, line: int) -> tuple[int, int]:
        read = _Lines(self, line)
        reader = csv.reader(read, strict=True)
        while read.position < wanted:
            read.begin_row()
            try:
                if next(reader, None) is None:
                    break
            except csv.Error as error:
                _refuse(str(error), read.line)
            read.line += 1
        return read.position, read.line - line

    def line_from(self, position: int) -> bytes | None:
        """The line that begins at a position, empty at the end of the file; None if it is too long."""
        end = self._end_of_line(position)
        return None if end is None else self._body[position:end]

    def _end_of_line(self, position: int) -> int | None:
        """The end of the line that has the byte at `position`, its line break included; None if it is too far away."""
        looked = position
        while True:
            found = self._body.find(LINE_BREAK, looked)
            if found >= 0:
                return found + 1
            if len(self._body) >= self._left:
                return self._left
            looked = max(position, len(self._body))
            if looked - position > LONGEST_RECORD_BYTES:
                return None
            self._extend(len(self._body) + READ_BYTES)

    def _extend(self, wanted: int) -> None:
        end = min(wanted, self._left)
        if end > len(self._body):
            self._body += self._read(self._start + len(self._body), self._start + end)


class _Lines:
    """The lines of a block as texts, for csv; `position` is the end of the last one that was taken."""

    def __init__(self, block: _Block, line: int) -> None:
        self._block = block
        self.line = line
        self.position = 0
        self._began = 0

    def begin_row(self) -> None:
        self._began = self.position

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._block.line_from(self.position)
        if line is None or self.position - self._began > LONGEST_RECORD_BYTES:
            raise _endless(self.line)
        if not line:
            raise StopIteration
        self.position += len(line)
        return plain_text(line)


def _refuse(reason: str, line: int) -> None:
    """Raise an error for a row by which the reading of the file ends; any other is refused when it is predicted."""
    if "unexpected end of data" in reason:
        raise _endless(line)
    if "new-line character" in reason:
        raise NotPlainError(f"line {line} has a carriage return that ends a row")


def _require_line_breaks(body: bytes) -> None:
    """Raise NotPlainError for a carriage return that ends a row."""
    if body.count(CARRIAGE_RETURN) != body.count(CARRIAGE_RETURN + LINE_BREAK) and ENDING_A_ROW.search(body):
        raise NotPlainError("it has a carriage return without a line feed, which ends a row")


def _endless(line: int) -> InvalidInputError:
    text = (
        f'the row in line {line} does not end within {LONGEST_RECORD_BYTES} bytes: a quote (") opens there and never '
        'closes; within a text in quotes, write a quote twice ("")'
    )
    return InvalidInputError([Fault(("file",), text, "csv_invalid")])
