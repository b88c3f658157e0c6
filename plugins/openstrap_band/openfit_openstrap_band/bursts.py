"""What came between two markers of the band's history, and the raw items that keep it."""

import hashlib
import struct
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime

from openfit_sdk import RawItem
from openfit_sdk.items import Pieces

from openfit_openstrap_band import heard
from openfit_openstrap_band.crc import crc16_modbus, crc32
from openfit_openstrap_band.frames import START, Frame

MEDIA_TYPE = "application/octet-stream"
FRAMES, MOTION, EVENTS, UNREADABLE = "frames", "imu", "events", "unreadable"
MOTION_VERSIONS = {4: {10, 11, 21}, 5: {20, 21, 26}}
FROM_BAND = b"\x01\x00"
TIME_AT = {heard.RECORD: 7, heard.EVENT: 4, heard.CONSOLE: 4}


class Burst:
    """Frames in the order in which they came."""

    def __init__(self, headless: bool = False) -> None:
        self.headless = headless  # nobody heard its beginning
        self.frames: list[Frame] = []
        self.counted = 0  # as the band counts packets
        self.damaged = 0
        self.record_times: list[int] = []  # of records, by the band's clock

    def add(self, frame: Frame) -> None:
        self.frames.append(frame)
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
    """Raw items that hold every frame of a burst, byte for byte."""
    sorted_out: dict[tuple[str, str], list[Frame]] = {}
    for frame in burst.frames:
        sorted_out.setdefault(place_of(frame), []).append(frame)
    return [item(kind, hour, frames) for (kind, hour), frames in sorted_out.items()]


def item(kind: str, hour: str, frames: list[Frame]) -> RawItem:
    bodies = [packed(frame) for frame in frames]
    body = b"".join(bodies)
    return RawItem(
        kind=kind,
        id=hour or hashlib.sha256(body).hexdigest()[:32],
        body=body,
        media_type=MEDIA_TYPE,
        pieces=Pieces(
            array("q", (len(one) for one in bodies)), array("q", (time_of(one) for one in frames))
        ),
        joins="all" if kind == MOTION else "waiting",
    )


def place_of(frame: Frame) -> tuple[str, str]:
    """The kind of item, and of motion the hour: it is always read in whole hours."""
    if not frame.valid:
        return UNREADABLE, ""
    if frame.decodable and frame.packet_type == heard.EVENT:
        return EVENTS, ""
    if heard.is_record(frame) and frame.sequence in MOTION_VERSIONS[frame.generation]:
        return MOTION, datetime.fromtimestamp(time_of(frame), UTC).strftime("%Y-%m-%dT%H")
    return FRAMES, ""


def time_of(frame: Frame) -> int:
    """In s since 1970, as the band says; 0 where it says nothing."""
    at = TIME_AT.get(frame.packet_type or 0) if frame.decodable else None
    if at is None or len(frame.inner) < at + 4:
        return 0
    return int(struct.unpack_from("<I", frame.inner, at)[0])


def packed(frame: Frame) -> bytes:
    """The packet of gen 4, as clients send it too; of gen 5 the whole frame, without which a
    packet does not tell its generation."""
    return frame.inner if frame.generation == 4 or not frame.valid else b"".join(wrapped(frame))


def wrapped(frame: Frame) -> Iterator[bytes]:
    size = (len(frame.inner) + 4).to_bytes(2, "little")
    head = bytes((START, frame.revision)) + size + FROM_BAND
    yield head + crc16_modbus(head).to_bytes(2, "little")
    yield frame.inner
    yield crc32(frame.inner).to_bytes(4, "little")
