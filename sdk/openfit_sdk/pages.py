"""Cutting what a plugin yields into pages that fit a frame."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import msgspec
from msgspec import Raw
from openfit_schema import Metric

from openfit_sdk.errors import BadInput
from openfit_sdk.items import ExportFile, ExportPart
from openfit_sdk.wire import MAX_FRAME, MAX_ITEMS, encode

PAGE_BYTES = 4 * 1024 * 1024
FILE_BYTES = 1024 * 1024  # of a file that a plugin wrote
PART_SAMPLES = 200_000
ROOM = 64 * 1024  # for the page around the items


def pages(source: Iterable[Any], *, single: bool = False) -> Iterator[list[Raw]]:
    """Encoded items in pages; `single` makes each item a page of its own, to commit it alone."""
    page: list[Raw] = []
    size = 0
    for item in source:
        for part in parts(item):
            encoded = encode(part)
            if len(encoded) > MAX_FRAME - ROOM:
                raise too_large(part, len(encoded))
            if page and (size + len(encoded) > PAGE_BYTES or len(page) == MAX_ITEMS):
                yield page
                page, size = [], 0
            page.append(Raw(encoded))
            size += len(encoded)
        if single and page:
            yield page
            page, size = [], 0
    if page:
        yield page


def parts(item: Any) -> Iterator[Any]:
    """A Metric with very many samples travels as several of consecutive spans."""
    if not isinstance(item, Metric) or len(item.v) <= PART_SAMPLES:
        yield item
        return
    at = 0
    while at < len(item.v):
        last = end_of_part(item, at + PART_SAMPLES)
        yield part(item, at, last)
        at = last


def end_of_part(metric: Metric, last: int) -> int:
    """Where a part may end: not within a slot, whose samples belong together."""
    if last >= len(metric.v):
        return len(metric.v)
    if metric.slot_ms is None or metric.t is None:
        return last
    start = round(metric.start.timestamp() * 1000)
    slot = (start + metric.t[last]) // metric.slot_ms
    while last and (start + metric.t[last - 1]) // metric.slot_ms == slot:
        last -= 1
    return last


def part(metric: Metric, first: int, last: int) -> Metric:
    cut: dict[str, Any] = {"v": metric.v[first:last], "covers": None}
    if metric.d is not None:
        cut["d"] = metric.d[first:last]
    if metric.t is not None:
        cut["t"] = metric.t[first:last]
    else:
        shift = timedelta(milliseconds=first * (metric.interval_ms or 0))
        cut["start"] = metric.start + shift
    if first == 0:
        cut["covers"] = metric.covers  # cuts what was there before; the parts then fill it
    return msgspec.structs.replace(metric, key=f"{metric.key}:{first}", **cut)


def cut(file: ExportFile) -> Iterator[ExportPart]:
    """A file of any size in parts; an empty one is a part too."""
    for at in range(0, max(1, len(file.body)), FILE_BYTES):
        yield ExportPart(media_type=file.media_type, body=file.body[at : at + FILE_BYTES])


def too_large(item: Any, size: int) -> BadInput:
    name = f"{type(item).__name__} {getattr(item, 'key', '')}".strip()
    return BadInput(
        f"{name} takes {size:,} bytes; {MAX_FRAME:,} is the most. Yield it in smaller pieces.",
        code="too_large",
    )
