"""Where each number stands in each kind of record: read by the decoders and by the docs page.

Offsets count from the packet type. A status says how far a field is to be trusted: *verified* on
captures, *empirical* (plausible and consistent), *unknown* (the bytes are real, their meaning is
not known) or *deprecated* (other projects give these bytes a name that captures disprove; here
they have none, and never become a metric).
"""

import struct
from functools import cached_property
from typing import Any, Literal

import numpy as np
from msgspec import Struct

Status = Literal["verified", "empirical", "unknown", "deprecated"]
Type = Literal["u1", "i1", "<u2", "<i2", "<u4", "<i4", "<f4"]

ACCELERATION = 1 / 4096  # g to a count
ANGULAR_VELOCITY = 2000 / 32768  # degrees/s to a count
CODES = {"u1": "B", "i1": "b", "<u2": "H", "<i2": "h", "<u4": "I", "<i4": "i", "<f4": "f"}


class Field(Struct, frozen=True):
    """One number, or `count` of them in a row."""

    at: int
    type: Type
    name: str
    status: Status = "verified"
    unit: str = ""
    note: str = ""
    count: int = 1
    scale: float = 1

    @property
    def end(self) -> int:
        return self.at + self.count * np.dtype(self.type).itemsize


class Layout(Struct, frozen=True, dict=True):
    """One kind of record. `shortest` is the least length at which it is read."""

    title: str
    shortest: int
    fields: tuple[Field, ...]
    note: str = ""

    @cached_property
    def width(self) -> int:
        """Up to the end of the last field: more of a record need not be looked at."""
        return max(self.shortest, *(field.end for field in self.fields))

    @cached_property
    def dtype(self) -> "np.dtype[Any]":
        """A view of rows that are `width` bytes wide."""
        return np.dtype(
            {
                "names": [field.name for field in self.fields],
                "formats": [
                    (field.type, field.count) if field.count > 1 else field.type
                    for field in self.fields
                ],
                "offsets": [field.at for field in self.fields],
                "itemsize": self.width,
            }
        )

    @cached_property
    def _readers(self) -> dict[str, tuple[struct.Struct, int, int, int]]:
        return {
            field.name: (
                struct.Struct(f"<{field.count}{CODES[field.type]}"),
                field.at,
                field.end,
                field.count,
            )
            for field in self.fields
        }

    def read(self, inner: bytes) -> dict[str, Any]:
        """What of one packet is there, as it stands in its bytes; what lies past its end is not
        among it."""
        return {
            name: found if count > 1 else found[0]
            for name, (reader, at, end, count) in self._readers.items()
            if end <= len(inner) and (found := reader.unpack_from(inner, at))
        }


HEADER = (
    Field(3, "<u4", "counter", note="one more with each record; begins again when the band does"),
    Field(7, "<u4", "ts", unit="s", note="since 1970, as the band's clock says"),
    Field(11, "<u2", "subsec", unit="1/32768 s"),
)

SECOND = Layout(
    "One second (versions 24 and 12)",
    72,
    (
        Field(2, "u1", "sub_field", note="always 5"),
        *HEADER,
        Field(13, "u1", "flags", "unknown", count=4),
        Field(17, "u1", "heart_rate", unit="/min", note="0 is no reading"),
        Field(18, "u1", "rr_count", note="more than 8: the beats are not read"),
        Field(19, "<i2", "rr", unit="ms", count=8, note="200 to 2500, others are no beats"),
        Field(29, "<u2", "ppg_green", "empirical", note="raw count; 0 is no reading"),
        Field(31, "<u2", "unnamed_31", "deprecated", note="runs into the float at 32: noise"),
        Field(32, "<f4", "unnamed_32", "unknown", note="0.005 to 3.44; maybe motion"),
        Field(36, "<f4", "acceleration", unit="g", count=3, note="not calibrated to 1 g"),
        Field(48, "<f4", "unnamed_48", "unknown", note="whole numbers"),
        Field(51, "u1", "unnamed_51", "deprecated", note="sign and exponent of the float at 48"),
        Field(52, "<f4", "acceleration_again", unit="g", count=3, note="a copy of 36 to 48"),
        Field(64, "<u2", "spo2_red", note="raw count; moves with the infrared one"),
        Field(66, "<u2", "spo2_infrared", note="raw count, red plus a constant"),
        Field(68, "<u2", "unnamed_68", "deprecated", note="no temperature: too fast for one"),
        Field(70, "<u2", "ambient_light", "empirical", note="raw count"),
    ),
    note="Versions 7, 9, 18 and others have the same header and acceleration, their own place for"
    " the heart rate, and are believed only where both are plausible.",
)
SECOND_TAIL = (
    Field(72, "<u2", "unnamed_72", "unknown", count=2, note="slow; like the drive of an LED"),
    Field(76, "<u2", "constants", count=2, note="3073 and 3074"),
    Field(88, "u1", "unnamed_88", "empirical", note="slow; others call it resting heart rate"),
    Field(89, "u1", "trailer", "unknown", count=7),
)
RATE_AT = {24: 17, 12: 17, 9: 17, 18: 14, 7: 27}  # of the heart rate, by version; 17 in others
TRUSTED = (24, 12)
BURST = 25

