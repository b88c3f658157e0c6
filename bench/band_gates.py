"""What the numbers of a band may be, by rules of this file's own: none of the plugin's is used."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from openfit_openstrap_band.reading.base import Record
from openfit_sdk.schema import Metric

BEAT = range(200, 2501)
TRUSTED = (12, 24)
RECEIVED = datetime(2026, 5, 29, tzinfo=UTC)
LATEST = RECEIVED + timedelta(days=1, seconds=1)
SET = datetime.fromtimestamp(1_700_000_000, UTC)
BOUNDS = {
    "heart_rate": (1, 255),
    "rr_interval": (200, 2500),
    "wear": (0, 100),
    "battery": (0, 100),
    "steps": (0, 60 * 60 * 5),
    "activity_intensity": (0, 16),
    "ppg_green_raw": (1, 65535),
    "spo2_red_raw": (1, 65535),
}


class Wrong(Exception):
    """What no reader may do."""


def stored(metric: Metric) -> None:
    values, times = np.asarray(metric.v), np.asarray(metric.t)
    need(bool(np.isfinite(values).all()), f"a number that is none in {metric.type}")
    low, high = BOUNDS.get(metric.type, (-math.inf, math.inf))
    inside = values.size and low <= values.min() and values.max() <= high
    need(bool(inside), f"{metric.type} outside {low:g} to {high:g}, or empty")
    need(bool((np.diff(times) > 0).all()), f"{metric.type} is not in order of time")
    last = metric.start + timedelta(milliseconds=int(times[-1]))
    need(metric.start >= SET and last <= LATEST, f"{metric.type} from {metric.start} to {last}")


def need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Wrong(otherwise)


def plausible(record: Record | None) -> None:
    """Every value inside its gate, by rules of this file's own."""
    if record is None:
        return
    bounded(record)
    kind, rate = type(record).__name__, getattr(record, "heart_rate", None)
    gated = kind == "Summary" or (kind == "Second" and record.version not in TRUSTED)
    low, high = (25, 230) if gated else (1, 250 if kind == "Live" else 255)
    need(rate is None or low <= rate <= high, f"a heart rate of {rate} in {kind}")
    beats = getattr(record, "rr", ())
    need(all(beat is None or beat in BEAT for beat in beats), f"beats {beats} in {kind}")
    need(len(beats) <= (4 if kind in ("Live", "Summary") else 8), f"too many beats in {kind}")
    vector = getattr(record, "acceleration", None)
    if kind == "Second" and gated:
        need(0.25 <= sum(part * part for part in vector or ()) <= 3.24, f"gravity {vector}")
    if kind == "Summary":
        need(vector is None or max(map(abs, vector)) <= 16, f"acceleration {vector} in {kind}")


def bounded(value: Any) -> None:
    """No number that is none, and no percentage that is none."""
    if isinstance(value, msgspec.Struct):
        percent = getattr(value, "battery", None)
        need(percent is None or 0 <= percent <= 100, f"a battery of {percent} %")
        value = msgspec.structs.astuple(value)
    if isinstance(value, dict):
        for key in ("battery_pct", "condition_soc_pct"):
            need(0 <= value.get(key, 0) <= 100, f"{key} is {value.get(key)}")
        value = tuple(value.values())
    if isinstance(value, tuple):
        for one in value:
            bounded(one)
    need(not isinstance(value, float) or math.isfinite(value), f"a number that is {value}")
