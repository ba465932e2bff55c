"""Rows cut into requests that the server takes: by their number and by their bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

BRACKETS_BYTES = len(b"[]")
COMMA_BYTES = len(b",")


def cut(rows: Sequence[bytes], *, most_rows: int, most_bytes: int) -> Iterator[range]:
    """The places of the rows of each request, in order; a row that is too large alone has a request of its own."""
    start, size = 0, BRACKETS_BYTES
    for place, row in enumerate(rows):
        added = len(row) + COMMA_BYTES
        if place > start and (place - start >= most_rows or size + added > most_bytes):
            yield range(start, place)
            start, size = place, BRACKETS_BYTES
        size += added
    if start < len(rows):
        yield range(start, len(rows))


def halves(places: range) -> tuple[range, range]:
    """Both halves of at least two places."""
    middle = places.start + len(places) // 2
    return range(places.start, middle), range(middle, places.stop)
