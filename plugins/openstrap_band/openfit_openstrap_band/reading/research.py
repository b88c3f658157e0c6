"""Optical differences of gen 5 (versions 26 and 22): what a record's tag writes, and no more."""

import struct
from itertools import accumulate
from typing import Any

import msgspec

from openfit_openstrap_band.reading.base import Gen5, finite, gen5_head
from openfit_openstrap_band.reading.fields import PIP, RESEARCH
from openfit_openstrap_band.reading.imu import Counts

CLAMPS = (-32768, 32767)
CODES = range(-524_288, 524_288)
# By tag: where its windows of differences begin and how many those are; its metadata.
WINDOWS = {1: ((15, 49),), 2: ((15, 49),), 3: ((15, 24), (67, 24)), 4: ((15, 49),), 5: ((23, 24),)}
METADATA = {1: 117, 2: 117, 3: 119, 4: 117}
EXTENSION = {2: (144, 155), 4: (144, 155)}
RAW_AXES, RAW_TAIL = (18, 68, 118), (168, 176)
TAGS = range(1, 7)


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


def codes(first: int, deltas: tuple[int, ...]) -> Codes:
    samples = tuple(accumulate(deltas, initial=first))
    clamped = [at for at, delta in enumerate(deltas) if delta in CLAMPS]
    return Codes(
        samples=samples,
        first_ambiguous=clamped[0] + 1 if clamped else None,
        out_of_range=tuple(at for at, sample in enumerate(samples) if sample not in CODES),
    )


def pip(packet: bytes) -> Pip:
    found = PIP.read(packet)
    return Pip(
        **gen5_head(packet, found),
        segment=found["segment"],
        window=Window(15, found["first"], found["deltas"]),
        acceleration_delta=finite(found["acceleration_delta"]),
        state_word=found["state_word"],
        primary_flags=found["primary_flags"],
        morphology=found["morphology"],
        pad=found["pad"],
    )


def research(packet: bytes) -> Research | None:
    found = RESEARCH.read(packet)
    tag = found["tag"]
    if tag not in TAGS:
        return None
    head = gen5_head(packet, found) | {"tag": tag}
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
        "acceleration_delta": finite(delta),
        "unnamed": tuple(map(finite, unnamed)),
        "state_word": state,
        "primary_flags": primary,
    }


def _pip_part(packet: bytes) -> dict[str, Any]:
    delta, state, primary = struct.unpack_from("<fHB", packet, 75)
    return {
        "pip_ts": struct.unpack_from("<I", packet, 15)[0],
        "acceleration_delta": finite(delta),
        "state_word": state,
        "primary_flags": primary,
    }
