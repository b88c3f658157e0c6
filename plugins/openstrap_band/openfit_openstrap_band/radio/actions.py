"""What a person tells a band: each action of the manifest, as a generator of Progress."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from openfit_sdk import AuthState, PermanentError, Pieces, Progress, RawItem, ReauthRequired
from openfit_sdk.schema import column

from openfit_openstrap_band.deriving.doctor import inspect
from openfit_openstrap_band.radio import alarms, pairing, syncing, watching
from openfit_openstrap_band.radio.asking import Asking
from openfit_openstrap_band.radio.ble import patiently
from openfit_openstrap_band.radio.pairing import alive
from openfit_openstrap_band.radio.session import Outcome
from openfit_openstrap_band.wire import frames, guard
from openfit_openstrap_band.wire.frames import Frame
from openfit_openstrap_band.wire.words import Level

LISTEN = 5  # s
DAY_SECONDS = 86_400
REPORTED = 100  # packets, after which a sync says how far it is


class Told(Struct, frozen=True):
    """An action with all that it was given."""

    arguments: dict[str, Any]
    auth_state: AuthState
    consent: bool
    now: datetime

    @property
    def address(self) -> str:
        address = self.auth_state.extra.get("address")
        if not address:
            raise ReauthRequired(
                "This connection takes what is sent to it and has no band of its own. Pair one."
            )
        return str(address)


def act(
    action: str, arguments: dict[str, Any], auth_state: AuthState, consent: bool, now: datetime
) -> Iterator[Progress]:
    told = Told(arguments, auth_state, consent, now)
    try:
        yield from ACTIONS[action](told)
    except guard.Refused as error:
        raise PermanentError(str(error)) from error


def scan(told: Told) -> Iterator[Progress]:
    yield Progress("Looking for bands…")
    bands = yield from alive(pairing.look(told.arguments.get("seconds", pairing.LOOK)))
    shown = [{"address": one.address, "name": one.name, "rssi": one.rssi} for one in bands]
    yield Progress(pairing.found(bands), 1.0, {"bands": shown})


def pair(told: Told) -> Iterator[Progress]:
    """The one that is named, or the only one in reach."""
    address = told.arguments.get("address")
    if not address:
        yield Progress("Looking for bands…")
        address = pairing.only((yield from alive(pairing.look(pairing.LOOK)))).address
    yield Progress("Connecting…", 0.3)
    state = yield from alive(pairing.pair(str(address)))
    yield Progress("The band is paired.", 1.0, {"address": address}, auth_state=state)


def sync(told: Told) -> Iterator[Progress]:
    """As a schedule does it; what comes is stored before it is acknowledged here too."""
    yield Progress("Connecting…")
    packets = reported = 0
    pages = syncing.fetch(told.address, {}, told.now)
    while True:
        try:
            items = next(pages).items
        except StopIteration as end:
            outcome: Outcome = end.value
            break
        packets += sum(len(one.pieces.sizes) for one in items if one.pieces is not None)
        said = "" if packets - reported < REPORTED else f"{packets:,} packets so far"
        reported = packets if said else reported
        yield Progress(said, items=items)
    values = {"bursts": outcome.bursts, "records": outcome.packets, "newest": outcome.newest}
    said = f"{outcome.packets:,} records came." if outcome.packets else "Nothing new on the band."
    yield Progress(" ".join([said, *outcome.noted]), 1.0, values)


def live(told: Told) -> Iterator[Progress]:
    yield Progress("Connecting…")
    with Asking.of(told.address) as band:
        yield from alive(band.link.open())
        yield Progress("Connected.")
        yield from watching.watch(band)


def alarm(told: Told) -> Iterator[Progress]:
    do, at = told.arguments.get("do", "status"), told.arguments.get("at")
    if do == "set" and at is None:
        raise PermanentError("An alarm needs the time at which it is to buzz.")
    yield Progress("Connecting…")
    with Asking.of(told.address) as band:
        yield from alive(band.link.open())
        wall = told.now + timedelta(seconds=band.link.now())
        if do == "set":
            said = alarms.set_at(band, datetime.fromisoformat(str(at)), wall)
        else:
            said = alarms.off(band) if do == "off" else alarms.status(band)
    yield Progress(said.message, 1.0, said.values)


def buzz(told: Told) -> Iterator[Progress]:
    yield Progress("Connecting…")
    with Asking.of(told.address) as band:
        yield from alive(band.link.open())
        alarms.buzz(band, told.arguments.get("pattern", 2))
    yield Progress("The band buzzed.", 1.0)


def info(told: Told) -> Iterator[Progress]:
    yield Progress("Connecting…")
    with Asking.of(told.address) as band:
        yield from alive(band.link.open())
        values = pairing.about(band, told.now.timestamp() + band.link.now())
    charge = values.get("battery")
    said = "The band answers." if charge is None else f"The band is charged to {charge:g} %."
    yield Progress(said, 1.0, values)


def doctor(told: Told) -> Iterator[Progress]:
    """What the band says of itself and what is heard of it for a while, fit to be shared: without
    its serial number."""
    yield Progress("Connecting…")
    with Asking.of(told.address) as band:
        yield from alive(band.link.open())
        values = pairing.about(band, told.now.timestamp() + band.link.now())
        yield Progress("Listening…", 0.5)
        for frame in patiently(band.link, told.arguments.get("seconds", LISTEN)):
            if frame is not None:
                band.beside.append(frame)
            yield Progress()
        values |= heard_of(list(band.beside), band.link.generation)
        values["resynced"] = band.link.resynced
    values.pop("serial", None)
    yield Progress(verdict(values), 1.0, values)


def heard_of(told: list[Frame], generation: int) -> dict[str, Any]:
    whole = [frames.build(one.inner, generation) for one in told if one.valid]
    pieces = Pieces(column([len(one) for one in whole]), column([0] * len(whole)))
    found = inspect(RawItem(kind="frames", id="heard", body=b"".join(whole), pieces=pieces))
    return {"heard": found, "damaged": len(told) - len(whole)}


def verdict(values: dict[str, Any]) -> str:
    """What a person should see to first."""
    found = []
    if not values.get("clock_set", True):
        found.append("Its clock is not set: fetch once, which sets it.")
    elif abs(values.get("clock_ahead_seconds", 0)) > DAY_SECONDS:
        found.append("Its clock is more than a day off: fetch once, which sets it.")
    if values["damaged"] or values["resynced"]:
        found.append("Some of what it sends arrives damaged: bring it nearer.")
    if values["heard"].get("undecodable"):
        found.append("It sends what cannot be read yet: share what is shown here.")
    return " ".join(found) or "Nothing is wrong with it."


def send(told: Told) -> Iterator[Progress]:
    """A command of one's own making. What can erase or brick the band is refused even so."""
    if not told.consent:
        raise PermanentError("A command of your own needs consent (--i-understand).")
    try:
        packet = bytes.fromhex(str(told.arguments["command"]))
    except ValueError:
        raise PermanentError(
            "A command is its opcode and body as hex digits, as in 4f 02 00 00 00 00."
        ) from None
    yield Progress("Connecting…")
    with Asking.of(told.address) as band:
        yield from alive(band.link.open())
        reply = band.send(packet, Level.CONSENT)
    if reply is None:
        yield Progress("Sent. The band answered nothing.", 1.0)
        return
    yield Progress(f"The band answered with status {reply.status}.", 1.0, {"status": reply.status})


ACTIONS: dict[str, Callable[[Told], Iterator[Progress]]] = {
    "scan": scan,
    "pair": pair,
    "sync": sync,
    "live": live,
    "alarm": alarm,
    "buzz": buzz,
    "info": info,
    "doctor": doctor,
    "send": send,
}
