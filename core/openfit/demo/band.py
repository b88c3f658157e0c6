"""The last night of the demo's athlete on a band: records of a second each, posted as an app does.

She wears it to bed, takes it off once, and lies on it now and then, so that beats are missing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from openfit_sdk import Push

from openfit.demo import daytime, nights
from openfit.demo.nights import Night
from openfit.demo.story import Story
from openfit.errors import NotFound
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub
from openfit.intake import pushing
from openfit.store import connections

RECORD = np.dtype(
    {
        "names": ["kind", "version", "band", "number", "at", "rate", "n", "beats", "green", "axes"]
        + ["axes_again", "light"],
        "formats": ["u1", "u1", "u1", "<u4", "<u4", "u1", "u1", ("<i2", 4), "<u2", ("<f4", 3)]
        + [("<f4", 3), ("<u2", 4)],
        "offsets": [0, 1, 2, 3, 7, 17, 18, 19, 29, 36, 52, 64],
        "itemsize": 96,
    }
)
WRIST_ON, WRIST_OFF = 9, 10
OFF = (0.62, 240)  # when, as a share of the night, and for how many seconds
TURNS = timedelta(minutes=17)  # between two, on average
LYING = 55  # seconds without beats after a turn
IN_A_POST = 3600
MINUTE = 60
ONE_DAY = timedelta(days=1)
Floats = NDArray[np.float64]


class Worn(NamedTuple):
    """`records` are rows of bytes: between the fields that are known here there are others."""

    records: NDArray[np.uint8]
    events: list[bytes]


def wear(hub: Hub, user_id: int, story: Story, now: datetime) -> None:
    """Post the night once, where a plugin takes such posts."""
    try:
        integration, _, _ = pushing.route_of(hub, "batch")
    except NotFound:
        return
    with hub.engine.connect() as conn:
        if list(connections.of_user(conn, user_id, integration)):
            return
    with Hosts(hub) as hosts:
        for route, records in posts(worn(story, now)):
            body = msgspec.json.encode({"device_id": "band", "records": records})
            push = Push(route=route, body=body, media_type="application/json")
            pushing.receive(hub, hosts, user_id, integration, push)


def posts(night: Worn) -> Iterator[tuple[str, list[str]]]:
    yield "events", [one.hex() for one in night.events]
    for at in range(0, len(night.records), IN_A_POST):
        yield "batch", [one.tobytes().hex() for one in night.records[at : at + IN_A_POST]]


def worn(story: Story, now: datetime) -> Worn:
    """The last night that is over, second by second."""
    day = story.until if nights.night(story, story.until).up <= now else story.until - ONE_DAY
    true, random = nights.night(story, day), story.random(day, 12)
    rate = heart(story, true) + random.normal(0, 0.6, true.minutes * MINUTE)
    axes, turned = lying(rate.size, random)
    records = np.zeros((rate.size, RECORD.itemsize), np.uint8)
    made = records.view(RECORD)[:, 0]
    made["kind"], made["version"], made["band"] = 0x2F, 24, 5
    made["number"] = np.arange(1, rate.size + 1)
    made["at"] = round(true.bed.timestamp()) + np.arange(rate.size)
    made["rate"] = np.round(rate)
    beat(made, rate, story.body(day).rmssd, without_beats(rate.size, turned), random)
    made["axes"] = made["axes_again"] = axes
    made["green"] = random.integers(3400, 4600, rate.size)
    made["light"] = (534, 644, 700, 2)
    off = round(OFF[0] * rate.size)
    kept = np.ones(rate.size, bool)
    kept[off : off + OFF[1]] = False
    told = [(WRIST_ON, 0), (WRIST_OFF, off), (WRIST_ON, off + OFF[1])]
    return Worn(records[kept], [event(kind, int(made["at"][at])) for kind, at in told])


def heart(story: Story, true: Night) -> Floats:
    """Between the minutes of her day."""
    days = [daytime.lived(story, (true.up - ONE_DAY * back).date()) for back in (1, 0)]
    at = [one.start.timestamp() + MINUTE * np.arange(one.heart_rate.size) for one in days]
    rates = np.concatenate([one.heart_rate for one in days])
    seconds = true.bed.timestamp() + np.arange(true.minutes * MINUTE)
    found: Floats = np.interp(seconds, np.concatenate(at), rates)
    return found


def lying(seconds: int, random: np.random.Generator) -> tuple[Floats, NDArray[np.intp]]:
    """How gravity pulls, in g, as she lies still and turns; and when she turns."""
    turned = np.flatnonzero(random.random(seconds) < 1 / TURNS.total_seconds())
    ways = random.normal(0, 1, (turned.size + 1, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    at = np.searchsorted(turned, np.arange(seconds), side="right")
    return ways[at] + random.normal(0, 0.002, (seconds, 3)), turned


def without_beats(seconds: int, turned: NDArray[np.intp]) -> NDArray[np.bool_]:
    found = np.zeros(seconds, bool)
    for at in turned[::4]:
        found[at : at + LYING] = True
    return found


def beat(
    made: NDArray[np.void],
    rate: Floats,
    rmssd: float,
    lost: NDArray[np.bool_],
    random: np.random.Generator,
) -> None:
    """Intervals that breathe, each in the second in which it ended."""
    begun = np.cumsum(rate / MINUTE)  # beats so far
    ends = np.interp(np.arange(1, int(begun[-1])), begun, np.arange(rate.size))
    breath = rmssd * np.sin(2 * np.pi * 0.24 * ends) + random.normal(0, rmssd / 3, ends.size)
    intervals = np.round(MINUTE * 1000 / np.interp(ends, np.arange(rate.size), rate) + breath)
    ends = np.cumsum(intervals) / 1000
    for second, interval in zip(ends.astype(int).tolist(), intervals.tolist(), strict=True):
        if second < rate.size and not lost[second] and made["n"][second] < made["beats"].shape[1]:
            made["beats"][second, made["n"][second]] = interval
            made["n"][second] += 1


def event(kind: int, at: int) -> bytes:
    """As it lies between records: kind, when, and nothing more to say."""
    return bytes([0x30, 0, *kind.to_bytes(2, "little"), *at.to_bytes(4, "little"), 0, 0, 0, 0])
