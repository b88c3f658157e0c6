"""What the sync conversation has to understand of a frame: markers, replies, what counts."""

from msgspec import Struct

from openfit_openstrap_band.frames import Frame

REPLY, RECORD, EVENT, METADATA, CONSOLE = 0x24, 0x2F, 0x30, 0x31, 0x32
WRAPPERS = (0x35, 0x36, 0x37)
COUNTED = {RECORD, EVENT, CONSOLE, *WRAPPERS}
PASSING = {REPLY, METADATA, 0x26, 0x28, 0x2B, 0x33}  # replies, and live data that nobody stores
START, END, COMPLETE = 1, 2, 3
PENDING = 2
CAN_BE_PENDING = (0x22, 0x91)
RANGE, CLOCK = 0x22, 0x0B


class Marker(Struct, frozen=True):
    """A metadata packet. The token is given back unchanged, or not at all."""

    kind: int
    count: int | None = None
    token: bytes | None = None


def marker(frame: Frame) -> Marker | None:
    inner = frame.inner
    if not frame.decodable or len(inner) < 3 or inner[0] != METADATA:
        return None
    if inner[2] != END:
        return Marker(inner[2])
    count = u32(inner, 9) if len(inner) >= 13 else None
    return Marker(END, count, bytes(inner[13:21]) if len(inner) >= 21 else None)


def reply_to(frame: Frame) -> int | None:
    """The opcode that this answers."""
    inner = frame.inner
    return inner[2] if frame.decodable and len(inner) >= 5 and inner[0] == REPLY else None


def echo(frame: Frame) -> int:
    return frame.inner[3]


def pending(frame: Frame) -> bool:
    """Whether the real answer is still to come."""
    return frame.inner[4] == PENDING and frame.inner[2] in CAN_BE_PENDING


def counts(frame: Frame) -> bool:
    """Whether a burst's announced number counts it. What cannot be read is counted."""
    return frame.valid and (not frame.decodable or frame.packet_type in COUNTED)


def lasting(frame: Frame) -> bool:
    """Whether it is stored: all but replies, markers and live data."""
    return frame.valid and (not frame.decodable or frame.packet_type not in PASSING)


def is_record(frame: Frame) -> bool:
    return frame.decodable and frame.packet_type == RECORD


def clock(inner: bytes) -> float | None:
    """What GET_CLOCK is answered, however little it can be believed."""
    return u32(inner, 5) + u32(inner, 9) / 32768 if len(inner) >= 13 else None


def newest(inner: bytes) -> int | None:
    """The moment of the newest record, of a reply to GET_DATA_RANGE."""
    return u32(inner, 62) if len(inner) >= 66 and inner[5] == 1 else None


def u32(inner: bytes, at: int) -> int:
    return int.from_bytes(inner[at : at + 4], "little")
