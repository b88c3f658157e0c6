"""The channels of `record` messages, components expanded and twin fields settled.

The rule that libraries get wrong: an explicit field is never overwritten by a component that
expands to nothing, and the precise `enhanced_` field goes before its short twin.
"""

from functools import reduce

import numpy as np

from openfit_fileimport.fit.columns import Float, Messages

COMPRESSED = 8  # compressed_speed_distance: 12 bits of 1/100 m/s, 12 bits of 1/16 m, accumulated
ABSENT = b"\xff\xff\xff"
DEGREES = 180 / 2**31
NO_FIX = 1e-6  # degrees; some devices write 0/0 until they have a position

COMPONENTS = ("speed", "track_distance")  # of compressed_speed_distance

CHANNELS = {
    "speed": ("enhanced_speed", "speed"),
    "track_distance": ("distance",),
    "heart_rate": ("heart_rate",),
    "cadence": ("cadence", "cadence256"),
    "power": ("power",),
    "ambient_temperature": ("temperature",),
    "altitude": ("enhanced_altitude", "altitude"),
    "grade": ("grade",),
    "respiration_rate": ("enhanced_respiration_rate", "respiration_rate"),
    "core_body_temperature": ("core_temperature",),
    "vertical_oscillation": ("vertical_oscillation",),
    "ground_contact_time": ("stance_time",),
    "vertical_ratio": ("vertical_ratio",),
    "step_length": ("step_length",),
    "gps_accuracy": ("gps_accuracy",),
    "accumulated_power": ("accumulated_power",),
    "depth": ("depth",),
}


def channel(records: Messages, metric: str) -> Float | None:
    """One channel in the unit of its metric type, NaN where it is absent; None if the records
    have no field for it. The first of its fields that has a value stands."""
    columns = [records.column(name) for name in CHANNELS[metric] if records.has(name)]
    if metric in COMPONENTS and records.defined(COMPRESSED):
        columns.append(compressed(records)[COMPONENTS.index(metric)])
    if not columns:
        return None
    values = reduce(filled, columns)
    if metric == "cadence" and records.has("fractional_cadence"):
        return values + np.nan_to_num(records.column("fractional_cadence"))
    if metric == "step_length":
        return values / 1000  # mm
    return values


def filled(values: Float, others: Float) -> Float:
    return np.where(np.isnan(values), others, values)


def compressed(records: Messages) -> tuple[Float, Float]:
    """Speed and distance of compressed_speed_distance, the distance unrolled."""
    nothing = np.full(len(records), np.nan)
    raw = [
        octets if len(octets) == 3 else b"\xff\xff\xff" for octets in records.octets_of(COMPRESSED)
    ]
    low, middle, high = np.frombuffer(b"".join(raw), np.uint8).reshape(-1, 3).astype(np.int64).T
    good = (low & middle & high) != 0xFF
    speed = np.where(good, (low | (middle & 0x0F) << 8) / 100, np.nan)
    sixteenths = ((middle >> 4) | high << 4)[good]
    travelled = np.zeros(sixteenths.size, np.int64)
    if sixteenths.size:
        travelled = np.cumsum(np.diff(sixteenths, prepend=0) & 0xFFF)
    distance = nothing.copy()
    distance[good] = travelled / 16
    return speed, distance


def positions(records: Messages, *, unfixed_too: bool = False) -> tuple[Float, Float]:
    """Latitude and longitude in degrees where both are known."""
    latitude, longitude = (
        records.column(name) * DEGREES for name in ("position_lat", "position_long")
    )
    unfixed = (np.abs(latitude) < NO_FIX) & (np.abs(longitude) < NO_FIX)
    missing = np.isnan(latitude) | np.isnan(longitude) | (unfixed & (not unfixed_too))
    return np.where(missing, np.nan, latitude), np.where(missing, np.nan, longitude)
