"""Cursors: opaque to clients, a (time, id) pair to us."""

import base64

import msgspec
from openfit.errors import Refused


def write_cursor(place: tuple[int, str]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=tuple[int, str])
    except ValueError as error:
        raise Refused(
            "This cursor was not given by the hub.",
            code="cursor",
            next_step="Start again without a cursor.",
        ) from error
