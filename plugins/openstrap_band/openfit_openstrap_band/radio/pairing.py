"""Finding a band, pairing with it, and what it says of itself."""

from collections.abc import Generator
from typing import Any, TypeVar

from openfit_sdk import (
    AuthState,
    Credentials,
    NoCredentials,
    Pairing,
    PermanentError,
    Progress,
    Refresh,
    TransientError,
)

from openfit_openstrap_band.radio import ble, clock
from openfit_openstrap_band.radio.asking import Asking
from openfit_openstrap_band.radio.ble import Band
from openfit_openstrap_band.wire import commands
from openfit_openstrap_band.wire.responses import Clock, Response

LOOK = 8  # seconds
NONE = (
    "No band is in reach. Bring it near, close other apps that hold it, or put it in pairing mode: "
    "off the wrist, tap it twice."
)

Found = TypeVar("Found")


def alive(work: Generator[None, None, Found]) -> Generator[Progress, None, Found]:
    """What takes a while, with a sign of life now and then."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: Found = end.value
            return found
        yield Progress()


def look(seconds: float) -> Generator[None, None, list[Band]]:
    """Bands in reach, the nearest first."""
    radio, loop = ble.RADIO, ble.Loop()
    try:
        return (yield from loop.watch(ble.discover(radio, seconds), radio.timing.breath))
    finally:
        loop.close()


def found(bands: list[Band]) -> str:
    if not bands:
        return NONE
    names = ", ".join(f"{band.name or 'a band'} ({band.address})" for band in bands)
    return f"In reach: {names}."


def only(bands: list[Band]) -> Band:
    if not bands:
        raise TransientError(NONE)
    if len(bands) > 1:
        raise PermanentError(f"Several bands are there; say which. {found(bands)}")
    return bands[0]


def authenticate(credentials: Credentials) -> AuthState:
    """A band that is paired; or none, for a connection that clients push to."""
    match credentials:
        case Pairing():
            return run(pair(credentials.address, credentials.name))
        case Refresh():
            return credentials.state
        case NoCredentials():
            return AuthState()
    raise PermanentError("A band is paired by its address: it has neither key nor password.")


def run(work: Generator[None, None, Found]) -> Found:
    """To its end, for one who can only wait."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: Found = end.value
            return found


def pair(address: str, name: str | None = None) -> Generator[None, None, AuthState]:
    """Connect, pair, and learn who it is. A band that keeps silent is not paired."""
    with Asking.of(address) as band:
        yield from band.link.open()
        said = band.needed("get_hello")
        called = name or name_of(band)
        serial = said.hello.serial if said.hello is not None else None
        known = {"address": address, "generation": band.link.generation, "name": called}
        return AuthState(
            account_id=serial or address,
            extra={key: value for key, value in known.items() if value is not None},
        )


def name_of(band: Asking) -> str | None:
    gen4 = band.link.generation == 4
    reply = band.ask("get_advertising_name" if gen4 else "get_custom_advertising_name")
    return None if reply is None else reply.name


def about(band: Asking, wall: float) -> dict[str, Any]:
    """What a person may want to know. What the band does not say is not there."""
    hello = band.needed("get_hello").hello
    battery = band.ask("get_battery_level")
    said = band.ask("get_clock")
    range_of = band.ask("get_data_range")
    found = {
        "battery": battery.battery if battery is not None else None,
        "generation": band.link.generation,
        "serial": hello.serial if hello is not None else None,
        "firmware": hello.commit if hello is not None else None,
        **clock_said(said.clock if said is not None else None, wall),
        **history(range_of),
    }
    return {name: value for name, value in found.items() if value is not None}


def clock_said(said: Clock | None, wall: float) -> dict[str, Any]:
    reading = read(said, wall)
    if reading is None:
        return {}
    if reading.unset:
        return {"clock_set": False}
    return {"clock_set": True, "clock_ahead_seconds": round(reading.drift, 1)}


def read(said: Clock | None, wall: float) -> clock.Reading | None:
    if said is None:
        return None
    return clock.Reading(said.seconds + (said.subsec or 0) / commands.SUBSECONDS, wall)


def history(reply: Response | None) -> dict[str, Any]:
    """When its oldest and newest records were written, in s since 1970, and how many there are."""
    if reply is None:
        return {}
    oldest, newest = reply.span or (None, None)
    records = reply.ring.used_records if reply.ring is not None else None
    return {"oldest": oldest, "newest": newest, "records": records}