LIVE = Layout(
    "Live heart rate (packet 28)",
    9,
    (
        Field(1, "u1", "revision", note="2 on all captures"),
        Field(2, "<u4", "ts", unit="s", note="since 1970, as the band's clock says"),
        Field(6, "<u2", "subsec", unit="1/32768 s"),
        Field(8, "u1", "heart_rate", unit="/min", note="1 to 250; 0 is no reading, worn or not"),
        Field(9, "u1", "rr_count", note="more than 4: the beats are not read"),
        Field(10, "<i2", "rr", unit="ms", count=4, note="200 to 2500, others are no beats"),
        Field(18, "u1", "worn", note="1 on the body, 0 off it"),
        Field(19, "u1", "location", note="a body location; 128 is not conclusive"),
    ),
)

MOTION_SHORTEST = 685  # up to the end of the accelerometer's samples
MOTION = Layout(
    "One second of motion (version 10)",
    18,
    (
        *HEADER,
        Field(17, "u1", "heart_rate", unit="/min", note="0 is no reading"),
        Field(18, "u1", "rr_count", note="more than 8: the beats are not read"),
        Field(19, "<i2", "rr", unit="ms", count=8, note="200 to 2500, others are no beats"),
        Field(29, "<u2", "ppg_green", "empirical", note="the head of a version 24 record"),
        Field(32, "u1", "inserted", "empirical", count=10, note="zeros; what follows is moved"),
        Field(42, "<f4", "unnamed_42", "unknown", note="as at 32 in version 24"),
        Field(46, "<f4", "gravity", "empirical", unit="g", count=3, note="believed with its copy"),
        Field(62, "<f4", "gravity_again", "empirical", unit="g", count=3, note="a copy"),
        Field(74, "<u2", "spo2_red", "empirical", note="raw count"),
        Field(76, "<u2", "spo2_infrared", "empirical", note="raw count"),
        Field(79, "u1", "block_header", "unknown", count=6),
        Field(85, "<i2", "acceleration_x", unit="g", count=100, scale=ACCELERATION),
        Field(285, "<i2", "acceleration_y", unit="g", count=100, scale=ACCELERATION),
        Field(485, "<i2", "acceleration_z", unit="g", count=100, scale=ACCELERATION),
        Field(688, "<i2", "rotation_x", unit="deg/s", count=100, scale=ANGULAR_VELOCITY),
        Field(888, "<i2", "rotation_y", unit="deg/s", count=100, scale=ANGULAR_VELOCITY),
        Field(1088, "<i2", "rotation_z", unit="deg/s", count=100, scale=ANGULAR_VELOCITY),
    ),
    note="100 samples a second on each axis.",
)

IMU_PART = Layout(
    "A tenth of a second of motion (packet 33)",
    84,
    (
        Field(4, "<u4", "ts", "empirical", unit="s", note="since 1970"),
        Field(14, "<u2", "index", "empirical", note="of this part within its second"),
        Field(24, "<i2", "acceleration_x", "empirical", "g", count=10, scale=ACCELERATION),
        Field(44, "<i2", "acceleration_y", "empirical", "g", count=10, scale=ACCELERATION),
        Field(64, "<i2", "acceleration_z", "empirical", "g", count=10, scale=ACCELERATION),
        Field(84, "<i2", "rotation_x", "unknown", "deg/s", count=10, scale=ANGULAR_VELOCITY),
        Field(104, "<i2", "rotation_y", "unknown", "deg/s", count=10, scale=ANGULAR_VELOCITY),
        Field(124, "<i2", "rotation_z", "unknown", "deg/s", count=10, scale=ANGULAR_VELOCITY),
    ),
    note="No capture of this packet is public.",
)

OPTICAL = Layout(
    "Optical signal (version 21, gen 4)",
    220,
    (
        Field(3, "<u4", "counter", "empirical"),
        Field(7, "<u4", "ts", "empirical", unit="s", note="since 1970"),
        Field(14, "<u2", "led", "empirical", note="drive of the LED"),
        Field(16, "<u2", "count", "empirical", note="samples of a channel, at most 100"),
        Field(20, "<u2", "channel_a", "empirical", count=100, note="raw counts"),
    ),
    note="Five more channels of the same form follow at 220, 420, 632, 832 and 1032.",
)

