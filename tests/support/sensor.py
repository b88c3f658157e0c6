"""An invented device: twelve bytes a record, over `[push]`, from files of hex lines, joined."""

import struct
import sys

from openfit.hub import Hub
from openfit_sdk.manifest import Installed

RECORD = struct.Struct("<BIHI3x")  # rank, s since 1970 UTC, value, counter
WHOLE = 9  # of records that are read an hour at a time

MANIFEST = """
id = "sensor"
name = "Sensor"
sdk = "1"
data_types = ["device", "event", "metric:heart_rate", "metric:rr_interval", "metric:steps"]
sync_modes = ["push"]

[push.batch]
[push.brief]
short = true
[push.small]
body_bytes = 1000

[files]
lines = "(?:[0-9a-f]{2}){14}"

[auth]
type = "none"
"""

PLUGIN = """
import json, os, struct
from datetime import UTC, datetime, timedelta
from openfit_sdk import BadInput, Pieces, Pushed, RawItem, Report, hookimpl
from openfit_sdk.schema import Covers, Device, Event, Metric

RECORD = struct.Struct("<BIHI3x")
WHOLE = 9

@hookimpl
def receive(push, now):
    body = push.open().read()
    if push.route == "file":
        device, lines = "file", body.decode().split()
    else:
        said = json.loads(body)
        if "die" in said:
            os._exit(3)
        device, lines = said.get("device_id"), said.get("records")
        if not isinstance(device, str) or not isinstance(lines, list):
            raise BadInput("A post is device_id and records.", code="shape")
    records = [bytes.fromhex(line) for line in lines]
    usual = [one for one in records if one[0] != WHOLE]
    items = [item("frames", usual, "")] if usual else []
    hours = {}
    for one in records:
        if one[0] == WHOLE:
            hours.setdefault(RECORD.unpack(one)[1] // 3600, []).append(one)
    items += [item("hour", some, str(hour), joins="all") for hour, some in sorted(hours.items())]
    yield Pushed(device=device, items=items, counts={"decoded": len(records)},
                 aliases={"stored": "new"})

def item(kind, records, id, **more):
    pieces = Pieces([len(one) for one in records], [RECORD.unpack(one)[1] for one in records])
    return RawItem(kind=kind, id=id, body=b"".join(records), pieces=pieces, **more)

@hookimpl
def normalize(raw_item):
    body, size = raw_item.read(), RECORD.size
    assert set(raw_item.pieces.sizes) <= {size} and raw_item.received_at is not None
    yield Device(key="sensor", type="sensor")
    found = sorted(RECORD.unpack(body[at:at + size]) for at in range(0, len(body), size))
    if raw_item.kind == "hour":
        yield from steps(int(raw_item.id) * 3600, found)
        return
    layers = {}
    for rank, at, value, counter in found:
        layer = 0
        while at in layers.setdefault((rank, layer), {}):
            layer += 1
        layers[rank, layer][at] = (value, counter)
    for (rank, layer), some in sorted(layers.items()):
        start = datetime.fromtimestamp(0, UTC)
        times = sorted(some)
        yield Metric(key=f"hr {rank} {layer}", device="sensor", type="heart_rate", start=start,
                     t=[at * 1000 for at in times], v=[some[at][0] for at in times], revision=rank)
        beats = [(at * 1000 + i, 300 + some[at][0] + i)
                 for at in times for i in range(some[at][1] % 4)]
        if beats:
            yield Metric(key=f"rr {rank} {layer}", device="sensor", type="rr_interval",
                         start=start, t=[t for t, _ in beats], v=[v for _, v in beats],
                         revision=rank, slot_ms=1000)

def steps(first, found):
    # one step for each pair of seconds that follow each other, as no part of an hour could tell
    seconds = sorted({at for _, at, _, _ in found})
    pairs = sum(b - a == 1 for a, b in zip(seconds, seconds[1:]))
    start = datetime.fromtimestamp(first, UTC)
    yield Metric(key="steps", device="sensor", type="steps", start=start, t=[0], d=[3_600_000],
                 v=[pairs], covers=Covers(start=start, end=start + timedelta(hours=1)))
    yield Event(key=f"hour {first}", type="sync", start=start, value=float(len(found)))
"""


class Sensor(Installed):
    def __init__(self) -> None:
        self.name, self.module = "sensor", "openfit_sensor"
        self.dist, self.version = "openfit-sensor", "1.0.0"


def install(hub: Hub, folder, monkeypatch) -> None:
    package = folder / "openfit_sensor"
    package.mkdir()
    (package / "__init__.py").write_text(PLUGIN)
    (package / "manifest.toml").write_text(MANIFEST)
    monkeypatch.setattr("openfit.hosting.hosts.PATHS", [folder])
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    hub.plugins.plugins["sensor"] = Sensor()


def record(at: int, value: int = 60, *, rank: int = 3, counter: int = 0) -> bytes:
    return RECORD.pack(rank, at, value, counter)


def post(records, device: str = "s1") -> dict:
    return {"device_id": device, "records": [one.hex() for one in records]}
