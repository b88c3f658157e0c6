"""An invented belt, for what is generic about devices: it can be told things and sends things.

Nothing of it is known to the hub but its manifest and its hooks.
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from openfit_sdk import (
    AuthState,
    BadInput,
    Pairing,
    PermanentError,
    Pieces,
    Progress,
    Push,
    Pushed,
    RawItem,
    TransientError,
    hookimpl,
)
from openfit_sdk.schema import Device, Metric

BELTS = {"PB:01": "Ann's belt", "PB:02": "Belt of the gym"}
T0 = 1_750_000_020
HELD = [(T0 + burst * 60 + n, 60 + n) for burst in range(2) for n in range(5)]  # in its memory
FRAME = 8  # bytes: seconds since 1970, then beats a minute


def frame(at: int, bpm: int) -> bytes:
    return at.to_bytes(6, "little") + bpm.to_bytes(2, "little")


def frames(beats: list[tuple[int, int]]) -> RawItem:
    """Of one kind whichever way they come, so that the hub knows those it has."""
    body = b"".join(frame(at, bpm) for at, bpm in beats)
    pieces = Pieces(sizes=[FRAME] * len(beats), at=[at for at, _ in beats])
    return RawItem(kind="frames", id="frames", body=body, pieces=pieces)


@hookimpl
def authenticate(credentials: Pairing) -> AuthState:
    if credentials.address not in BELTS:
        raise PermanentError(f"No belt answers at {credentials.address}.")
    return AuthState(account_id=credentials.address)


@hookimpl
def act(
    action: str,
    arguments: dict[str, Any],
    auth_state: AuthState,
    consent: bool,
    now: datetime,
) -> Iterator[Progress]:
    doing = {"scan": scan, "pair": pair, "live": live, "fetch": fetch, "sulk": sulk}
    if action in doing:
        yield from doing[action](arguments, auth_state, now)
    elif action == "erase":
        yield Progress("Erased.", values={"consent": consent})
    else:
        yield Progress("Done.", 1.0, {"told": {"action": action} | arguments})


def scan(arguments: dict[str, Any], state: AuthState, now: datetime) -> Iterator[Progress]:
    found: list[dict[str, str]] = []
    for n, (address, name) in enumerate(BELTS.items(), 1):
        found.append({"address": address, "name": name})
        yield Progress(f"{n} found", n / len(BELTS), {"devices": list(found)})


def pair(arguments: dict[str, Any], state: AuthState, now: datetime) -> Iterator[Progress]:
    yield Progress("Connecting")
    made = authenticate(Pairing(address=arguments["address"]))
    yield Progress("Paired.", 1.0, auth_state=made)


def live(arguments: dict[str, Any], state: AuthState, now: datetime) -> Iterator[Progress]:
    """A heart that is calm, with the belt off for one word; it says when it is told to stop."""
    try:
        yield Progress("Connecting", values={"state": "connecting"})
        n = 0
        while True:
            n += 1
            if n == 4:
                yield Progress("Off", values={"wear": 0})
            values = {"heart_rate": 60 + n % 5, "rr_interval": [1000 - n % 7], "wear": 100}
            yield Progress("", values=values | {"battery": 81})
            time.sleep(0.05)
    finally:
        with open("parted", "w") as file:
            file.write("yes")


def fetch(arguments: dict[str, Any], state: AuthState, now: datetime) -> Iterator[Progress]:
    """Two bursts, each of which the hub has stored before the next is asked for."""
    for burst in range(2):
        item = frames(HELD[burst * 5 : burst * 5 + 5])
        yield Progress(f"Burst {burst + 1}", (burst + 1) / 2, {"frames": 5}, items=[item])
        print(f"acknowledged {burst + 1}")  # from here on the belt would forget it


def sulk(arguments: dict[str, Any], state: AuthState, now: datetime) -> Iterator[Progress]:
    yield Progress("Trying")
    match arguments["how"]:
        case "away":
            raise TransientError("The belt is out of range.")
        case "refused":
            raise PermanentError("The belt refused.")
        case "bug":
            raise KeyError("nothing")
        case "silent":
            time.sleep(3600)
        case "stubborn":
            while True:
                try:
                    yield Progress("Still here")
                except GeneratorExit:
                    time.sleep(3600)


@hookimpl
def receive(push: Push) -> Iterator[Pushed]:
    try:
        given = json.loads(push.open().read())
        beats = [(int(at), int(bpm)) for at, bpm in given["beats"]]
        device = str(given["belt"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput("A belt sends {belt, beats: [[seconds, bpm]]}.") from error
    items = [frames(beats)] if beats else []
    yield Pushed(device=device, items=items, counts={"decoded": len(beats)})


@hookimpl
def normalize(raw_item: RawItem) -> Iterator[Device | Metric]:
    yield Device(key="belt", type="chest_strap", name="Pulse Belt")
    body = raw_item.read()
    frames = [body[at : at + FRAME] for at in range(0, len(body), FRAME)]
    start = datetime.fromtimestamp(0, UTC)
    yield Metric(
        key="heart_rate",
        type="heart_rate",
        device="belt",
        start=start,
        t=[int.from_bytes(one[:6], "little") * 1000 for one in frames],
        v=[int.from_bytes(one[6:], "little") for one in frames],
    )
