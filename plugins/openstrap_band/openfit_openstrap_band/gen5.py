"""Records of gen 5, as far as they are known. Most need settings that a band keeps for good and
that are never written here."""

import struct
from itertools import accumulate
from math import floor, isfinite
from typing import Any

import msgspec

from openfit_openstrap_band.base import Beats, Record, Vector, beats, rounded
from openfit_openstrap_band.fields import (
    GEN5_BLOCK,
    GEN5_MOTION,
    GEN5_OPTICAL,
    PIP,
    RESEARCH,
    SUMMARY,
)
from openfit_openstrap_band.imu import AXES, ROTATION, Counts

LIVE_RAW = 0x2B
SUMMARY_VERSION = 18
LENGTHS = {
    20: GEN5_OPTICAL.shortest,
    21: GEN5_MOTION.shortest,
    22: RESEARCH.shortest,
    26: PIP.shortest,
}
MOST_BEATS = 4
RATE = range(25, 231)
ACTIVITIES = range(3)
SLEEP_STATES = ("wake", "still", "sleep", "up")
NO_SKIN, NO_SIGNAL = -5000, -128
MOST_G = 16
SAMPLES = range(1, 101)
BLOCKS, BLOCKS_AT, MOST_IN_BLOCK = 5, 18, 50
CLAMPS = (-32768, 32767)
CODES = range(-524_288, 524_288)
# Of a research record, by tag: where its delta windows begin, and where its metadata does.
WINDOWS = {1: ((15, 49),), 2: ((15, 49),), 3: ((15, 24), (67, 24)), 4: ((15, 49),), 5: ((23, 24),)}
METADATA = {1: 117, 2: 117, 3: 119, 4: 117}
EXTENSION = {2: (144, 155), 4: (144, 155)}
RAW_AXES, RAW_TAIL = (18, 68, 118), (168, 176)


class Gen5(Record, frozen=True, kw_only=True):
    flags: int = 0

    @property
    def optical_rate(self) -> int:
        """Hz."""
        return 25 if self.flags & 0x80 else 50


class Summary(Gen5, frozen=True, kw_only=True):
    """One second (v18)."""

    heart_rate: int | None
    rr: Beats
    motion: float | None  # g, the greatest step of |a|
    acceleration: Vector | None  # g, mean of each axis
    cell_temperature: float  # Cel
    ambient_temperature: float
    skin_temperature: float | None
    motion_counter: int
    cadence: int
    activity: int | None  # 0 unknown, 1 walk, 2 run
    sleep_state: str
    cardiac_flags: int
    cardiac_status: int
    quality_flags: int
    other_heart_rate: int
    unnamed_30: int
    channel_states: tuple[int, ...]
    spo2_status: int
    sensor_means: tuple[int, ...]  # B, A
    signal_to_noise: tuple[int | None, ...]  # dB; B, A
    signal_log_variance: float | None


class Window(msgspec.Struct, frozen=True):
    """A first code and the differences that follow."""

    at: int
    first: int
    deltas: tuple[int, ...]


class Codes(msgspec.Struct, frozen=True):
    """A window put together: from a clamped difference on, nothing is certain."""

    samples: tuple[int, ...]
    first_ambiguous: int | None
    out_of_range: tuple[int, ...]

    @property
    def trusted(self) -> int:
        return len(self.samples) if self.first_ambiguous is None else self.first_ambiguous


class Pip(Gen5, frozen=True, kw_only=True):
    """Optical deltas (v26)."""

    segment: int
    window: Window
    acceleration_delta: float | None
    state_word: int
    primary_flags: int
    morphology: int
    pad: int


class Block(msgspec.Struct, frozen=True):
    """Of the optical record: a colour's two channels and how they were lit."""

    channels: tuple[tuple[int, ...], tuple[int, ...]]
    leds: tuple[int, int]
    led_currents: tuple[int, int]  # uA
    amplifiers: tuple[int, int]
    ranges: tuple[int, int]  # uA
    offsets: tuple[int, int]  # nA


