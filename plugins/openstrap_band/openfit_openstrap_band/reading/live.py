"""The compact live record, once a second while somebody watches."""

from openfit_openstrap_band.reading.base import Beats, Record, beats
from openfit_openstrap_band.reading.fields import LIVE

MOST_BEATS = 4
RATE = range(1, 251)


class Live(Record, frozen=True, kw_only=True):
    """Heart rate and beats as they come. `version` is the revision of the packet."""

    heart_rate: int | None = None
    rr: Beats = ()
    worn: bool | None = None
    location: int | None = None
    heart_rate_byte: int = 0  # as sent: a band that is worn sends 0 until it has found the pulse
    worn_byte: int | None = None


def decode(inner: bytes) -> Live | None:
    if len(inner) < LIVE.shortest:
        return None
    found = LIVE.read(inner)
    rate, worn = found["heart_rate"], found.get("worn")
    return Live(
        version=found["revision"],
        ts=found["ts"],
        subsec=found["subsec"],
        heart_rate=rate if rate in RATE else None,
        rr=beats(inner, 10, found.get("rr_count", 0), MOST_BEATS),
        worn=bool(worn) if worn in (0, 1) else None,
        location=found.get("location"),
        heart_rate_byte=rate,
        worn_byte=worn,
    )
