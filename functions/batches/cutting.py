"""Cutting of a plain file into shards of whole rows, in one pass over its bytes.

A line break ends a row unless it is in quotes. Bytes without a quote are cut by counting line breaks; where there is a
quote, Python's csv reader says where each row ends, because only it decides which quotes count.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from itertools import count

from functions.batches.plain_file import LONGEST_RECORD_BYTES, PlainFile
from functions.core.batches import Shard
from functions.core.errors import Fault, InvalidInputError

LINE_BREAK = b"\n"
QUOTE = b'"'
READ_BYTES = 8_000_000
ReadRange = Callable[[int, int], bytes]
"""The bytes of the file from a start to an end, which is exclusive."""


class NotPlainError(Exception):
    """Bytes after the beginning that no plain file has; the file is to be read by the other reader."""


def cut(read: ReadRange, file: PlainFile, *, size_bytes: int, shard_bytes: int) -> Iterator[Shard]:
    """Shards of at least `shard_bytes`, in order; together they have each row once.

    Raises NotPlainError, and InvalidInputError for a row that never ends.
    """
    start, line = file.start, file.line
    for number in count(1):
        if start >= size_bytes:
            return
        block = _Block(read, start, size_bytes, file.form == "csv")
        end, lines = block.rows_of(shard_bytes, line)
        if lines:
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
        end = self._end_of_line(wanted - 1, line)
        body = self._body[:end]
        if not (self._has_quotes and QUOTE in body):
            _require_utf8(body)
            return end, body.count(LINE_BREAK) + (not body.endswith(LINE_BREAK))
        return self._quoted_rows(wanted, line)

    def _quoted_rows(self, wanted: int, line: int) -> tuple[int, int]:
        read = _Lines(self)
        reader = csv.reader(read, strict=True)
        lines = 0
        while read.position < wanted:
            began = read.position
            try:
                if next(reader, None) is None:
                    break
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    raise _endless(line + lines) from None
            if read.position - began > LONGEST_RECORD_BYTES:
                raise _endless(line + lines)
            lines += 1
        return read.position, lines

    def line_from(self, position: int) -> bytes:
        """The line that begins at a position; empty at the end of the file."""
        end = self._end_of_line(position, 0)
        return self._body[position:end]

    def _end_of_line(self, position: int, line: int) -> int:
        """The end of the line that has the byte at `position`, its line break included."""
        looked = position
        while True:
            found = self._body.find(LINE_BREAK, looked)
            if found >= 0:
                return found + 1
            if len(self._body) >= self._left:
                return self._left
            looked = max(position, len(self._body))
            if looked - position > LONGEST_RECORD_BYTES:
                raise _endless(line)
            self._extend(len(self._body) + READ_BYTES)

    def _extend(self, wanted: int) -> None:
        end = min(wanted, self._left)
        if end > len(self._body):
            self._body += self._read(self._start + len(self._body), self._start + end)


class _Lines:
    """The lines of a block as texts, for csv; `position` is the end of the last one that was taken."""

    def __init__(self, block: _Block) -> None:
        self._block = block
        self.position = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._block.line_from(self.position)
        if not line:
            raise StopIteration
        self.position += len(line)
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise NotPlainError(str(error)) from None


def _require_utf8(body: bytes) -> None:
    try:
        body.isascii() or body.decode()
    except UnicodeDecodeError as error:
        raise NotPlainError(str(error)) from None


def _endless(line: int) -> InvalidInputError:
    text = (
        f'the row in line {line} does not end within {LONGEST_RECORD_BYTES} bytes: a quote (") opens there and never '
        'closes; within a text in quotes, write a quote twice ("")'
    )
    return InvalidInputError([Fault(("file",), text, "csv_invalid")])
