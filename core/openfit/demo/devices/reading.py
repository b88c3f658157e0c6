"""From the demo devices' records to entities of the schema."""

from array import array
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

import msgspec
from openfit_sdk import BadInput, RawItem
from openfit_sdk.schema import AnyEntity, Device, Metric, Sleep, Stage, Wellness, offset_text

from openfit.demo.devices import records

MINUTE = timedelta(minutes=1)
MINUTE_MS = 60_000


def entities(raw_item: RawItem) -> Iterator[AnyEntity]:
    if raw_item.kind == "day":
        yield from of_day(msgspec.json.decode(raw_item.read(), type=records.Day))
    elif raw_item.kind == "night":
        yield from of_night(msgspec.json.decode(raw_item.read(), type=records.Sleep))
    elif raw_item.kind == "walks":
        yield from of_walks(msgspec.json.decode(raw_item.read(), type=records.Walks))
    else:
        raise BadInput(f"{raw_item.kind} is nothing that the demo's devices write.")


def device(type: str) -> Device:
    return Device(key=type, type=type, vendor="OpenFit", model=f"Demo {type}")


def of_day(day: records.Day) -> Iterator[AnyEntity]:
    yield device(day.device)
    for part in day.stretches:
        yield from samples(day.device, "heart_rate", part, part.heart_rate)
        yield from samples(day.device, "steps", part, part.steps)


def samples(
    device: str, type: str, part: records.Stretch, values: list[int | None]
) -> Iterator[Metric]:
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    if known:
        yield Metric(
            key=f"{type}-{part.start:%Y-%m-%dT%H:%MZ}",
            device=device,
            type=type,
            start=part.start,
            t=whole(n * MINUTE_MS for n, _ in known),
            v=whole(value for _, value in known),
            d=whole([MINUTE_MS] * len(known)) if type == "steps" else None,
            utc_offset=offset_text(part.offset),
        )


def of_night(night: records.Sleep) -> Iterator[AnyEntity]:
    yield device(night.device)
    stages = list(parts(night))
    asleep = [stage for stage in stages if stage.stage != "wake"]
    offset = offset_text(night.offset)
    yield Sleep(
        key=f"night-{night.id}",
        device=night.device,
        start=night.start,
        end=night.start + night.minutes * MINUTE,
        utc_offset=offset,
        kind="main",
        asleep_start=asleep[0].start if asleep else None,
        asleep_end=asleep[-1].end if asleep else None,
        stages=stages,
    )
    yield Wellness(
        key=f"summary-{night.id}",
        device=night.device,
        day=date.fromisoformat(night.id),
        values=night.summary,
    )
    yield from sampled(night, "heart_rate", night.heart_rate, offset)
    yield from sampled(night, "hrv_rmssd_5min", night.rmssd, offset)


def parts(night: records.Sleep) -> Iterator[Stage]:
    ends = [at for at, _ in night.stages[1:]] + [night.minutes]
    for (at, stage), end in zip(night.stages, ends, strict=True):
        start = night.start + at * MINUTE
        yield Stage(start=start, end=night.start + end * MINUTE, stage=stage)


def sampled(
    night: records.Sleep, type: str, values: list[int] | list[float], offset: str
) -> Iterator[Metric]:
    if values:
        yield Metric(
            key=f"{type}-{night.id}",
            device=night.device,
            type=type,
            start=night.start,
            v=array("d", values),
            interval_ms=night.every_minutes * MINUTE_MS,
            utc_offset=offset,
        )


def of_walks(walks: records.Walks) -> Iterator[AnyEntity]:
    yield device(walks.device)
    first: datetime = walks.buckets[0][0]
    yield Metric(
        key=f"steps-{walks.id}",
        device=walks.device,
        type="steps",
        start=first,
        t=whole(round((start - first) / MINUTE) * MINUTE_MS for start, _, _ in walks.buckets),
        d=whole(minutes * MINUTE_MS for _, minutes, _ in walks.buckets),
        v=whole(steps for _, _, steps in walks.buckets),
        utc_offset=offset_text(walks.offset),
    )


def whole(values: Iterable[int]) -> "array[int]":
    return array("q", values)
