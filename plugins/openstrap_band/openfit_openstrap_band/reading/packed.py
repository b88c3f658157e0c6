"""Many packets in one buffer: where each begins and ends, and rows cut out of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray

from openfit_openstrap_band.wire import frames
from openfit_openstrap_band.wire.crc import CRC8, CRC16

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

BARE, GENERATION, SEALED, DAMAGED = 0, 5, 254, 255
MARGIN = 2048  # bytes, more than any row is wide
TABLE8 = np.array(CRC8, np.uint8)
TABLE16 = np.array(CRC16, np.uint16)


def among(codes: Iterable[int]) -> Mask:
    """A table of bytes: indexed by an array of them it says which are among these codes."""
    table = np.zeros(256, np.bool_)
    table[[*codes]] = True
    return table


@dataclass(frozen=True)
class Packed:
    """Packets `data[starts[i] : starts[i] + sizes[i]]`. `generation` is that of the envelope they
    came in: 0 for none, 254 where its packet may not be read, 255 where its checks fail."""

    data: Bytes
    starts: Ints
    sizes: Ints
    generation: Bytes

    @cached_property
    def _padded(self) -> Bytes:
        return np.concatenate([self.data, np.zeros(MARGIN, np.uint8)])

    @cached_property
    def stride(self) -> int:
        """From each packet to the next, where that is always the same; else 0."""
        if self.starts.size < 2:
            return 0
        steps = np.diff(self.starts)
        return int(steps[0]) if (steps == steps[0]).all() else 0

    def rows(self, which: Ints, width: int) -> Bytes:
        """The first `width` bytes of these packets; zeros past the end of one."""
        sizes = self.sizes[which]
        if which.size == self.starts.size and self.stride and width <= sizes.min():
            return as_strided(
                self.data[self.starts[0] :], (which.size, width), (self.stride, 1), writeable=False
            )
        cut = sliding_window_view(self._padded, width)[self.starts[which]]
        short = np.flatnonzero(sizes < width)
        if short.size:
            cut[short] *= np.arange(width) < sizes[short, None]
        return cut

    def octet(self, at: int) -> Bytes:
        """One byte of each packet; 0 where it is shorter."""
        found: Bytes = self._padded[self.starts + at]
        found[self.sizes <= at] = 0
        return found


def packed(buffer: bytes | bytearray | memoryview | Bytes, sizes: Sequence[int] | Ints) -> Packed:
    """Frames one after another, bare or in envelopes, taken out of their envelopes."""
    data = np.frombuffer(buffer, np.uint8)
    lengths = np.asarray(sizes, np.int64)
    if lengths.size and (int(lengths.min()) < 0 or int(lengths.sum()) != data.size):
        raise ValueError(f"The sizes of frames do not add up to the {data.size} bytes of them.")
    starts = np.cumsum(lengths) - lengths
    whole = Packed(data, starts, lengths, np.zeros(lengths.size, np.uint8))
    wrapped = np.flatnonzero(whole.octet(0) == frames.START)
    return _unwrapped(whole, wrapped) if wrapped.size else whole


def _unwrapped(whole: Packed, wrapped: Ints) -> Packed:
    starts, sizes = whole.starts.copy(), whole.sizes.copy()
    generation = whole.generation.copy()
    head = whole.rows(wrapped, 8)
    length = sizes[wrapped]
    gen4, gen5 = _headed4(head, length), _headed5(head, length)
    ok4 = _checked(whole, wrapped, gen4, frames.HEADER[4])
    ok5 = _checked(whole, wrapped, gen5 & ~ok4, frames.HEADER[5]) if gen5.any() else gen5
    header = np.where(ok4, frames.HEADER[4], frames.HEADER[5])
    readable = ok4 | (ok5 & (head[:, 1] == frames.REVISION))
    sealed = np.where(ok5, SEALED, DAMAGED)
    generation[wrapped] = np.where(readable, np.where(ok4, 4, 5), sealed)
    starts[wrapped] += np.where(readable, header, 0)
    sizes[wrapped] -= np.where(readable, header + frames.CRC, 0)
    return Packed(whole.data, starts, sizes, generation)


def _headed4(head: Bytes, length: Ints) -> Mask:
    """The header of gen 4 passes its check, and its length is that of the frame."""
    size = head[:, 1].astype(np.int64) | head[:, 2].astype(np.int64) << 8
    check = TABLE8[TABLE8[head[:, 1]] ^ head[:, 2]]
    right: Mask = (size >= frames.CRC) & (size + frames.HEADER[4] == length)
    right &= check == head[:, 3]
    return right


def _headed5(head: Bytes, length: Ints) -> Mask:
    size = head[:, 2].astype(np.int64) | head[:, 3].astype(np.int64) << 8
    right: Mask = (size >= frames.CRC) & (size + frames.HEADER[5] == length)
    if not right.any():
        return right
    check = np.full(len(head), 0xFFFF, np.uint16)
    for at in range(6):
        check = check >> 8 ^ TABLE16[(check ^ head[:, at]) & 0xFF]
    told = head[:, 6].astype(np.uint16) | head[:, 7].astype(np.uint16) << 8
    right &= check == told
    return right


def _checked(whole: Packed, wrapped: Ints, hopeful: Mask, header: int) -> Mask:
    """Whether the packets pass their CRC-32: of all that is tried here, zlib's is the fastest."""
    which = wrapped[hopeful]
    ok = np.zeros(wrapped.size, np.bool_)
    if not which.size:
        return ok
    begin = whole.starts[which] + header
    end = whole.starts[which] + whole.sizes[which] - frames.CRC
    view = memoryview(whole.data)  # type: ignore[arg-type]
    found = np.fromiter(
        (crc32(view[a:b]) for a, b in zip(begin.tolist(), end.tolist(), strict=True)),
        np.uint32,
        which.size,
    )
    told = sliding_window_view(whole.data, frames.CRC)[end].view("<u4")[:, 0]
    ok[hopeful] = found == told
    return ok
