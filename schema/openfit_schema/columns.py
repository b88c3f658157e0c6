"""Columns: the numbers of one metric, in order, and their packed form."""

import sys
from array import array
from typing import TYPE_CHECKING, Any

# Fixed sizes on the wire: 1, 1, 2, 2, 4, 4, 8, 8, 4, 8 bytes, as Python's struct has them.
FORMATS = "bBhHiIqQfd"
INT64_MAX = 2**63 - 1
LITTLE = sys.byteorder == "little"

# An array.array of one of FORMATS. On the wire: a JSON array, or a MessagePack extension.
if TYPE_CHECKING:
    Column = array[Any]
else:
    Column = array  # cannot be subscripted before Python 3.12


def column(values: Any) -> Column:
    """A Column of a list of numbers, or of any one-dimensional buffer, as NumPy's."""
    if isinstance(values, array) and values.typecode in FORMATS:
        return values
    if isinstance(values, list | tuple):
        return _from_numbers(values)
    return _from_buffer(memoryview(values))


def pack(values: Column) -> bytes:
    """One format character, then the numbers, little-endian."""
    if not LITTLE:
        values = values[:]
        values.byteswap()
    return values.typecode.encode() + values.tobytes()


def unpack(packed: bytes | memoryview) -> Column:
    code = chr(packed[0]) if len(packed) else ""
    if code not in FORMATS or not code:
        raise ValueError(f"a column starts with one of {FORMATS}, not {code!r}")
    values = array(code)
    if (len(packed) - 1) % values.itemsize:
        raise ValueError(f"a column of {code!r} ends inside a number, after {len(packed)} bytes")
    values.frombytes(packed[1:])
    if not LITTLE:
        values.byteswap()
    return values


def _from_numbers(values: list[Any] | tuple[Any, ...]) -> Column:
    kinds = set(map(type, values))
    if not kinds <= {int, float}:
        at = next(i for i, value in enumerate(values) if type(value) not in (int, float))
        raise ValueError(f"a column holds numbers, not {values[at]!r} at {at}; leave gaps out")
    if float in kinds:
        return array("d", values)
    try:
        return array("q" if max(values, default=0) <= INT64_MAX else "Q", values)
    except OverflowError as error:
        raise ValueError(f"the numbers of a column fit in 64 bits: {error}") from None


def _from_buffer(view: memoryview) -> Column:
    if view.ndim != 1:
        raise ValueError(f"a column has one dimension, not {view.ndim}")
    code: str = view.format.lstrip("@=<" if LITTLE else "@=>!")
    if code in ("l", "L"):  # as wide as the platform's long
        code = {4: "i", 8: "q"}[view.itemsize] if code == "l" else {4: "I", 8: "Q"}[view.itemsize]
    if code not in FORMATS or not code:
        raise ValueError(f"a column holds {FORMATS} in native byte order, not {view.format!r}")
    values = array(code)
    values.frombytes(view.tobytes())
    return values
