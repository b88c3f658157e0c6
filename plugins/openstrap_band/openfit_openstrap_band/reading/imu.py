"""Records of motion: a second of it, or a tenth of one, 100 samples a second."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openfit_openstrap_band.reading.base import Beats, Record, Vector, beats, rounded
from openfit_openstrap_band.reading.fields import (
    ACCELERATION,
    ANGULAR_VELOCITY,
    IMU_PART,
    MOTION,
    OPTICAL,
)

RATE = 100  # samples a second
ROTATION_SHORTEST = 1288
AXES = ("acceleration_x", "acceleration_y", "acceleration_z")
ROTATION = ("rotation_x", "rotation_y", "rotation_z")

Counts = tuple[tuple[int, ...], ...]  # x, y, z


class Motion(Record, frozen=True, kw_only=True):
    """R10: a second of motion with the head of a record of that second."""

    heart_rate: int | None = None
    rr: Beats = ()
    gravity: Vector | None = None  # g
    acceleration: Counts = ()  # none where the record is cut before its end
    rotation: Counts = ()


class Part(Record, frozen=True, kw_only=True):
    """A part of a second of the live stream: `index` says which."""

    index: int
    acceleration: Counts = ()
    rotation: Counts = ()


class Optical(Record, frozen=True, kw_only=True):
    """R21 of gen 4: a second of the first optical channel, raw."""

    led: int
    channel_a: tuple[int, ...]


def motion(inner: bytes) -> Motion | None:
    if len(inner) < MOTION.shortest:
        return None
    found = MOTION.read(inner)
    return Motion(
        version=inner[1],
        ts=found["ts"],
        subsec=found["subsec"],
        counter=found["counter"],
        heart_rate=found["heart_rate"] or None,
        rr=beats(inner, 19, found.get("rr_count", 0)),
        gravity=_gravity(inner, found),
        acceleration=_axes(found, AXES),
        rotation=_axes(found, ROTATION) if len(inner) >= ROTATION_SHORTEST else (),
    )


def part(inner: bytes) -> Part | None:
    if len(inner) < IMU_PART.shortest:
        return None
    found = IMU_PART.read(inner)
    return Part(
        version=inner[1],
        ts=found["ts"],
        index=found["index"],
        acceleration=_axes(found, AXES),
        rotation=_axes(found, ROTATION),
    )


def optical(inner: bytes) -> Optical | None:
    """The six channels share one count, which is at most what a channel holds."""
    if len(inner) < OPTICAL.shortest:
        return None
    found = OPTICAL.read(inner)
    if not 1 <= found["count"] <= len(found["channel_a"]):
        return None
    return Optical(
        version=inner[1],
        ts=found["ts"],
        counter=found["counter"],
        led=found["led"],
        channel_a=found["channel_a"][: found["count"]],
    )


def in_g(counts: Counts) -> "NDArray[np.float64]":
    """(3, n) in g."""
    return np.array(counts, np.float64) * ACCELERATION


def in_degrees(counts: Counts) -> "NDArray[np.float64]":
    """(3, n) in degrees/s."""
    return np.array(counts, np.float64) * ANGULAR_VELOCITY


def _axes(found: dict[str, Any], names: tuple[str, ...]) -> Counts:
    return tuple(found[name] for name in names) if names[-1] in found else ()


def _gravity(inner: bytes, found: dict[str, Any]) -> Vector | None:
    """Where the head is the known one: zeros inserted, and the vector there twice."""
    if "gravity_again" not in found or any(found["inserted"]) or inner[46:58] != inner[62:74]:
        return None
    vector = rounded(found["gravity"])
    return vector if vector and any(vector) else None


def magnitudes(counts: "NDArray[np.int16]") -> "NDArray[np.float64]":
    """|a| in g of (n, 3, samples)."""
    x, y, z = (counts[:, axis].astype(np.float64) * ACCELERATION for axis in range(3))
    found: NDArray[np.float64] = np.sqrt(x * x + y * y + z * z)
    return found
