"""Few messages are decoded without numpy, to the very numbers that numpy gives."""

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_fileimport import fit
from openfit_fileimport.fit import few
from openfit_fileimport.fit.inspecting import summary
from openfit_fileimport.fit.profile import fields
from openfit_fileimport.fit.recorded import RECORD, RECORD_FIELDS, SESSION, SESSION_FIELDS
from support.fit_writer import EPOCH, FLOAT32, START, U8, U32, Writer

NATIVE = [*range(10), 52, 73, 78, 253]  # fields of a record that count, and what they are packed in
OCTETS = st.one_of(
    st.sampled_from([b"\xff", b"\x7f", b"\x00", b"\x80", b"\xff\xff\xff\x7f"]),
    st.binary(min_size=1, max_size=4),
)


@st.composite
def definitions(draw):
    """Native and developer fields of any type and size, some of them twice, in either order."""
    number = draw(st.sampled_from([RECORD, RECORD, SESSION, 0, 21]))
    numbers = (
        st.sampled_from([253, 253, *NATIVE])
        if number == RECORD
        else st.integers(0, 20) | st.just(253)
    )
    types = st.sampled_from([0, 1, 2, 0x83, 0x84, 0x85, 0x86, 7, 0x88, 0x89, 10, 13, 0x8E, 0x90])
    sizes = st.sampled_from([1, 2, 4, 8, 4, 3, 6, 0])
    native = draw(st.lists(st.tuples(numbers, sizes, types | st.integers(0, 255)), max_size=8))
    developer = draw(st.lists(st.tuples(numbers, sizes, st.integers(0, 2)), max_size=2))
    return draw(st.booleans()), number, native, developer


def definition(local, big, number, native, developer):
    head = struct.pack(">BBBHB" if big else "<BBBHB", 0x60 | local, 0, big, number, len(native))
    return b"".join([head, *map(bytes, native), bytes([len(developer)]), *map(bytes, developer)])


@st.composite
def files(draw):
    writer = Writer()
    defined = draw(st.lists(definitions(), min_size=1, max_size=4))
    for local, (big, number, native, developer) in enumerate(defined):
        writer.raw(definition(local, big, number, native, developer))
    for _ in range(draw(st.integers(1, 20))):
        local = draw(st.integers(0, len(defined) - 1))
        _, _, native, developer = defined[local]
        size = sum(field[1] for field in [*native, *developer])
        octets = b"".join(draw(st.lists(OCTETS, min_size=1, max_size=6)))
        packed = draw(st.booleans()) and draw(st.booleans())
        header = 0x80 | local << 5 | draw(st.integers(0, 31)) if packed else local
        writer.raw(bytes([header]) + (octets * size)[:size])
    return writer.bytes()


def assert_alike(file):
    for number, names in ((RECORD, RECORD_FIELDS), (SESSION, SESSION_FIELDS)):
        messages, found = file.messages(number), few.columns(file, number, names)
        nothing = [math.nan] * len(messages)
        for name in names:
            wanted = messages.stamps if name == few.STAMP else messages.column(name)
            if name != few.STAMP or not file.index.compressed:
                np.testing.assert_array_equal(found.get(name, nothing), wanted, name)
            assert name not in found or fields(number)[name][0] in messages.native


@given(files())
def test_columns_of_few_are_those_of_many(body):
    [file] = fit.decode(body)
    assert_alike(file)


@pytest.mark.parametrize(
    ("native", "developer"),
    [
        ([(253, 2, 0x84), (253, 4, 0x85)], []),
        ([(253, 8, 0x86)], []),
        ([(253, 4, 0x02)], []),
        ([(3, 1, 0x02)], [(253, 4, 0)]),
        ([(253, 4, 0x86)], [(253, 4, 0)]),
    ],
)
def test_a_time_is_a_native_field_of_four_bytes(native, developer):
    size = sum(field[1] for field in native + developer)
    w = Writer().raw(definition(0, False, RECORD, native, developer))
    [file] = fit.decode(w.raw(bytes(range(size + 1))).bytes())
    timed = any(field[:2] == (253, 4) for field in native)
    assert timed == math.isfinite(file.messages(RECORD).stamps[0])
    assert_alike(file)


@given(st.lists(files(), min_size=1, max_size=3))
def test_a_summary_is_the_same_with_and_without_numpy(bodies):
    chain = b"".join(bodies)
    plain = summary(fit.decode(chain))
    for limit in (0, 3):
        with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
            patch.setattr(few, "FEW", limit)
            assert summary(fit.decode(chain)) == plain


def test_few_records_of_two_layouts_keep_the_order_of_the_file():
    w = Writer().define(0, 20, [(253, U32, 1), (3, U8, 1)]).define(1, 20, [(253, U32, 1)])
    for n in range(4):
        w.write(n % 2, START + n, *([100 + n] if n % 2 == 0 else []))
    [file] = fit.decode(w.bytes())
    found = few.columns(file, RECORD, (few.STAMP, "heart_rate"))
    assert [at - EPOCH - START for at in found[few.STAMP]] == [0, 1, 2, 3]
    np.testing.assert_array_equal(found["heart_rate"], [100, math.nan, 102, math.nan])


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_a_sport_that_is_no_finite_number_is_unknown(value):
    w = Writer().define(0, 18, [(5, FLOAT32, 1)]).write(0, value)
    [session] = fit.inspect(w.bytes())["sessions"]
    assert (session["sport"], session["sport_name"]) == (None, None)
