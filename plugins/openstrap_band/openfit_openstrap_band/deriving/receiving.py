"""What clients post and files hold: hex, one frame each, cut into raw items and counted."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

import msgspec
import numpy as np
from openfit_sdk import BadInput, Push, Pushed, RawItem

from openfit_openstrap_band.deriving import sorting
from openfit_openstrap_band.deriving.clockgate import Gate
from openfit_openstrap_band.deriving.normalizing import silent
from openfit_openstrap_band.deriving.series import DEVICE
from openfit_openstrap_band.reading import hexlines
from openfit_openstrap_band.reading.batch import columns
from openfit_openstrap_band.reading.hexlines import Lines
from openfit_openstrap_band.reading.packed import packed

FILE, EVENTS = "file", "events"
PART_LINES = 100_000  # of a file, in memory at once
PART_BYTES = 16 * 1024 * 1024
LONGEST = 0xFFFF  # bytes of a piece that the hub keeps; no frame is that long
MINUTE = 60
EMPTY = '""'
# As the first servers of this protocol called them.
BATCH_ALIASES = {"minutes_written": "minutes_touched"}
EVENT_ALIASES = {"total": "received", "stored": "new"}
SHAPE = (
    'Post {"device_id": "…", "records": ["hex", …]}; to the route of events, "events" in place of'
    ' "records".'
)


class Posted(msgspec.Struct):
    device_id: str
    records: list[str] | None = None
    events: list[str] | None = None


class Mixed(msgspec.Struct):
    """As `Posted`, where some of the frames are no text, or none that can be."""

    device_id: str
    records: list[msgspec.Raw] | None = None
    events: list[msgspec.Raw] | None = None


def receive(push: Push, now: datetime) -> Iterator[Pushed]:
    if push.route == FILE:
        yield from of_file(push, now)
        return
    with push.open() as file:
        body = file.read()
    device, frames = decoded(body)
    if not device.strip():
        raise BadInput(f"The device_id of this post is empty. {SHAPE}", code="device_id")
    aliases = EVENT_ALIASES if push.route == EVENTS else BATCH_ALIASES
    yield pushed(device, hexlines.of(frames), now, aliases)


def decoded(body: bytes) -> tuple[str, Sequence[str]]:
    """The device and its frames as text."""
    try:
        posted = msgspec.json.decode(body, type=Posted)
        return posted.device_id, frames_of(posted.records, posted.events)
    except (ValueError, RecursionError):  # a ValueError is also what is no UTF-8
        pass
    try:
        mixed = msgspec.json.decode(body, type=Mixed)
    except msgspec.ValidationError as error:
        raise BadInput(f"This post cannot be read: {error}. {SHAPE}", code="shape") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"This post is no JSON: {error}. {SHAPE}", code="not_json") from error
    return mixed.device_id, [*map(text_of, frames_of(mixed.records, mixed.events))]


def frames_of(records: Sequence[Any] | None, events: Sequence[Any] | None) -> Sequence[Any]:
    given = [one for one in (records, events) if one is not None]
    if not given:
        raise BadInput(f"This post has neither records nor events. {SHAPE}", code="shape")
    return given[0] if len(given) == 1 else [*given[0], *given[1]]


def text_of(raw: msgspec.Raw) -> str:
    """What is no text stands as it was sent, behind a blank: a number of two digits would else be
    a frame of one byte."""
    try:
        return msgspec.json.decode(raw, type=str)
    except ValueError:
        return " " + bytes(raw).decode(errors="surrogateescape")


def of_file(push: Push, now: datetime) -> Iterator[Pushed]:
    """Part by part: a file may be greater than memory."""
    anything = False
    with push.open() as file:
        for text in parts(file):
            yield pushed(DEVICE, hexlines.read(text), now, {})
            anything = True
    if not anything:
        raise BadInput(f"{push.name or 'This file'} is empty. Export it again.", code="empty")


def parts(file: BinaryIO) -> Iterator[bytes]:
    while text := b"".join(bounded(file)):
        yield text


def bounded(file: BinaryIO) -> Iterator[bytes]:
    """So many lines, or so many bytes of them, also where a line has no end."""
    left = PART_BYTES
    for line in islice(iter(lambda: file.readline(PART_BYTES), b""), PART_LINES):
        yield line
        left -= len(line)
        if left <= 0:
            return


def pushed(device: str, lines: Lines, now: datetime, aliases: dict[str, str]) -> Pushed:
    if lines.sizes.max(initial=0) > LONGEST:
        lines = without_long(lines)
    sizes = lines.sizes[lines.sizes > 0] if lines.bad else lines.sizes
    packs = packed(lines.data, sizes)
    found = columns(packs)
    quiet = silent(found)
    dated = found.ts[found.decoded & Gate.of(now).open(found.ts)]
    items: list[RawItem] = sorting.items(lines.data, sizes, packs)
    if lines.bad:
        items.append(sorting.texts([text or EMPTY for _, text in lines.bad], LONGEST))
    return Pushed(
        device=device,
        items=items,
        counts={
            "decoded": int((~quiet).sum()),
            "undecodable": int(quiet.sum()) + len(lines.bad),
            "minutes_touched": np.unique(dated // MINUTE).size,
        },
        aliases=aliases,
    )


def without_long(lines: Lines) -> Lines:
    """What is longer than any frame is none, whatever its digits say."""
    ends = np.cumsum(lines.sizes).tolist()
    frames = [lines.data[end - size : end] for end, size in zip(ends, lines.sizes, strict=True)]
    bad = dict(lines.bad)
    bad |= {at: one.hex() for at, one in enumerate(frames) if len(one) > LONGEST}
    kept = [b"" if at in bad else one for at, one in enumerate(frames)]
    sizes = np.fromiter(map(len, kept), np.int64, len(kept))
    return Lines(b"".join(kept), sizes, sorted(bad.items()))
