"""Events of the band that mean something to its wearer."""

from collections.abc import Iterator

import numpy as np
from openfit_sdk.schema import Event, Metric

from openfit_openstrap_band.deriving.clockgate import Gate
from openfit_openstrap_band.deriving.series import DEVICE, SECOND_MS, instant, metrics
from openfit_openstrap_band.reading.packed import Ints, Packed
from openfit_openstrap_band.wire import events

PACKET = events.EVENT
TYPES = {
    7: "charging_on",
    8: "charging_off",
    9: "wrist_on",
    10: "wrist_off",
    14: "double_tap",
    15: "device_reset",
    16: "time_set",
    57: "alarm",
}
RANK = 50
SUBSECONDS = 32_768


def read(packs: Packed, which: Ints, gate: Gate) -> Iterator[Event | Metric]:
    """A band tells its whole log at each connection: the same event has the same key."""
    heard = [one for at in which.tolist() if (one := event_at(packs, at)) is not None]
    ts = np.array([one.ts or 0 for one in heard], np.int64)
    dated = [one for one, passes in zip(heard, gate.open(ts), strict=True) if passes]
    seen = set()
    for one in dated:
        entity = happening(one)
        if entity is not None and entity.key not in seen:
            seen.add(entity.key)
            yield entity
    yield from levels("battery", "battery_pct", dated)
    yield from levels("battery_voltage", "battery_mv", dated)


def event_at(packs: Packed, at: int) -> events.Event | None:
    begin = int(packs.starts[at])
    packet = packs.data[begin : begin + int(packs.sizes[at])].tobytes()
    return events.event(packet, int(packs.generation[at]) or 4)


def happening(one: events.Event) -> Event | None:
    kind = TYPES.get(one.event_id)
    if kind is None or one.ts is None:
        return None
    subsec = one.subsec or 0
    return Event(
        key=f"{kind}-{one.ts}-{subsec}",
        device=DEVICE,
        type=kind,
        start=instant(one.ts * SECOND_MS + subsec * SECOND_MS // SUBSECONDS),
    )


def levels(kind: str, name: str, heard: list[events.Event]) -> Iterator[Metric]:
    told = [(one.ts, one.details[name]) for one in heard if name in one.details]
    if told:
        ts, values = zip(*told, strict=True)
        yield from metrics(kind, RANK, np.array(ts, np.int64), np.array(values))
