"""One packet in, what it says out; None for what says nothing that can be believed."""

from openfit_openstrap_band.reading import gen5, imu, live, seconds
from openfit_openstrap_band.reading.base import Archived, Record, archived
from openfit_openstrap_band.reading.fields import SECOND
from openfit_openstrap_band.wire import frames

REALTIME, REALTIME_RAW, HISTORICAL, IMU_STREAM = 0x28, 0x2B, 0x2F, 0x33
LONGEST_SECOND = 256  # bytes; what is longer is a record of another family
MOTION, PACKED, OPTICAL = 10, 11, 21
RAW = (REALTIME_RAW, HISTORICAL)


def decode(frame: bytes) -> Record | None:
    """One packet, bare or in its envelope. A bare one of gen 5 is known by its length."""
    if frame[:1] == b"\xaa":
        found = frames.identify(frame)
        return inner(found.inner, found.generation) if found and found.decodable else None
    return inner(frame)


def inner(packet: bytes, generation: int | None = None) -> Record | None:
    """Without an envelope, of a generation that is known from it, or not."""
    if len(packet) < 2:
        return None
    if packet[0] == REALTIME:
        return live.decode(packet)
    if packet[0] == IMU_STREAM:
        return imu.part(packet)
    if packet[0] not in RAW:
        return None
    if generation == 5 or (generation is None and gen5.recognises(packet)):
        return gen5.decode(packet)
    return _gen4(packet)


def _gen4(packet: bytes) -> Record | None:
    if packet[1] == MOTION:
        return imu.motion(packet)
    if packet[1] == OPTICAL and len(packet) > LONGEST_SECOND:
        return imu.optical(packet)
    if packet[1] == PACKED and len(packet) > LONGEST_SECOND:
        return archived(packet)
    if packet[0] != HISTORICAL or len(packet) > LONGEST_SECOND:
        return None
    return seconds.decode(packet, SECOND.shortest)


__all__ = ["Archived", "Record", "decode", "inner"]
