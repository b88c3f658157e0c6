"""Cursors: opaque to clients, a place in the order of a list to us."""

import base64
from typing import Any

import msgspec
from openfit.errors import Refused

FAR = 2**62  # no instant in ms, and no number of a database, lies beyond it


def write_cursor(place: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(text: str | None) -> tuple[int, str] | None:
    """The (instant, id) of the last thing seen."""
    place: tuple[int, str] | None = read_place(text, tuple[int, str])
    return place


def read_place(text: str | None, kind: Any) -> Any:
    if text is None:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        place = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=kind)
        if not all(map(is_real, place if isinstance(place, tuple) else (place,))):
            raise ValueError("no place in any list")
        return place
    except ValueError as error:
        raise Refused(
            "This cursor was not given by the hub.",
            code="cursor",
            next_step="Start again without a cursor.",
        ) from error


def is_real(part: Any) -> bool:
    """Whether a database could hold it: no list has been there otherwise."""
    if isinstance(part, str):
        return "\x00" not in part
    return not isinstance(part, int) or abs(part) <= FAR
