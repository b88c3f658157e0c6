"""Frames of a band, made from values: what tests and benches of the band plugin feed it.

Nothing here reads the plugin's tables: a layout that is wrong there is not wrong here too.
"""

import struct
import zlib
from collections.abc import Sequence

import numpy as np

START = 1_780_000_000  # s since 1970, a moment that a band may well say
GRAVITY = (0.0, 0.0, 1.0)  # g, of a band that lies on a table


def framed(inner: bytes, generation: int = 4) -> bytes:
    """In its envelope, as a band sends it."""
    padded = inner + bytes(-len(inner) % 4)
    size = struct.pack("<H", len(padded) + 4)
    tail = padded + struct.pack("<I", zlib.crc32(padded))
    if generation == 4:
        return b"\xaa" + size + bytes([crc8(size)]) + tail
    head = b"\xaa\x01" + size + b"\x01\x00"
    return head + struct.pack("<H", crc16(head)) + tail


def crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc


def crc16(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def second(
    ts: int = START,
    heart_rate: int = 60,
    rr: Sequence[int] = (),
    acceleration: Sequence[float] = GRAVITY,
    *,
    version: int = 24,
    length: int = 96,
    counter: int = 1,
    subsec: int = 0,
    declared: int | None = None,
    rate_at: int = 17,
    ppg_green: int = 4000,
    spo2_red: int = 534,
    spo2_infrared: int = 644,
    ambient_light: int = 646,
    packet: int = 0x2F,
) -> bytes:
    """A record of one second (v24 and its kin)."""
    inner = bytearray(max(length, 96))
    struct.pack_into("<BBBIIH", inner, 0, packet, version, 5, counter, ts, subsec)
    inner[18] = len(rr) if declared is None else declared
    struct.pack_into(f"<{len(rr)}h", inner, 19, *rr)
    inner[rate_at] = heart_rate
    if len(rr) <= 5:
        struct.pack_into("<H", inner, 29, ppg_green)
    struct.pack_into("<6f", inner, 36, *acceleration, 0, *acceleration[:2])
    struct.pack_into("<3f", inner, 52, *acceleration)
    struct.pack_into("<4H", inner, 64, spo2_red, spo2_infrared, 700, ambient_light)
    return bytes(inner[:length])


def burst(ts: int = START, counter: int = 1) -> bytes:
    """A raw optical burst (v25): only its header is known."""
    return struct.pack("<BBBII", 0x2F, 25, 0, counter, ts).ljust(76, b"\x21")


def live(
    ts: int = START,
    heart_rate: int = 60,
    rr: Sequence[int] = (),
    *,
    worn: int = 1,
    location: int = 1,
    revision: int = 2,
    subsec: int = 0,
    declared: int | None = None,
    length: int = 20,
) -> bytes:
    """The compact live record (0x28)."""
    count = len(rr) if declared is None else declared
    slots = [*rr, 0, 0, 0, 0][:4]
    head = struct.pack("<BBIHBB4h", 0x28, revision, ts, subsec, heart_rate, count, *slots)
    return (head + bytes([worn, location]))[:length]


def motion(
    ts: int = START,
    acceleration: np.ndarray | None = None,
    heart_rate: int = 60,
    rr: Sequence[int] = (),
    *,
    gravity: Sequence[float] = GRAVITY,
    packet: int = 0x2B,
    version: int = 10,
    counter: int = 1,
    subsec: int = 0,
    length: int = 1920,
) -> bytes:
    """R10: a second of motion, (3, 100) in g; at rest where none is given."""
    samples = at_rest(100) if acceleration is None else acceleration
    inner = bytearray(1920)
    struct.pack_into("<BBBIIH", inner, 0, packet, version, 5, counter, ts, subsec)
    inner[17], inner[18] = heart_rate, len(rr)
    struct.pack_into(f"<{len(rr)}h", inner, 19, *rr)
    struct.pack_into("<3f", inner, 46, *gravity)
    struct.pack_into("<3f", inner, 62, *gravity)
    for axis, at in enumerate((85, 285, 485)):
        inner[at : at + 200] = raw_motion(samples[axis])
    return bytes(inner[:length])


def imu_part(ts: int, index: int, acceleration: np.ndarray, *, length: int = 144) -> bytes:
    """One of the ten parts of a second of the live IMU stream (0x33), (3, 10) in g."""
    inner = bytearray(length)
    struct.pack_into("<BB", inner, 0, 0x33, 0x41)
    struct.pack_into("<I", inner, 4, ts)
    struct.pack_into("<H", inner, 14, index)
    for axis, at in enumerate((24, 44, 64)):
        inner[at : at + 20] = raw_motion(acceleration[axis])
    return bytes(inner)


def optical(ts: int, samples: Sequence[int], *, counter: int = 1) -> bytes:
    """R21 of gen 4: six channels of 100, of which the first is given."""
    inner = bytearray(1236)
    struct.pack_into("<BBBII", inner, 0, 0x2F, 21, 5, counter, ts)
    struct.pack_into("<HH", inner, 14, 120, len(samples))
    struct.pack_into(f"<{len(samples)}H", inner, 20, *samples)
    return bytes(inner)


def summary(
    ts: int = START,
    heart_rate: int = 60,
    rr: Sequence[int] = (),
    *,
    skin: int = 3057,
    gravity: Sequence[float] = GRAVITY,
    length: int = 112,
) -> bytes:
    """A summary of one second of gen 5 (v18)."""
    inner = bytearray(112)
    struct.pack_into("<BBBII", inner, 0, 0x2F, 18, 0x80, 1, ts)
    inner[14], inner[15] = heart_rate, len(rr)
    struct.pack_into(f"<{len(rr)}h", inner, 16, *rr)
    struct.pack_into("<3f", inner, 37, *gravity)
    struct.pack_into("<3h", inner, 61, 247, 265, skin)
    return bytes(inner[:length])


def event(id: int, ts: int = START, body: bytes = b"", *, seq: int = 0, subsec: int = 0) -> bytes:
    """An event (0x30)."""
    return struct.pack("<BBHIHH", 0x30, seq, id, ts, subsec, len(body)) + body


def metadata(
    sub: int, ts: int = START, count: int = 0, token: bytes = bytes(8), *, seq: int = 0
) -> bytes:
    """A sync marker (0x31): 1 start of a burst, 2 its end, 3 all is sent."""
    head = struct.pack("<BBBIHI", 0x31, seq, sub, ts, 0, count)
    return (head + token).ljust(24, b"\0") if sub != 3 else head[:3]


def day(start: int = START, seconds: int = 86_400, seed: int = 1) -> list[bytes]:
    """Seconds of a day as v24 records, with beats and motion that vary."""
    rows = day_rows(start, seconds, seed)
    packed = rows.tobytes()
    return [packed[at : at + 96] for at in range(0, len(packed), 96)]


def day_rows(start: int = START, seconds: int = 86_400, seed: int = 1) -> np.ndarray:
    """The same as an array of bytes, (seconds, 96)."""
    random = np.random.default_rng(seed)
    rows = np.tile(np.frombuffer(second(), np.uint8), (seconds, 1))
    rate = 60 + 15 * np.sin(np.arange(seconds) / 900) + random.normal(0, 1, seconds)
    beats = random.integers(0, 3, seconds)
    put(rows, 3, np.arange(1, seconds + 1), "<u4")
    put(rows, 7, start + np.arange(seconds), "<u4")
    put(rows, 17, rate, "u1")
    put(rows, 18, beats, "u1")
    for slot in range(2):
        interval = 60_000 / rate + random.normal(0, 20, seconds)
        put(rows, 19 + 2 * slot, np.where(beats > slot, interval, 0), "<i2")
    put(rows, 29, random.integers(3000, 5000, seconds), "<u2")
    for axis, mean in enumerate(GRAVITY):
        drawn = mean + random.normal(0, 0.02, seconds)
        put(rows, 36 + 4 * axis, drawn, "<f4")
        put(rows, 52 + 4 * axis, drawn, "<f4")
    return rows


def put(rows: np.ndarray, at: int, values: np.ndarray, dtype: str) -> None:
    """Write one field of every row."""
    as_bytes = np.ascontiguousarray(values.astype(dtype)).view(np.uint8).reshape(len(rows), -1)
    rows[:, at : at + as_bytes.shape[1]] = as_bytes


def walk(seconds: float, steps_a_second: float = 1.8, swing: float = 0.3) -> np.ndarray:
    """Someone walks: (3, 100 a second) in g, all of it on the z axis."""
    at = np.arange(int(seconds * 100)) / 100
    z = 1 + swing * np.sin(2 * np.pi * steps_a_second * at)
    return np.stack([np.zeros_like(z), np.zeros_like(z), z])


def at_rest(samples: int) -> np.ndarray:
    return np.tile(np.array(GRAVITY)[:, None], (1, samples))


def raw_motion(samples: np.ndarray) -> bytes:
    """As the band counts: 4096 to a g."""
    return np.clip(np.rint(np.asarray(samples) * 4096), -32768, 32767).astype("<i2").tobytes()
