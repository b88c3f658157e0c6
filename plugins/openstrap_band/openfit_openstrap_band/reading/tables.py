"""What comes out of a batch: columns, by kind of record.

In columns of whole numbers 0 is absent, in those of floats NaN.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from openfit_openstrap_band.reading.base import Record
from openfit_openstrap_band.reading.packed import Bytes, Ints, Mask

Floats = NDArray[np.float64]
Counts = NDArray[np.int16]

# Verdicts on a frame.
UNDECODABLE, SECONDS, LIVES, MOTIONS, PARTS, ARCHIVED, OTHERS, SUMMARIES = range(8)


@dataclass(frozen=True)
class Seconds:
    """Records of a second: those of `seconds.Second`."""

    index: Ints  # which frame each is
    version: Bytes
    ts: Ints
    subsec: Ints
    counter: Ints
    heart_rate: Bytes
    rr: Counts  # (n, 8) ms; 0 for a slot that holds no beat
    declared: Bytes  # beats, with those whose interval cannot be
    acceleration: Floats  # (n, 3) g
    ppg_green: NDArray[np.uint16]
    spo2_red: NDArray[np.uint16]
    spo2_infrared: NDArray[np.uint16]
    ambient_light: NDArray[np.uint16]


@dataclass(frozen=True)
class Lives:
    """Live packets: those of `live.Live`."""

    index: Ints
    ts: Ints
    subsec: Ints
    heart_rate: Bytes
    rr: Counts  # (n, 4) ms
    declared: Bytes
    worn: NDArray[np.int8]  # 1, 0, or -1 for unknown


@dataclass(frozen=True)
class Motions:
    """Seconds of motion: those of `imu.Motion`."""

    index: Ints
    ts: Ints
    subsec: Ints
    counter: Ints
    heart_rate: Bytes
    rr: Counts  # (n, 8) ms
    declared: Bytes
    gravity: Floats  # (n, 3) g
    moving: Mask  # whether the samples are there
    acceleration: Counts  # (n, 3, 100), counts


@dataclass(frozen=True)
class Parts:
    """Tenths of a second of motion: those of `imu.Part`."""

    index: Ints
    ts: Ints
    part: Ints
    acceleration: Counts  # (n, 3, 10), counts


@dataclass(frozen=True)
class Summaries:
    """Seconds of gen 5, as far as they become series: of `gen5.Summary`."""

    index: Ints
    ts: Ints
    subsec: Ints
    counter: Ints
    heart_rate: Bytes
    rr: Counts  # (n, 4) ms
    declared: Bytes
    acceleration: Floats  # (n, 3) g
    skin_temperature: Floats  # Cel


@dataclass(frozen=True)
class Columns:
    """A verdict on each frame, and by kind what they say."""

    verdict: Bytes
    packet: Bytes  # type, of the packet; 0 where the frame may not be read
    version: Bytes
    ts: Ints  # s, as the band's clock says; 0 where nothing is decoded
    seconds: Seconds
    lives: Lives
    motions: Motions
    parts: Parts
    summaries: Summaries
    others: list[tuple[int, Record]] = field(default_factory=list)  # of rare kinds, one by one

    @property
    def decoded(self) -> Mask:
        decoded: Mask = self.verdict != UNDECODABLE
        return decoded