class Optical(Gen5, frozen=True, kw_only=True):
    """v20: green, red, a fourth, infrared, ambient."""

    sample_rate: int
    blocks: tuple[Block, ...]


class Motion(Gen5, frozen=True, kw_only=True):
    """v21: a second of motion."""

    acceleration: Counts
    rotation: Counts


class Research(Gen5, frozen=True, kw_only=True):
    """v22: what its tag writes, and no other byte."""

    tag: int
    windows: tuple[Window, ...] = ()
    acceleration_delta: float | None = None
    state_word: int | None = None
    primary_flags: int | None = None
    flags_snapshot: int | None = None
    unnamed: tuple[float | None, ...] = ()
    pip_ts: int | None = None
    extension: bytes | None = None
    acceleration: Counts = ()
    acceleration_tail: bytes | None = None


def recognises(packet: bytes) -> bool:
    """Whether a bare packet has a length that only gen 5 gives its version."""
    version, length = packet[1], len(packet)
    if version == SUMMARY_VERSION:
        return length >= SUMMARY.shortest
    return length == LENGTHS.get(version)


def decode(packet: bytes) -> Gen5 | None:
    length = len(packet)
    if length == GEN5_MOTION.shortest:
        return _motion(packet)
    if packet[0] == LIVE_RAW:
        return None
    if packet[1] == SUMMARY_VERSION and length >= SUMMARY.shortest:
        return _summary(packet)
    if packet[1] == 20 and length == GEN5_OPTICAL.shortest:
        return _optical(packet)
    if packet[1] == 26 and length == PIP.shortest:
        return _pip(packet)
    if packet[1] == 22 and length == RESEARCH.shortest:
        return _research(packet)
    return None


def codes(first: int, deltas: tuple[int, ...]) -> Codes:
    samples = tuple(accumulate(deltas, initial=first))
    clamped = [at for at, delta in enumerate(deltas) if delta in CLAMPS]
    return Codes(
        samples=samples,
        first_ambiguous=clamped[0] + 1 if clamped else None,
        out_of_range=tuple(at for at, sample in enumerate(samples) if sample not in CODES),
    )


def _head(packet: bytes, found: dict[str, Any]) -> dict[str, Any]:
    return {"version": packet[1]} | {
        name: found[name] for name in ("flags", "counter", "ts", "subsec")
    }


def _summary(packet: bytes) -> Summary:
    found = SUMMARY.read(packet)
    vector = rounded(found["acceleration"])
    step, variance = found["motion"], found["signal_log_variance"]
    skin = found["skin_temperature"]
    kept = (
        "motion_counter",
        "cadence",
        "cardiac_flags",
        "cardiac_status",
        "quality_flags",
        "other_heart_rate",
        "unnamed_30",
        "channel_states",
        "spo2_status",
        "sensor_means",
    )
    return Summary(
        **_head(packet, found),
        **{name: found[name] for name in kept},
        heart_rate=found["heart_rate"] if found["heart_rate"] in RATE else None,
        rr=beats(packet, 16, found["rr_count"], MOST_BEATS),
        motion=_places(step, 4) if isfinite(step) and 0 <= step <= MOST_G else None,
        acceleration=vector if vector and max(map(abs, vector)) <= MOST_G else None,
        cell_temperature=_places(found["cell_temperature"] / 10, 2),
        ambient_temperature=_places(found["ambient_temperature"] / 10, 2),
        skin_temperature=None if skin == NO_SKIN else _places(skin / 100, 2),
        activity=found["activity"] if found["activity"] in ACTIVITIES else None,
        sleep_state=SLEEP_STATES[found["states"] >> 4 & 3],
        signal_to_noise=tuple(
            None if ratio == NO_SIGNAL else ratio for ratio in found["signal_to_noise"]
        ),
        signal_log_variance=_places(variance, 4) if isfinite(variance) else None,
    )


