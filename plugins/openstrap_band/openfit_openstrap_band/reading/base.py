"""What all records share: a header, and what of their numbers may be believed."""

import struct
from math import floor, isfinite
from typing import Any

import msgspec

from openfit_openstrap_band.reading.fields import HEADER

Vector = tuple[float, float, float]
Beats = tuple[int | None, ...]  # None: a beat was there, its interval cannot be

MOST_BEATS = 8
BEAT = range(200, 2501)  # ms
HEAD = struct.Struct("<IIH")
HEAD_AT = HEADER[0].at
HEAD_END = HEADER[-1].end


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One packet. Its time is that of the band's own clock, which may not be set."""

    version: int
    ts: int
    subsec: int | None = None
    counter: int | None = None


class Gen5(Record, frozen=True, kw_only=True):
    flags: int = 0

    @property
    def optical_rate(self) -> int:
        """Hz."""
        return 25 if self.flags & 0x80 else 50


class Archived(Record, frozen=True, kw_only=True):
    """Of this kind only the header is known; its bytes are kept."""

    tail: bytes = b""


def archived(inner: bytes, shortest: int = HEAD_END) -> Archived | None:
    if len(inner) < shortest:
        return None
    counter, ts, _ = HEAD.unpack_from(inner, HEAD_AT)
    return Archived(version=inner[1], ts=ts, counter=counter, tail=bytes(inner[HEAD_END:]))


def rounded(vector: tuple[float, ...], places: int = 4) -> Vector | None:
    """Half towards +infinity; None where a part is no number."""
    if not all(isfinite(part) for part in vector):
        return None
    scale = 10**places
    x, y, z = (floor(part * scale + 0.5) / scale for part in vector)
    return x, y, z


def beats(inner: bytes, at: int, declared: int, most: int = MOST_BEATS) -> Beats:
    """As many as are declared and there. A count above what a record holds is no count."""
    there = max(0, len(inner) - at) // 2
    if declared > most:
        return ()
    slots = struct.unpack_from(f"<{min(declared, there)}h", inner, at) if there else ()
    return tuple(slot if slot in BEAT else None for slot in slots)


def gen5_head(packet: bytes, found: dict[str, Any]) -> dict[str, Any]:
    return {"version": packet[1]} | {
        name: found[name] for name in ("flags", "counter", "ts", "subsec")
    }


def finite(value: float) -> float | None:
    return value if isfinite(value) else None


def to_places(value: float, places: int) -> float:
    scale: int = 10**places
    return floor(value * scale + 0.5) / scale
