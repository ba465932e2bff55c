"""Parquet files: read as columns, and written from predictions."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from functions.core.errors import InvalidInputError
from model_export.training_files.faults import file_fault
from model_export.training_files.sheet import Sheet

if TYPE_CHECKING:
    import pyarrow

PARQUET = b"PAR1"
BATCH_ROWS = 10_000
SMALLEST_CELL_BYTES = 2
"""A cell and what divides it from the next, in a CSV file, for which the limit of bytes is made."""


def is_parquet(body: bytes | bytearray) -> bool:
    """True for a body that begins and ends as Parquet files do."""
    return bytes(body[:4]) == PARQUET and bytes(body[-4:]) == PARQUET


def read_parquet(body: bytes, *, most_bytes: int) -> Sheet:
    """The columns of numbers, texts, truth values and times; the others are left out, with a note.

    Raises InvalidInputError for a damaged file, and for one whose columns take more than `most_bytes`.
    """
    # pyarrow takes a while to import, and few files are Parquet
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(body))
        size = sum(file.metadata.row_group(group).total_byte_size for group in range(file.metadata.num_row_groups))
        if size > most_bytes:
            raise _too_large(size, most_bytes)
        fields = [field for field in file.schema_arrow if _is_flat(field.type)]
        names = [field.name for field in fields]
        columns: list[list[Any]] = [[] for _ in names]
        size = 0
        for batch in file.iter_batches(BATCH_ROWS, columns=names):
            # a value that all rows share takes nothing in the file, whatever the number of rows
            size += batch.num_rows * len(names) * SMALLEST_CELL_BYTES
            for column, array in zip(columns, map(_plain, batch.columns), strict=True):
                size += array.nbytes
                if size > most_bytes:
                    raise _too_large(size, most_bytes)
                column += map(_cell, array.to_pylist())
    except pyarrow.ArrowException as error:
        raise file_fault(f"the Parquet file cannot be read: {error}", "parquet_invalid") from None
    nested = [field.name for field in file.schema_arrow if field.name not in names]
    notes = (f"columns of lists and structures not used: {', '.join(nested)}",) if nested else ()
    return Sheet(tuple(names), tuple(columns), is_text=False, notes=notes)


class ParquetRows:
    """A Parquet file that grows by rows, in memory.

    A column has the type of all its values: whole numbers and others are float64, and numbers among texts become texts.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._tables: list[pyarrow.Table] = []

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows of numbers, texts, truth values and None, in the order of the columns."""
        import pyarrow

        columns = list(zip(*rows, strict=True)) or [()] * len(self._names)
        self._tables.append(pyarrow.table([_array(column) for column in columns], names=list(self._names)))

    def body(self) -> bytes:
        import pyarrow
        import pyarrow.parquet

        kinds = [
            _common([table.schema.field(place).type for table in self._tables]) for place in range(len(self._names))
        ]
        schema = pyarrow.schema(list(zip(self._names, kinds, strict=True)))
        sink = io.BytesIO()
        with pyarrow.parquet.ParquetWriter(sink, schema) as writer:
            for table in self._tables:
                columns = [column.cast(kind) for column, kind in zip(table.columns, kinds, strict=True)]
                writer.write_table(pyarrow.table(columns, schema=schema))
        return sink.getvalue()


def _array(column: Sequence[Any]) -> pyarrow.Array:
    import pyarrow

    try:
        return pyarrow.array(column)
    except pyarrow.ArrowException:  # values of several types, from JSON
        return pyarrow.array([None if value is None else _text(value) for value in column])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _common(kinds: Sequence[pyarrow.DataType]) -> pyarrow.DataType:
    """The type that takes the values of all of these types."""
    import pyarrow
    import pyarrow.types as types

    own = {kind for kind in kinds if not types.is_null(kind)}
    if len(own) <= 1:
        return next(iter(own), pyarrow.string())
    is_number = all(types.is_integer(kind) or types.is_floating(kind) for kind in own)
    return pyarrow.float64() if is_number else pyarrow.string()


def _plain(array: pyarrow.Array) -> pyarrow.Array:
    """The values one by one, where they are numbers of a list of distinct values."""
    import pyarrow.types as types

    return array.dictionary_decode() if types.is_dictionary(array.type) else array


def _is_flat(kind: pyarrow.DataType) -> bool:
    import pyarrow.types as types

    if types.is_dictionary(kind):
        return _is_flat(kind.value_type)
    tests = (
        types.is_integer,
        types.is_floating,
        types.is_decimal,
        types.is_boolean,
        types.is_string,
        types.is_large_string,
        types.is_date,
        types.is_timestamp,
        types.is_null,
    )
    return any(test(kind) for test in tests)


def _cell(value: Any) -> Any:
    """A value as JSON would have it: NaN is missing, and times are ISO 8601."""
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _too_large(size: int, most_bytes: int) -> InvalidInputError:
    return file_fault(
        f"the columns of the Parquet file take {size} bytes, more than {most_bytes}: send it in parts", "too_large"
    )
