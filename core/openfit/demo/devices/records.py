"""What the demo's devices hand over: records as a vendor's service would keep them."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from openfit_schema.entities import SleepStage
from openfit_sdk import RawItem

from openfit.demo import daytime, nights
from openfit.demo.nights import Night
from openfit.demo.story import Story

SYNCED = timedelta(minutes=5)  # a device's data is there every five minutes
SAMPLES = timedelta(minutes=5)  # of a ring at night


class Stretch(Struct):
    """Minutes under one clock; None where nothing was measured."""

    start: datetime
    offset: int  # minutes
    heart_rate: list[int | None]
    steps: list[int | None]


class Day(Struct):
    id: str
    device: str
    stretches: list[Stretch]


class Sleep(Struct):
    """A night, and what the device says of the day that it ends on."""

    id: str
    device: str
    start: datetime
    minutes: int
    offset: int
    stages: list[tuple[int, SleepStage]]
    summary: dict[str, float]
    every_minutes: int = 0
    heart_rate: list[int] = []
    rmssd: list[float] = []


class Walks(Struct):
    id: str
    device: str
    offset: int
    buckets: list[tuple[datetime, int, int]]  # start, minutes, steps


def watch(story: Story, day: date, now: datetime) -> list[RawItem]:
    found = []
    seen, slept = daytime.by_watch(story, day), nights.by_watch(story, day)
    if seen is not None and story.midnight(day) < now:
        found.append(item("day", day_record(story, day, seen, now)))
    if slept is not None and slept.up <= now:
        body, chance = story.body(day), story.random(day, 10).normal(0, 0.5)
        summary = {
            "resting_heart_rate": round(body.resting_heart_rate + 1.1 + chance),
            "sleep_minutes": slept.asleep(),
        }
        found.append(item("night", night_record("watch", story, day, slept, summary)))
    return found


def day_record(story: Story, day: date, seen: daytime.Minutes, now: datetime) -> Day:
    stretches = []
    for span in story.spans(day):
        end = min(span.end, now - timedelta(seconds=now.timestamp() % SYNCED.total_seconds()))
        a, b = (round((at - seen.start) / daytime.MINUTE) for at in (span.start, end))
        if a < b:
            rates, steps = whole(seen.heart_rate[a:b]), whole(seen.steps[a:b])
            stretches.append(Stretch(span.start, minutes(span.offset), rates, steps))
    return Day(day.isoformat(), "watch", stretches)


def whole(values: daytime.Floats) -> list[int | None]:
    return [None if np.isnan(value) else round(value) for value in values.tolist()]


def ring(story: Story, day: date, now: datetime) -> list[RawItem]:
    slept = nights.by_ring(story, day)
    if slept is None or slept.up > now:
        return []
    body, random = story.body(day), story.random(day, 11)
    summary = {
        "resting_heart_rate": round(body.resting_heart_rate - 0.4 + random.normal(0, 0.3), 1),
        "hrv_rmssd_night": round(body.rmssd, 1),
        "skin_temperature_deviation": round(body.temperature, 2),
        "sleeping_spo2": round(min(99.5, body.spo2), 1),
        "sleeping_respiration_rate": round(body.respiration_rate, 1),
        "sleep_minutes": slept.asleep(),
    }
    record = night_record("ring", story, day, slept, summary)
    record.every_minutes = round(SAMPLES / daytime.MINUTE)
    n = slept.minutes // record.every_minutes
    stages = np.array([stage_at(slept, k * record.every_minutes) for k in range(n)])
    above = np.vectorize(daytime.ASLEEP.get)(stages).astype(float)
    fall = 6.0 * np.clip(1 - np.arange(n) / 54, 0, 1)
    beats = body.resting_heart_rate - 3.0 + above + fall + random.normal(0, 1.0, n)
    spread = np.exp(random.normal(0, 0.12, n)) * np.where(stages == "rem", 0.9, 1.05)
    record.heart_rate = np.round(beats).astype(int).tolist()
    record.rmssd = np.round(body.rmssd * spread, 1).tolist()
    return [item("night", record)]


def stage_at(slept: Night, minute: int) -> SleepStage:
    return [stage for at, stage in slept.stages if at <= minute][-1]


def phone(story: Story, day: date, now: datetime) -> list[RawItem]:
    buckets = [
        (one.start, one.minutes, one.steps)
        for one in daytime.by_phone(story, day)
        if one.start + one.minutes * daytime.MINUTE <= now
    ]
    if not buckets:
        return []
    offset = minutes(story.offset(buckets[0][0]))
    return [item("walks", Walks(day.isoformat(), "phone", offset, buckets))]


def night_record(
    device: str, story: Story, day: date, slept: Night, summary: dict[str, float]
) -> Sleep:
    return Sleep(
        id=day.isoformat(),
        device=device,
        start=slept.bed,
        minutes=slept.minutes,
        offset=minutes(story.offset(slept.bed)),
        stages=list(slept.stages),
        summary=summary,
    )


def item(kind: str, record: Any) -> RawItem:
    return RawItem(kind=kind, id=record.id, body=msgspec.json.encode(record))


def minutes(offset: timedelta) -> int:
    return round(offset / daytime.MINUTE)


DEVICES = {"watch": watch, "ring": ring, "phone": phone}