def _pip(packet: bytes) -> Pip:
    found = PIP.read(packet)
    return Pip(
        **_head(packet, found),
        segment=found["segment"],
        window=Window(15, found["first"], found["deltas"]),
        acceleration_delta=_finite(found["acceleration_delta"]),
        state_word=found["state_word"],
        primary_flags=found["primary_flags"],
        morphology=found["morphology"],
        pad=found["pad"],
    )


def _motion(packet: bytes) -> Motion | None:
    """Known by its shape: two counts that are possible."""
    found = GEN5_MOTION.read(packet)
    count, turns = found["count"], found["rotation_count"]
    if count not in SAMPLES or turns not in SAMPLES:
        return None
    return Motion(
        **_head(packet, found),
        acceleration=tuple(found[axis][:count] for axis in AXES),
        rotation=tuple(found[axis][:turns] for axis in ROTATION),
    )


def _optical(packet: bytes) -> Optical:
    found = GEN5_OPTICAL.read(packet)
    starts = range(BLOCKS_AT, BLOCKS_AT + BLOCKS * GEN5_BLOCK.shortest, GEN5_BLOCK.shortest)
    return Optical(
        **_head(packet, found),
        sample_rate=found["sample_rate"],
        blocks=tuple(_block(packet[at : at + GEN5_BLOCK.shortest]) for at in starts),
    )


def _block(block: bytes) -> Block:
    found = GEN5_BLOCK.read(block)
    count = found["count"] if found["count"] <= MOST_IN_BLOCK else 0
    return Block(
        channels=(_signed(found["channel_0"][:count]), _signed(found["channel_1"][:count])),
        leds=(found["led_a"], found["led_b"]),
        led_currents=(found["led_a_current"] * 10, found["led_b_current"] * 10),
        amplifiers=(found["amplifier_1"], found["amplifier_2"]),
        ranges=(found["amplifier_1_range"], found["amplifier_2_range"]),
        offsets=(found["amplifier_1_offset"] * 10, found["amplifier_2_offset"] * 10),
    )


def _signed(samples: tuple[int, ...]) -> tuple[int, ...]:
    """20 bits with a sign, in 32 whose upper ones mean nothing."""
    return tuple(((sample & 0xFFFFF) ^ 0x80000) - 0x80000 for sample in samples)


def _research(packet: bytes) -> Research | None:
    found = RESEARCH.read(packet)
    tag = found["tag"]
    if not 1 <= tag <= 6:
        return None
    head = _head(packet, found) | {"tag": tag}
    head["windows"] = tuple(_window(packet, at, count) for at, count in WINDOWS.get(tag, ()))
    if tag in METADATA:
        head |= _metadata(packet, METADATA[tag])
    if tag in EXTENSION:
        head["extension"] = bytes(packet[slice(*EXTENSION[tag])])
    if tag == 5:
        head |= _pip_part(packet)
    if tag == 6:
        head["acceleration"] = tuple(struct.unpack_from("<25h", packet, at) for at in RAW_AXES)
        head["acceleration_tail"] = bytes(packet[slice(*RAW_TAIL)])
    return Research(**head)


def _window(packet: bytes, at: int, count: int) -> Window:
    first, *deltas = struct.unpack_from(f"<i{count}h", packet, at)
    return Window(at, first, tuple(deltas))


def _metadata(packet: bytes, base: int) -> dict[str, Any]:
    flags, delta, *unnamed = struct.unpack_from("<B2x4f", packet, base + 1)
    state, primary = struct.unpack_from("<H4xB", packet, base + 20)
    return {
        "flags_snapshot": flags,
        "acceleration_delta": _finite(delta),
        "unnamed": tuple(map(_finite, unnamed)),
        "state_word": state,
        "primary_flags": primary,
    }


def _pip_part(packet: bytes) -> dict[str, Any]:
    delta, state, primary = struct.unpack_from("<fHB", packet, 75)
    return {
        "pip_ts": struct.unpack_from("<I", packet, 15)[0],
        "acceleration_delta": _finite(delta),
        "state_word": state,
        "primary_flags": primary,
    }


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _places(value: float, places: int) -> float:
    scale: int = 10**places
    return floor(value * scale + 0.5) / scale
