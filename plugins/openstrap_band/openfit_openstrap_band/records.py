"""Records: one packet in, what it says out; None for what says nothing that can be believed."""

from collections.abc import Iterator
from math import floor, isfinite
from typing import Any

import msgspec

from openfit_openstrap_band import frames
from openfit_openstrap_band.fields import BURST, RATE_AT, SECOND, TRUSTED

HISTORICAL, LIVE, RAW = 0x2F, 0x28, 0x2B
BURST_SHORTEST = 75
STRATEGIES = {"legacy_89b": 89, "short_frame_72b": SECOND.shortest}  # least length, in this order
MOST_BEATS = 8
BEAT = range(200, 2501)  # ms
PLAUSIBLE_RATE = range(25, 231)
PLAUSIBLE_GRAVITY = (0.25, 3.24)  # g²

Vector = tuple[float, float, float]
Beats = tuple[int | None, ...]  # None: a beat was there, its interval cannot be


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What every record says: by the band's own clock, which may not be set."""

    version: int
    ts: int
    subsec: int | None = None
    counter: int | None = None


class Second(Record, frozen=True, kw_only=True):
    """One second: heart rate, beats, gravity, and raw counts of the optical sensors."""

    heart_rate: int | None = None
    rr: Beats = ()
    acceleration: Vector | None = None  # g
    ppg_green: int | None = None
    spo2_red: int | None = None
    spo2_infrared: int | None = None
    ambient_light: int | None = None
    unnamed_31: int | None = None
    unnamed_51: int | None = None
    unnamed_68: int | None = None
    tail: bytes = b""  # from byte 13 on, to be decoded again when more is known


class Archived(Record, frozen=True, kw_only=True):
    """Of this kind only the header is known; its bytes are kept."""

    tail: bytes = b""


def historical(inner: bytes, shortest: int = 89) -> Second | Archived | None:
    """A gen 4 record of any version, read as one of a second unless it is a burst."""
    if len(inner) < 2 or inner[0] not in (HISTORICAL, LIVE):
        return None
    if inner[1] == BURST:
        return archived(inner, BURST_SHORTEST)
    if len(inner) < shortest:
        return None
    found = SECOND.read(inner)
    vector = rounded(found["acceleration"])
    if vector is None:
        return None
    return _trusted(inner, found, vector) if inner[1] in TRUSTED else _gated(inner, found, vector)


def archived(inner: bytes, shortest: int) -> Archived | None:
    if len(inner) < shortest:
        return None
    found = SECOND.read(inner)
    return Archived(
        version=inner[1], ts=found["ts"], counter=found["counter"], tail=bytes(inner[13:])
    )


def _trusted(inner: bytes, found: dict[str, Any], vector: Vector) -> Second:
    return Second(
        version=inner[1],
        ts=found["ts"],
        subsec=found["subsec"],
        counter=found["counter"],
        heart_rate=found["heart_rate"] or None,
        rr=beats(found["rr"], found["rr_count"]),
        acceleration=vector if any(vector) else None,
        ppg_green=found["ppg_green"] or None,
        spo2_red=found["spo2_red"] or None,
        spo2_infrared=found["spo2_infrared"] or None,
        ambient_light=found["ambient_light"] or None,
        unnamed_31=found["unnamed_31"],
        unnamed_51=found["unnamed_51"],
        unnamed_68=found["unnamed_68"],
        tail=bytes(inner[13:]),
    )


def _gated(inner: bytes, found: dict[str, Any], vector: Vector) -> Second | None:
    """Header and gravity alone; where either is not plausible, this is another layout."""
    x, y, z = vector
    rate = inner[RATE_AT.get(inner[1], 17)]
    low, high = PLAUSIBLE_GRAVITY
    if rate not in PLAUSIBLE_RATE or not low <= x * x + y * y + z * z <= high:
        return None
    return Second(
        version=inner[1],
        ts=found["ts"],
        subsec=found["subsec"],
        counter=found["counter"],
        heart_rate=rate,
        acceleration=vector,
        tail=bytes(inner[13:]),
    )


def rounded(vector: tuple[float, ...], places: int = 4) -> Vector | None:
    """Half towards +infinity, as the band's own clients do; None where a part is no number."""
    if not all(isfinite(part) for part in vector):
        return None
    scale = 10**places
    x, y, z = (floor(part * scale + 0.5) / scale for part in vector)
    return x, y, z


def beats(slots: tuple[int, ...], declared: int, most: int = MOST_BEATS) -> Beats:
    """A count above what a record holds means that this is no count."""
    if declared > most:
        return ()
    return tuple(slot if slot in BEAT else None for slot in slots[:declared])


class Chain:
    """Historical records of one connection: by version, the length that its firmware sends."""

    def __init__(self) -> None:
        self.remembered: dict[int, str] = {}

    def decode(self, inner: bytes) -> Second | Archived | None:
        version = inner[1] if len(inner) > 1 else BURST
        if version == BURST:
            return historical(inner)
        for strategy in self._strategies(version):
            record = historical(inner, STRATEGIES[strategy])
            if record is not None:
                self.remembered[version] = strategy
                return record
        return None

    def _strategies(self, version: int) -> Iterator[str]:
        first = self.remembered.get(version)
        if first is not None:
            yield first
        yield from (strategy for strategy in STRATEGIES if strategy != first)


def decode(frame: bytes) -> Record | None:
    """One packet, bare or in its envelope."""
    if frame[:1] == b"\xaa":
        found = frames.identify(frame)
        if found is None or not found.decodable:
            return None
        frame = found.inner
    return historical(frame, SECOND.shortest) if frame[:1] == b"\x2f" else None
