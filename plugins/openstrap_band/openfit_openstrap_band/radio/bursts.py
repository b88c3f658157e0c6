"""What came between two markers of the band's history, and the raw items that keep it."""

from collections.abc import Callable, Iterator

import numpy as np
from openfit_sdk import RawItem

from openfit_openstrap_band.deriving import sorting
from openfit_openstrap_band.radio import heard
from openfit_openstrap_band.reading.packed import Ints, packed
from openfit_openstrap_band.wire.crc import crc16_modbus, crc32
from openfit_openstrap_band.wire.frames import START, Frame

TIME_AT = 7  # of a record, in both generations
FROM_BAND = b"\x01\x00"


class Burst:
    """Frames in the order in which they came."""

    def __init__(self, headless: bool = False) -> None:
        self.headless = headless  # nobody heard its beginning
        self.frames: list[Frame] = []
        self.counted = 0  # as the band counts packets; one that came twice counts once
        self.size = 0  # bytes
        self.damaged = 0
        self.record_times: list[int] = []  # by the band's clock, where they have one
        self._here: set[bytes] = set()

    def add(self, frame: Frame) -> None:
        if frame.valid and frame.inner in self._here:
            return
        self._here.add(frame.inner)
        self.frames.append(frame)
        self.size += len(frame.inner)
        self.damaged += not frame.valid
        self.counted += heard.counts(frame)
        if heard.is_record(frame):
            self.record_times.append(time_of(frame))

    def with_others(self, others: "Burst") -> "Burst":
        found = Burst(self.headless)
        for frame in [*others.frames, *self.frames]:
            found.add(frame)
        return found


def items(burst: Burst) -> list[RawItem]:
    """Raw items that hold every frame of a burst, byte for byte. What was damaged on its way is
    kept too, and never read."""
    sound = [whole(frame) for frame in burst.frames if frame.valid]
    broken = [frame.inner for frame in burst.frames if not frame.valid]
    found = joined(sound, lambda body, sizes: sorting.items(body, sizes, packed(body, sizes)))
    return found + joined(
        broken,
        lambda body, sizes: [sorting.item(sorting.UNREADABLE, body, sizes, np.zeros_like(sizes))],
    )


def joined(bodies: list[bytes], made: Callable[[bytes, Ints], list[RawItem]]) -> list[RawItem]:
    if not bodies:
        return []
    return made(b"".join(bodies), np.fromiter(map(len, bodies), np.int64, len(bodies)))


def time_of(frame: Frame) -> int:
    """In s since 1970, as a record says; 0 where it is too short to."""
    said = frame.inner[TIME_AT : TIME_AT + 4]
    return int.from_bytes(said, "little") if len(said) == 4 else 0


def whole(frame: Frame) -> bytes:
    """The packet of gen 4, as clients send it too; of gen 5 the whole frame, without which a
    packet does not tell its generation."""
    return frame.inner if frame.generation == 4 else b"".join(wrapped(frame))


def wrapped(frame: Frame) -> Iterator[bytes]:
    size = (len(frame.inner) + 4).to_bytes(2, "little")
    head = bytes((START, frame.revision)) + size + FROM_BAND
    yield head + crc16_modbus(head).to_bytes(2, "little")
    yield frame.inner
    yield crc32(frame.inner).to_bytes(4, "little")
