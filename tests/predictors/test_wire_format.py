"""Fields of protobuf messages, compared with protobuf's own reading and writing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import AttributeProto, TensorProto, ValueInfoProto, helper

from functions.predictors.wire_format import WireFormatError, field, fields, head, signed, varint_field, varints

int64s = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(int64s, max_size=6), st.binary(max_size=300), st.floats(width=32, allow_nan=False))
def test_fields_are_read_as_protobuf_wrote_them(dims: list[int], raw: bytes, number: float) -> None:
    tensor = TensorProto(dims=dims, raw_data=raw, data_type=7, double_data=[number], float_data=[number])
    body = tensor.SerializeToString()
    read = list(fields(memoryview(body)))
    assert b"".join(one.whole for one in read) == body
    by_tag = {one.tag: one for one in read}
    found = [signed(one.varint) if not one.is_bytes else list(varints(one.value)) for one in read if one.tag == 1]
    assert [one for part in found for one in (part if isinstance(part, list) else [part])] == dims
    assert by_tag[2].varint == 7
    assert bytes(by_tag[9].value) == raw if raw else True


@given(int64s, st.floats(width=32, allow_nan=False))
def test_numbers_of_every_width_are_skipped_or_read(integer: int, number: float) -> None:
    body = AttributeProto(name="a", i=integer, f=number).SerializeToString()
    by_tag = {one.tag: one for one in fields(memoryview(body))}
    assert signed(by_tag[3].varint) == integer
    assert len(by_tag[2].value) == 4


@given(st.text(max_size=200), st.integers(0, 2**40))
def test_what_is_written_protobuf_reads(name: str, width: int) -> None:
    body = field(1, name.encode()) + field(2, field(1, varint_field(1, 7) + field(2, field(1, varint_field(1, width)))))
    assert ValueInfoProto.FromString(body) == helper.make_tensor_value_info(name, 7, [width])
    assert head(1, len(name.encode())) + name.encode() == field(1, name.encode())


@pytest.mark.parametrize(
    "body", [b"\x80", b"\x0a", b"\x0a\x05abc", b"\x0b", b"\x09abc", b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"]
)
def test_bytes_that_are_no_message_are_refused(body: bytes) -> None:
    with pytest.raises(WireFormatError):
        list(fields(memoryview(body)))
