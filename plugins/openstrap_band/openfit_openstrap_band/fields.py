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
