"""A night of a band, second by second: as it was captured, or made; and frames of it.

What a night holds is plain arrays, so that tests hold a hub's answers against what was worn.
"""

import csv
import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from support import band

START = int(datetime(2025, 10, 8, 21, 30, tzinfo=UTC).timestamp())  # the clock there is UTC's
DAY = "2025-10-09"
IN_A_POST = 600
WITHOUT_BEATS = range(300, 420)  # seconds, of a made night: worn loosely
LOST = range(900, 1500)  # nothing was recorded at all
TURNED = 700  # the sleeper turns over
REST, TURN = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)  # g


@dataclass(frozen=True)
class Night:
    """`second` and `beat_second` count from its start; accelerations in g, beats in ms."""

    second: np.ndarray
    heart_rate: np.ndarray
    acceleration: np.ndarray  # (n, 3)
    beat_second: np.ndarray
    beat: np.ndarray

    def frames(self, start: int = START) -> list[bytes]:
        beats: dict[int, list[int]] = {}
        for second, beat in zip(self.beat_second.tolist(), self.beat.tolist(), strict=True):
            beats.setdefault(second, []).append(beat)
        rows = zip(
            self.second.tolist(), self.heart_rate.tolist(), self.acceleration.tolist(), strict=True
        )
        return [
            band.second(start + second, rate, beats.get(second, ()), axes, counter=n + 1)
            for n, (second, rate, axes) in enumerate(rows)
        ]

    def posts(self, start: int = START) -> list[dict[str, Any]]:
        frames = self.frames(start)
        return [
            {
                "device_id": "band",
                "records": [one.hex() for one in frames[at : at + IN_A_POST]],
            }
            for at in range(0, len(frames), IN_A_POST)
        ]

    @property
    def beat_ms(self) -> np.ndarray:
        """Where the beats stand in time: at the second of their record, in their order."""
        order = np.arange(self.beat.size) - np.searchsorted(self.beat_second, self.beat_second)
        return (START + self.beat_second) * 1000 + order

    @property
    def breaks(self) -> np.ndarray:
        """By the rule in words: between the seconds of two beats lies as much as the later says,
        but for one second."""
        apart = np.diff(self.beat_second) * 1000
        return np.flatnonzero(np.abs(apart - self.beat[1:]) >= 1000) + 1

    @property
    def motion(self) -> tuple[np.ndarray, np.ndarray]:
        """Seconds that have the one before them, and how far the vector came, in tenths of m[g]."""
        stored = np.round(self.acceleration.astype(np.float32).astype(float) * 1000, 1)
        moved = np.sqrt((np.diff(stored, axis=0) ** 2).sum(axis=1))
        follows = np.diff(self.second) == 1
        return (START + self.second[1:][follows]) * 1000, moved[follows]


def captured(test_data: Path) -> Night | None:
    folder = test_data / "openstrap" / "real-night"
    if not folder.is_dir():
        return None
    onehz, rr = (table(folder / f"{name}.csv.gz") for name in ("onehz", "rr"))
    seconds = onehz[:, 0].astype(int)
    return Night(
        seconds, onehz[:, 1].astype(int), onehz[:, 2:5], rr[:, 0].astype(int) // 1000,
        rr[:, 1].astype(int),
    )  # fmt: skip


def table(path: Path) -> np.ndarray:
    with gzip.open(path, "rt") as lines:
        return np.array([[float(cell) for cell in row] for row in list(csv.reader(lines))[1:]])


def made(seconds: int = 3600, seed: int = 3) -> Night:
    """Calm, with a stretch without beats, one without anything, and a turn."""
    random = np.random.default_rng(seed)
    ends = np.cumsum(1000 + np.rint(60 * np.sin(np.arange(2 * seconds) / 5))).astype(int)
    beat = np.diff(ends, prepend=0)
    kept = np.isin(ends // 1000, [n for n in range(seconds) if n not in (*WITHOUT_BEATS, *LOST)])
    second = np.array([n for n in range(seconds) if n not in LOST])
    lies = np.where((second < TURNED)[:, None], REST, TURN)
    acceleration = lies + random.normal(0, 0.004, (second.size, 3))
    rate = np.rint(60 + 4 * np.sin(second / 300)).astype(int)
    return Night(second, rate, acceleration, ends[kept] // 1000, beat[kept])
