"""Lines of hex, one frame each: as clients export and post them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEWLINE, RETURN, SPACE, TAB = b"\n\r \t"
NO_DIGIT = 255
DIGITS = np.full(256, NO_DIGIT, np.uint8)
for _at, _digit in enumerate("0123456789abcdef"):
    DIGITS[[ord(_digit), ord(_digit.upper())]] = _at
BLANK = np.isin(np.arange(256), [NEWLINE, RETURN, SPACE, TAB])


@dataclass(frozen=True)
class Lines:
    """Frames of lines that are hex, one after another, and the other lines as they came. A line
    that is no hex has size 0, so that sizes and lines stay in step."""

    data: bytes
    sizes: NDArray[np.int64]
    bad: list[tuple[int, bytes]]  # number of the line, from 0, among those that are not empty


def read(text: bytes) -> Lines:
    return _regular(text) or _any(text)


def _regular(text: bytes) -> Lines | None:
    """Lines of one length, as of a day of the same records: no line is looked at alone."""
    width = text.find(b"\n") + 1
    whole = text if text.endswith(b"\n") else text + b"\n"
    if width < 3 or width % 2 == 0 or len(whole) % width:
        return None
    grid = np.frombuffer(whole, np.uint8).reshape(-1, width)
    if (grid[:, -1] != NEWLINE).any() or (grid[:, 0] <= SPACE).any():
        return None
    try:
        data = bytes.fromhex(whole.decode("ascii"))
    except (UnicodeDecodeError, ValueError):
        return None
    if len(data) != len(grid) * (width // 2):
        return None  # a blank inside of a line, which fromhex passes over
    return Lines(data, np.full(len(grid), width // 2, np.int64), [])


def _any(text: bytes) -> Lines:
    """Lines of any length; blanks around one and empty ones are passed over."""
    octets = np.frombuffer(text, np.uint8)
    starts, ends = _edges(octets)
    digit = DIGITS[octets]
    wrong = np.concatenate(([0], np.cumsum(digit == NO_DIGIT)))
    length = ends - starts
    good = (wrong[ends] == wrong[starts]) & (length % 2 == 0)
    kept = np.zeros(octets.size + 1, np.int8)
    np.add.at(kept, starts[good], 1)
    np.add.at(kept, ends[good], -1)
    digits = digit[np.cumsum(kept[:-1]).astype(np.bool_)]
    data = (digits[0::2] << 4 | digits[1::2]).tobytes()
    bad = [(int(at), text[starts[at] : ends[at]]) for at in np.flatnonzero(~good)]
    return Lines(data, np.where(good, length // 2, 0), bad)


def _edges(octets: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each line begins and ends, without the blanks around it and without empty ones."""
    breaks = np.flatnonzero(octets == NEWLINE)
    starts = np.concatenate(([0], breaks + 1))
    ends = np.concatenate((breaks, [octets.size]))
    ink = np.flatnonzero(~BLANK[octets])
    first = np.searchsorted(ink, starts)
    last = np.searchsorted(ink, ends) - 1
    some = last >= first
    return ink[first[some]], ink[last[some]] + 1
