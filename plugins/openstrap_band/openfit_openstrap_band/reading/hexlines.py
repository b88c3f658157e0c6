"""Lines of hex, one frame each: as clients export and post them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEWLINE = 10
BLANKS = " \t\r"


@dataclass(frozen=True)
class Lines:
    """Frames of lines that are hex, one after another, and the other lines as they came. A line
    that is no hex has size 0, so that sizes and lines stay in step."""

    data: bytes
    sizes: NDArray[np.int64]
    bad: list[tuple[int, str]]  # number of the line, from 0, among those that are not empty


def read(text: bytes) -> Lines:
    """Blanks around a line and empty lines are passed over."""
    found = _regular(text)
    if found is not None:
        return found
    lines = text.decode("latin-1").split("\n")
    return of([line for each in lines if (line := each.strip(BLANKS))])


def of(lines: Sequence[str]) -> Lines:
    """Of lines that are apart already. What is empty is no frame."""
    sizes = np.fromiter(map(len, lines), np.int64, len(lines))
    data = _bytes("".join(lines))
    if data is not None and not (sizes % 2).any() and sizes.all():
        return Lines(data, sizes // 2, [])
    each = [_bytes(line) or b"" for line in lines]
    bad = [(at, lines[at]) for at, frame in enumerate(each) if not frame]
    return Lines(b"".join(each), np.fromiter(map(len, each), np.int64, len(each)), bad)


def _regular(text: bytes) -> Lines | None:
    """Lines of one length, as of a day of the same records: no line is looked at alone."""
    width = text.find(b"\n") + 1
    whole = text if text.endswith(b"\n") else text + b"\n"
    if width < 3 or width % 2 == 0 or len(whole) % width:
        return None
    ends = np.frombuffer(whole, np.uint8)[width - 1 :: width]
    data = _bytes(whole.decode("latin-1"), blanks=ends.size) if (ends == NEWLINE).all() else None
    if data is None:
        return None
    return Lines(data, np.full(ends.size, width // 2, np.int64), [])


def _bytes(text: str, blanks: int = 0) -> bytes | None:
    """What hex stands for, if it has this many blanks, which `fromhex` passes over."""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return None
    return data if 2 * len(data) + blanks == len(text) else None
