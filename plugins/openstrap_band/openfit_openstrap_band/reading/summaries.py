"""Seconds of gen 5 (version 18): the one of its records that every band sends."""

from math import isfinite

from openfit_openstrap_band.reading.base import (
    Beats,
    Gen5,
    Vector,
    beats,
    gen5_head,
    rounded,
    to_places,
)
from openfit_openstrap_band.reading.fields import SUMMARY

MOST_BEATS = 4
RATE = range(25, 231)
ACTIVITIES = range(3)
SLEEP_STATES = ("wake", "still", "sleep", "up")
NO_SKIN, NO_SIGNAL = -5000, -128
MOST_G = 16
# What is kept as it stands.
KEPT = (
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


def decode(packet: bytes) -> Summary:
    found = SUMMARY.read(packet)
    vector = rounded(found["acceleration"])
    step, variance = found["motion"], found["signal_log_variance"]
    skin = found["skin_temperature"]
    return Summary(
        **gen5_head(packet, found),
        **{name: found[name] for name in KEPT},
        heart_rate=found["heart_rate"] if found["heart_rate"] in RATE else None,
        rr=beats(packet, 16, found["rr_count"], MOST_BEATS),
        motion=to_places(step, 4) if isfinite(step) and 0 <= step <= MOST_G else None,
        acceleration=vector if vector and max(map(abs, vector)) <= MOST_G else None,
        cell_temperature=to_places(found["cell_temperature"] / 10, 2),
        ambient_temperature=to_places(found["ambient_temperature"] / 10, 2),
        skin_temperature=None if skin == NO_SKIN else to_places(skin / 100, 2),
        activity=found["activity"] if found["activity"] in ACTIVITIES else None,
        sleep_state=SLEEP_STATES[found["states"] >> 4 & 3],
        signal_to_noise=tuple(
            None if ratio == NO_SIGNAL else ratio for ratio in found["signal_to_noise"]
        ),
        signal_log_variance=to_places(variance, 4) if isfinite(variance) else None,
    )
