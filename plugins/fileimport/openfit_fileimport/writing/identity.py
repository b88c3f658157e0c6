"""Who an exported activity is, in the file itself, so that its copies are not other activities."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from openfit_sdk.schema import Activity, Device, Totals

from openfit_fileimport.writing.outing import Outing

NAMESPACE = "urn:openfit:export:1"
ELEMENT = "exported"  # its local name in GPX and TCX
HERE = "fileimport"
COPY = "openfit.copy"  # in `ext`: how far from the original; the hub shows an original first
LONGEST = 48_000  # characters; what does not fit is left out, the longest first
LONGEST_KEY = 256

PARTS = ("laps", "pauses", "lengths", "sets")  # of an activity; a file may hold them itself
Series = tuple[str, str | None, str]  # metric type, device, method


class Identity(Struct, frozen=True, omit_defaults=True):
    """What the formats have no place for: keys, and the activity without its parts."""

    openfit: int
    activity: Activity
    devices: list[Device] = []
    series: list[Series] = []
    parts: list[str] = []  # which of PARTS are held here and not in the file


class Envelope(Struct, frozen=True):
    openfit: int


def identity_of(outing: Outing, held: tuple[str, ...] = ()) -> Identity:
    """With the parts that the format has no place for. What we computed is computed again."""
    activity = outing.activity
    ours = {name: value for name, value in activity.ext.items() if name != COPY}
    bare = replace(
        activity,
        key=key_of(activity),
        source=None,
        computed=None,
        ext=ours,
        unknown={},
        **{part: [] for part in PARTS if part not in held},
    )
    return Identity(
        openfit=1,
        activity=bare,
        devices=[bare_device(device) for device in outing.devices],
        series=[(metric.type, metric.device, metric.method) for metric in outing.series],
        parts=list(held),
    )


def key_of(activity: Activity) -> str:
    """The key of an activity that came as a file; of another's, one that is its alone."""
    source = activity.source
    if source is None or source.integration == HERE:
        return activity.key
    named = f"{source.integration}/{activity.key}"
    if len(named) <= LONGEST_KEY and named.isprintable():
        return named
    return f"{source.integration}/{hashlib.sha256(activity.key.encode()).hexdigest()[:32]}"


def bare_device(device: Device) -> Device:
    ours = {name: value for name, value in device.ext.items() if name != COPY}
    return replace(device, source=None, unknown={}, ext=ours)


# Control characters and what XML means something by; in JSON they stand in texts alone.
AWAY = {ord(c): f"\\u{ord(c):04x}" for c in "\x7f<>&"}


def encode(identity: Identity) -> str:
    """In ASCII that every format takes as it is."""
    text = ""
    for some in shorter(identity):
        text = json.dumps(msgspec.to_builtins(some), ensure_ascii=True, separators=(",", ":"))
        text = text.translate(AWAY)
        if len(text) <= LONGEST:
            break
    return text if len(text) <= LONGEST else ""


def shorter(identity: Identity) -> Iterator[Identity]:
    """The same with ever less in it."""
    yield identity
    for part in PARTS:
        left = [name for name in identity.parts if name != part]
        activity = replace(identity.activity, **{part: []})
        identity = replace(identity, activity=activity, parts=left)
        yield identity
    emptied: dict[str, Any] = {"ext": {}, "zones": [], "notes": None, "name": None}
    for field, nothing in emptied.items():
        identity = replace(identity, activity=replace(identity.activity, **{field: nothing}))
        yield identity
    yield Identity(identity.openfit, identity.activity, identity.devices[:8], [])
    yield Identity(identity.openfit, replace(identity.activity, reported=Totals()), [], [])


def parse(text: str | None) -> Identity | None:
    """None for what is no identity of ours, whatever it is: then the file is one like any other."""
    if not text or len(text) > LONGEST or not text.isascii():
        return None
    try:
        if msgspec.json.decode(text, type=Envelope).openfit != 1:
            return None
        found = msgspec.json.decode(text, type=Identity)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return None
    keys = [found.activity.key, found.activity.device, found.activity.group]
    keys += [device.key for device in found.devices]
    keys += [device for _, device, _ in found.series]
    return found if all(key is None or is_key(key) for key in keys) else None


def is_key(text: str) -> bool:
    """Databases refuse NUL, and nobody sees what does not print."""
    return 0 < len(text) <= LONGEST_KEY and text.isprintable()
