"""What a band says beside its records: marks of the history transfer, and its console."""

import msgspec

from openfit_openstrap_band.wire.events import body, u16, u32
from openfit_openstrap_band.wire.words import HISTORY_END, METADATA, WALL_CLOCK, name

METADATA_PACKET, CONSOLE_PACKET = 0x31, 0x32
LONGEST_TEXT = 2048


class Mark(msgspec.Struct, frozen=True):
    """A mark of the history transfer. Only the end of a burst says more than its name.

    `token` goes back unchanged in the acknowledgement, which lets the band trim. Its second half
    counts how often the flash went round: it names no burst.
    """

    subtype: int
    name: str
    count: int | None = None  # of packets in the burst, as the band counts them
    token: bytes | None = None
    clock: int | None = None  # the band's own, set or not
    clock_subsec: int | None = None

    @property
    def wrap_count(self) -> int | None:
        return None if self.token is None else u32(self.token, 4)

    @property
    def clock_set(self) -> bool:
        return self.clock is not None and self.clock in WALL_CLOCK


def mark(inner: bytes) -> Mark | None:
    if len(inner) < 3 or inner[0] != METADATA_PACKET:
        return None
    subtype, called = inner[2], name(METADATA, inner[2], "META")
    if subtype != HISTORY_END or len(inner) < 13:
        return Mark(subtype, called)
    token = bytes(inner[13:21]) if len(inner) >= 21 else None
    return Mark(subtype, called, u32(inner, 9), token, u32(inner, 3), u16(inner, 7))


class Chunk(msgspec.Struct, frozen=True):
    """A piece of the firmware's console."""

    index: int
    ts: int
    subsec: int
    length: int
    text: str


def console(inner: bytes) -> Chunk | None:
    if len(inner) < 12 or inner[0] != CONSOLE_PACKET:
        return None
    text = body(inner).rstrip(b"\0").decode("latin-1")[:LONGEST_TEXT]
    return Chunk(inner[1], u32(inner, 4), u16(inner, 8), u16(inner, 10), text)


class Console:
    """Lines that straddle packets, joined while their index goes on by one (modulo 256)."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._last: int | None = None

    def extends(self, chunk: Chunk) -> bool:
        return self._last is not None and chunk.index == (self._last + 1) % 256

    def add(self, chunk: Chunk) -> str:
        """The text that a gap ended, empty while none has."""
        ended = "" if self.extends(chunk) else self.flush()
        self._last = chunk.index
        self._pieces.append(chunk.text)
        return ended

    def flush(self) -> str:
        ended, self._pieces, self._last = "".join(self._pieces), [], None
        return ended
