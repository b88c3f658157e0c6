"""Historical records of gen 4: one second each, as every firmware lays it out."""

from collections.abc import Iterator
from typing import Any

from openfit_openstrap_band.reading.base import (
    Archived,
    Beats,
    Record,
    Vector,
    archived,
    beats,
    rounded,
)
from openfit_openstrap_band.reading.fields import BURST, RATE_AT, SECOND, TRUSTED

PACKETS = (0x2F, 0x28)
BURST_SHORTEST = 75
STRATEGIES = {"legacy_89b": 89, "short_frame_72b": SECOND.shortest}  # least length, in this order
PLAUSIBLE_RATE = range(25, 231)
PLAUSIBLE_GRAVITY = (0.25, 3.24)  # g², of its magnitude


class Second(Record, frozen=True, kw_only=True):
    """Heart rate, beats, gravity, and raw counts of the optical sensors."""

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


def decode(inner: bytes, shortest: int = 89) -> Second | Archived | None:
    """Any version, read as a second unless it is a burst."""
    if len(inner) < 2 or inner[0] not in PACKETS:
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


def _trusted(inner: bytes, found: dict[str, Any], vector: Vector) -> Second:
    """Zero is what a sensor that was not read leaves behind, gravity included."""
    return Second(
        version=inner[1],
        ts=found["ts"],
        subsec=found["subsec"],
        counter=found["counter"],
        heart_rate=found["heart_rate"] or None,
        rr=beats(inner, 19, found["rr_count"]),
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


class Chain:
    """The records of one connection: by version, the length that its firmware sends."""

    def __init__(self) -> None:
        self.remembered: dict[int, str] = {}

    def decode(self, inner: bytes) -> Second | Archived | None:
        version = inner[1] if len(inner) > 1 else BURST
        if version == BURST:
            return decode(inner)
        for strategy in self._strategies(version):
            record = decode(inner, STRATEGIES[strategy])
            if record is not None:
                self.remembered[version] = strategy
                return record
        return None

    def _strategies(self, version: int) -> Iterator[str]:
        first = self.remembered.get(version)
        if first is not None:
            yield first
        yield from (strategy for strategy in STRATEGIES if strategy != first)