SUMMARY_HEADER = (
    Field(2, "u1", "flags", note="bit 7: optical at 25 Hz, else at 50"),
    *HEADER,
)
SUMMARY = Layout(
    "One second of gen 5 (version 18)",
    109,
    (
        *SUMMARY_HEADER,
        Field(14, "u1", "heart_rate", unit="/min", note="25 to 230"),
        Field(15, "u1", "rr_count", note="more than 4: the beats are not read"),
        Field(16, "<i2", "rr", unit="ms", count=4, note="200 to 2500, others are no beats"),
        Field(25, "u1", "cardiac_flags", "unknown"),
        Field(28, "u1", "quality_flags", "empirical", note="bit 7: the other rate agrees"),
        Field(29, "u1", "other_heart_rate", "empirical", unit="/min", note="never a substitute"),
        Field(30, "<u2", "unnamed_30", "unknown"),
        Field(32, "u1", "cardiac_status", "unknown"),
        Field(33, "<f4", "motion", unit="g", note="greatest step of |a| in this second, 0 to 16"),
        Field(37, "<f4", "acceleration", unit="g", count=3, note="mean of each axis, within 16"),
        Field(49, "<u2", "motion_counter", "empirical", note="cumulative; wraps"),
        Field(51, "u1", "cadence", "empirical"),
        Field(55, "u1", "activity", "empirical", note="0 unknown, 1 walk, 2 run"),
        Field(61, "<i2", "cell_temperature", unit="Cel", scale=0.1),
        Field(63, "<i2", "ambient_temperature", unit="Cel", scale=0.1),
        Field(65, "<i2", "skin_temperature", unit="Cel", scale=0.01, note="-5000 is no reading"),
        Field(67, "<u2", "channel_states", count=3),
        Field(73, "u1", "states", note="bits 4 and 5: wake, still, sleep, up"),
        Field(74, "u1", "spo2_status", "unknown"),
        Field(98, "u1", "sensor_means", count=2, note="B, then A"),
        Field(100, "i1", "signal_to_noise", unit="dB", count=2, note="B, then A; -128 is none"),
        Field(105, "<f4", "signal_log_variance"),
    ),
)

PIP = Layout(
    "Optical deltas of gen 5 (version 26)",
    76,
    (
        *SUMMARY_HEADER,
        Field(13, "<u2", "segment"),
        Field(15, "<i4", "first"),
        Field(19, "<i2", "deltas", count=24, note="-32768 and 32767 are clamps"),
        Field(67, "<f4", "acceleration_delta", unit="g"),
        Field(71, "<u2", "state_word"),
        Field(73, "u1", "primary_flags"),
        Field(74, "u1", "morphology", note="1: the shape passed; it is no heartbeat"),
        Field(75, "u1", "pad"),
    ),
)

GEN5_OPTICAL = Layout(
    "Optical signal of gen 5 (version 20)",
    2128,
    (*SUMMARY_HEADER, Field(15, "<u2", "sample_rate", unit="Hz")),
    note="Five blocks of 422 bytes follow at 18: green, red, a fourth, infrared, ambient.",
)
GEN5_BLOCK = Layout(
    "A block of it, from its own first byte",
    422,
    (
        Field(0, "u1", "count", note="above 50: none"),
        Field(1, "u1", "led_a"),
        Field(2, "<u2", "led_a_current", unit="uA", scale=10),
        Field(4, "u1", "led_b"),
        Field(5, "<u2", "led_b_current", unit="uA", scale=10),
        Field(7, "u1", "amplifier_1"),
        Field(8, "<u4", "amplifier_1_range", unit="uA"),
        Field(12, "<i2", "amplifier_1_offset", unit="nA", scale=10),
        Field(14, "u1", "amplifier_2"),
        Field(15, "<u4", "amplifier_2_range", unit="uA"),
        Field(19, "<i2", "amplifier_2_offset", unit="nA", scale=10),
        Field(21, "<u4", "channel_0", count=50, note="signed, 20 bits"),
        Field(221, "<u4", "channel_1", count=50, note="signed, 20 bits"),
    ),
)

GEN5_MOTION = Layout(
    "Motion of gen 5 (version 21)",
    1232,
    (
        *SUMMARY_HEADER,
        Field(16, "<u2", "count", note="of the accelerometer's samples, 1 to 100"),
        Field(20, "<i2", "acceleration_x", unit="g", count=100, scale=ACCELERATION),
        Field(220, "<i2", "acceleration_y", unit="g", count=100, scale=ACCELERATION),
        Field(420, "<i2", "acceleration_z", unit="g", count=100, scale=ACCELERATION),
        Field(622, "<u2", "rotation_count", note="of the gyroscope's, 1 to 100"),
        Field(632, "<i2", "rotation_x", unit="deg/s", count=100, scale=ANGULAR_VELOCITY),
        Field(832, "<i2", "rotation_y", unit="deg/s", count=100, scale=ANGULAR_VELOCITY),
        Field(1032, "<i2", "rotation_z", unit="deg/s", count=100, scale=ANGULAR_VELOCITY),
    ),
)

RESEARCH = Layout(
    "Research records of gen 5 (version 22)",
    176,
    (*SUMMARY_HEADER, Field(13, "u1", "tag", note="1 to 6: which of its parts are written")),
    note="Bytes that a tag does not write hold the packet before: they are never read.",
)

LAYOUTS = (
    SECOND,
    LIVE,
    MOTION,
    IMU_PART,
    OPTICAL,
    SUMMARY,
    PIP,
    GEN5_OPTICAL,
    GEN5_BLOCK,
    GEN5_MOTION,
    RESEARCH,
)
