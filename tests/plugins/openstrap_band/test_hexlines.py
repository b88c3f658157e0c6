"""Lines of hex: what is hex is a frame, what is not is kept and told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_openstrap_band.reading import hexlines

LINE = st.sampled_from([b"2f18", b"2F18AA", b"", b"  28 ", b"2", b"zz", b"2f 18", b"aa\r", b"\xff"])


def slowly(text):
    """One line at a time."""
    frames, bad = [], []
    for line in (line.strip(b" \t\r") for line in text.split(b"\n")):
        if not line:
            continue
        try:
            blank = any(one in b" \t\r" for one in line)
            frames.append(b"" if blank else bytes.fromhex(line.decode()))
        except ValueError:
            frames.append(b"")
        if not frames[-1]:
            bad.append((len(frames) - 1, line.decode("latin-1")))
    return frames, bad


def split(found):
    ends = found.sizes.cumsum()
    return [found.data[end - size : end] for end, size in zip(ends, found.sizes, strict=True)]


@given(st.lists(LINE, max_size=6), st.booleans())
def test_lines_are_read_as_one_by_one(lines, ended):
    text = b"\n".join(lines) + b"\n" * ended
    found = hexlines.read(text)
    assert (split(found), found.bad) == slowly(text)


def test_a_blank_within_a_line_is_no_hex():
    assert hexlines.read(b"00\r00").bad == [(0, "00\r00")]


@given(st.integers(1, 5), st.integers(1, 5), st.data())
def test_lines_of_one_length_are_read_as_one_by_one(count, size, data):
    lines = [data.draw(st.binary(min_size=size, max_size=size)).hex() for _ in range(count)]
    text = bytearray("\n".join(lines).encode())
    if data.draw(st.booleans()):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.sampled_from(b" \nzA\xc3\r"))
    found = hexlines.read(bytes(text))
    assert (split(found), found.bad) == slowly(bytes(text))


@pytest.mark.parametrize("text", [b"", b"\n", b"\n \n\r\n"])
def test_nothing_is_no_lines(text):
    assert split(hexlines.read(text)) == []
