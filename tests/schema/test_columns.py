import ctypes
import sys
from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_schema import column
from openfit_schema.columns import FORMATS, pack, unpack

NUMPY = {"b": "i1", "B": "u1", "h": "i2", "H": "u2", "i": "i4", "I": "u4", "q": "i8", "Q": "u8"}
NUMPY |= {"f": "f4", "d": "f8"}


@pytest.mark.parametrize("code", FORMATS)
def test_a_numpy_array_of_each_format_becomes_the_same_column(code):
    numbers = column(np.array([0, 1, 100], dtype=NUMPY[code]))
    assert (numbers.typecode, numbers.tolist()) == (code, [0, 1, 100])


def test_a_strided_view_is_gathered():
    assert column(np.arange(10, dtype="i4")[::3]).tolist() == [0, 3, 6, 9]


def test_a_memoryview_and_a_foreign_buffer_are_taken():
    assert column(memoryview(b"\x01\x02")).tolist() == [1, 2]
    assert column((ctypes.c_double * 2)(0.5, 1.5)).tolist() == [0.5, 1.5]


def test_a_platform_long_becomes_a_fixed_size():
    assert column(array("l", [1, -2])).typecode in "iq"
    assert column(array("L", [1, 2])).typecode in "IQ"


@pytest.mark.parametrize(
    ("values", "code"), [([1, 2], "q"), ([1, 2.5], "d"), ([2**64 - 1], "Q"), ([], "q"), ((1,), "q")]
)
def test_a_list_takes_the_narrowest_of_whole_unsigned_and_float(values, code):
    assert (column(values).typecode, column(values).tolist()) == (code, list(values))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([1, None], "not None at 1; leave gaps out"),
        ([True], "not True at 0"),
        (["1"], "not '1' at 0"),
        ([2**64], "64 bits"),
        ([-1, 2**64 - 1], "64 bits"),
        (np.zeros((2, 2)), "one dimension, not 2"),
        (np.array([1 + 2j]), "not 'Zd'"),
        (np.array([True]), "not '?'"),
    ],
)
def test_what_is_no_column_is_refused_with_a_reason(values, says):
    with pytest.raises(ValueError, match="column") as caught:
        column(values)
    assert says in str(caught.value)


def test_a_column_of_foreign_byte_order_is_refused():
    foreign = ">" if sys.byteorder == "little" else "<"
    with pytest.raises(ValueError, match="native byte order"):
        column(np.array([1.5], dtype=f"{foreign}f8"))


def test_the_packed_form_is_a_format_and_little_endian_numbers():
    assert pack(array("h", [1, -2])) == b"h\x01\x00\xfe\xff"
    assert unpack(b"h\x01\x00\xfe\xff") == array("h", [1, -2])


@pytest.mark.parametrize("packed", [b"", b"x\x00", b"h\x01", b"u\x00\x00\x00\x00"])
def test_a_packed_column_that_is_cut_or_unknown_is_refused(packed):
    with pytest.raises(ValueError, match="a column"):
        unpack(packed)


@given(st.sampled_from(FORMATS), st.lists(st.integers(0, 100)))
def test_packing_is_undone_by_unpacking(code, numbers):
    values = array(code, numbers)
    assert unpack(memoryview(pack(values))) == values
