"""Parquet files: read as columns, and written from predictions."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from functions.core.errors import InvalidInputError
from model_export.training_files.faults import file_fault
from model_export.training_files.sheet import Sheet

if TYPE_CHECKING:
    import pyarrow

PARQUET = b"PAR1"
BATCH_ROWS = 10_000


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
        for batch in file.iter_batches(BATCH_ROWS, columns=names):
            for column, array in zip(columns, batch.columns, strict=True):
                column += map(_cell, array.to_pylist())
    except pyarrow.ArrowException as error:
        raise file_fault(f"the Parquet file cannot be read: {error}", "parquet_invalid") from None
    nested = [field.name for field in file.schema_arrow if field.name not in names]
    notes = (f"columns of lists and structures not used: {', '.join(nested)}",) if nested else ()
    return Sheet(tuple(names), tuple(columns), is_text=False, notes=notes)


def parquet_of(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """A Parquet file with these columns, which hold numbers, texts and truth values; None is null."""
    import pyarrow
    import pyarrow.parquet

    sink = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({name: list(cells) for name, cells in columns.items()}), sink)
    return sink.getvalue()


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
