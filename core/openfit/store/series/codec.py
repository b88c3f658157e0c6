"""Columns of integers as few bytes: differences, in steps of their greatest common divisor,
zigzagged to unsigned, cut to the bytes they need, byte planes side by side, compressed.

A payload is one byte that names the codec, then MessagePack. It is read for ever: a change of
form takes a new codec number, and tests/core/golden holds a payload of each.
"""

import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from openfit.store import zstd
from openfit.store.series.blocks import Block, Cut, Int, Revision


class Compressor(NamedTuple):
    compress: Callable[[bytes], bytes]
    decompress: Callable[[bytes], bytes]


ZSTD, ZLIB = 1, 2
CODECS = {
    ZSTD: Compressor(zstd.compress, zstd.decompress),
    ZLIB: Compressor(lambda plain: zlib.compress(plain, 1), zlib.decompress),  # where zstd is not
}
PROBE = 256  # a divisor of so many differences is likely that of all


class Column(Struct, array_like=True, frozen=True):
    """first + step * the running sum of differences; with width 0 all differences are 1."""

    first: int
    step: int
    width: int  # bytes a difference
    planes: bytes  # compressed where that is shorter


class Payload(Struct, array_like=True, frozen=True):
    n: int
    columns: list[Column]
    revisions: tuple[Revision, ...] = ()
    cuts: tuple[tuple[int, int, int, int], ...] = ()


def encode(block: Block, codec: int = ZSTD) -> bytes:
    cuts = tuple((cut.start, cut.end, *cut.revision) for cut in block.cuts)
    return pack(block.columns, codec, block.revisions, cuts)


def decode(payload: bytes) -> Block:
    found, (t, v, rev, *d) = unpack(payload)
    cuts = tuple(Cut(start, end, (order, receipt)) for start, end, order, receipt in found.cuts)
    return Block(t, v, rev, d[0] if d else None, found.revisions, cuts)


def pack(
    columns: Sequence[Int],
    codec: int = ZSTD,
    revisions: tuple[Revision, ...] = (),
    cuts: tuple[tuple[int, int, int, int], ...] = (),
) -> bytes:
    """Columns of equal length."""
    packed = [pack_column(column, CODECS[codec].compress) for column in columns]
    body = Payload(int(columns[0].size), packed, revisions, cuts)
    return bytes([codec]) + msgspec.msgpack.encode(body)


def unpack(payload: bytes) -> tuple[Payload, list[Int]]:
    decompress = CODECS[payload[0]].decompress
    body = msgspec.msgpack.decode(memoryview(payload)[1:], type=Payload)
    return body, [unpack_column(column, body.n, decompress) for column in body.columns]


def pack_column(x: Int, compress: Callable[[bytes], bytes]) -> Column:
    if not x.size:
        return Column(0, 0, 0, b"")
    first, steps = int(x[0]), np.diff(x)
    if not steps.size or (steps == steps[0]).all():
        return Column(first, int(steps[0]) if steps.size else 0, 0, b"")
    step = common_divisor(steps)
    planes, width = byte_planes(zigzag(steps if step == 1 else steps // step))
    packed = compress(planes)
    return Column(first, step, width, packed if len(packed) < len(planes) else planes)


def unpack_column(column: Column, n: int, decompress: Callable[[bytes], bytes]) -> Int:
    if not column.width:
        return column.first + column.step * np.arange(n, dtype=np.int64)
    size = (n - 1) * column.width
    planes = column.planes if len(column.planes) == size else decompress(column.planes)
    x = np.empty(n, np.int64)
    x[0] = column.first
    x[1:] = unzigzag(from_planes(planes, n - 1, column.width))
    if column.step != 1:
        x[1:] *= column.step
    return np.cumsum(x, out=x)


def common_divisor(steps: Int) -> int:
    found = int(np.gcd.reduce(steps[:PROBE]))
    return found if found == 1 else int(np.gcd.reduce(steps))


def byte_planes(x: Int) -> tuple[bytes, int]:
    """The lowest bytes of all numbers, then the next, as many as the greatest needs."""
    width = max(1, (int(x.max()).bit_length() + 7) // 8)
    if width == 1:
        return x.astype(np.uint8).tobytes(), 1
    return x.astype("<i8").view(np.uint8).reshape(-1, 8)[:, :width].T.tobytes(), width


def from_planes(planes: bytes, n: int, width: int) -> NDArray[np.unsignedinteger[Any]]:
    size = next(size for size in (1, 2, 4, 8) if size >= width)
    found = np.zeros((n, size), np.uint8)
    found[:, :width] = np.frombuffer(planes, np.uint8).reshape(width, n).T
    return found.view(f"<u{size}").reshape(n)


def zigzag(x: Int) -> Int:
    """Small numbers of either sign become small positive ones: 0, -1, 1, -2 are 0, 1, 2, 3."""
    return (x << 1) ^ (x >> 63)


def unzigzag(x: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.signedinteger[Any]]:
    """In as many bits as it came, which is several times faster for small numbers."""
    signed = np.dtype(f"i{x.dtype.itemsize}")
    found: NDArray[np.signedinteger[Any]] = (x >> 1).view(signed) ^ -(x & 1).view(signed)
    return found
