"""Sleeps by the day of waking: what was reported, and what is mere arithmetic on it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Literal

import msgspec
from msgspec import Struct
from openfit_schema.time import Clock, sleep_day
from openfit_sdk.schema import Sleep, Stage
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.store import days, entities, tombstones
from openfit.store.tombstones import Hidden
from openfit.views import reading
from openfit.views.labels import Named, SourceLabel, label_of
from openfit.views.reading import EditInfo, FileInfo

ASLEEP = ("light", "deep", "rem", "asleep")
MARGIN = timedelta(days=2)  # no sleep is longer, no wearer's day further from that of UTC
NIGHT_MINUTES = 180.0  # of a sleep whose kind nobody said, to be called the night
ROLES: dict[str, "Role"] = {"main": "night", "nap": "nap", "rest": "rest"}

Role = Literal["night", "nap", "rest", "unknown"]


class SleepSums(Struct, frozen=True, kw_only=True):
    """Arithmetic on what was reported; null with `reason` where stages are not there. Efficiency
    is time asleep of time in bed, in percent; latency the time to the first stage of sleep."""

    in_bed_minutes: float | None
    asleep_minutes: float | None
    minutes: dict[str, float]
    efficiency: float | None
    latency_minutes: float | None
    wake_after_onset_minutes: float | None
    reason: str | None


class SleepRow(Struct, frozen=True, kw_only=True):
    """One sleep. `role` is the kind as reported; where none was, the longest of a day of at least
    three hours is its night and `role_basis` says "longest". `reported` are a source's own totals
    by stage, `values` its scores."""

    id: str
    day: date
    start: datetime
    end: datetime | None
    asleep_start: datetime | None
    asleep_end: datetime | None
    utc_offset: str | None
    kind: str
    role: Role
    role_basis: Literal["reported", "longest", "none"]
    reported: dict[str, float]
    values: dict[str, float]
    computed: SleepSums
    staged: bool
    source: SourceLabel
    integration: str
    method: str
    twins: int
    corrected: bool


class SleepDay(Struct, frozen=True, kw_only=True):
    """All sleeps that ended on a day, the first one first. `asleep_minutes` adds those up for
    which it is known, as reported, else by arithmetic, each once however many devices saw it;
    null where it is known of none."""

    day: date
    night: str | None
    naps: int
    asleep_minutes: float | None
    sleeps: list[SleepRow]


class SleepPage(Struct, frozen=True):
    days: list[SleepDay]
    next_cursor: str | None


class SleepDetail(Struct, frozen=True, kw_only=True):
    """One sleep with its hypnogram: `stages` in order of time, as they were reported."""

    sleep: SleepRow
    stages: list[Stage]
    files: list[FileInfo]
    twins: list[str]
    edits: list[EditInfo]
    ext: dict[str, Any]


class Read(Struct, frozen=True):
    """A sleep with a person's corrections on it, and its day."""

    row: Any
    sleep: Sleep
    day: date
    corrected: bool


def sums(sleep: Sleep) -> SleepSums:
    in_bed = None if sleep.end is None else minutes_of(sleep.end - sleep.start)
    stages = clipped(sleep)
    by_stage: dict[str, float] = {}
    for stage in stages:
        length = minutes_of(stage.end - stage.start)
        by_stage[stage.stage] = round(by_stage.get(stage.stage, 0.0) + length, 3)
    slept = [stage for stage in stages if stage.stage in ASLEEP]
    asleep = round(sum(by_stage.get(stage, 0.0) for stage in ASLEEP), 3) if stages else None
    awake = None
    if slept:
        first, last = min(s.start for s in slept), max(s.end for s in slept)
        between = [s for s in stages if s.stage == "wake" and s.start >= first and s.end <= last]
        awake = round(sum(minutes_of(s.end - s.start) for s in between), 3)
    return SleepSums(
        in_bed_minutes=in_bed,
        asleep_minutes=asleep,
        minutes=by_stage,
        efficiency=round(100 * asleep / in_bed, 2) if asleep is not None and in_bed else None,
        latency_minutes=minutes_of(min(s.start for s in slept) - sleep.start) if slept else None,
        wake_after_onset_minutes=awake,
        reason=None if stages else "no_stages",
    )


def clipped(sleep: Sleep) -> list[Stage]:
    """Stages inside the sleep: a person may have said that it was shorter."""
    end = sleep.end or max((stage.end for stage in sleep.stages), default=sleep.start)
    inside = [
        msgspec.structs.replace(s, start=max(s.start, sleep.start), end=min(s.end, end))
        for s in sleep.stages
        if s.end > sleep.start and s.start < end
    ]
    return sorted(inside, key=lambda stage: stage.start)


def minutes_of(length: timedelta) -> float:
    return round(length.total_seconds() / 60, 3)


def reported_asleep(sleep: Sleep) -> float | None:
    """A source's own total, where it gave one."""
    told = [sleep.minutes[stage] for stage in ASLEEP if stage in sleep.minutes]
    if told:
        return round(sum(told), 3)
    return sleep.values.get("sleep_minutes")


def asleep_minutes(sleep: Sleep) -> float | None:
    told = reported_asleep(sleep)
    return sums(sleep).asleep_minutes if told is None else told


# Several -----------------------------------------------------------------------------------------


def read_days(
    conn: Connection, user_id: int, first: date, last: date, *, twins: bool = False
) -> list[Read]:
    """Sleeps that ended on these days, in order of time."""
    clock = days.clock(conn, user_id)
    low, high = (at_noon(day) for day in (first, last))
    rows = entities.select_kind(
        conn,
        user_id,
        "sleep",
        start=entities.millis(low - MARGIN),
        end=entities.millis(high + MARGIN),
        collapsed=not twins,
    )
    changes = entities.edits_of(conn, user_id, [row.entity_id for row in rows])
    gone = tombstones.hidden(conn, user_id)
    found = [read_one(row, changes.get(row.entity_id, []), clock, gone) for row in rows]
    inside = [one for one in found if first <= one.day <= last]
    return sorted(inside, key=lambda one: (one.day, one.sleep.start, one.row.entity_id))


def at_noon(day: date) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T12:00:00+00:00")


def read_one(row: Any, changes: Sequence[Any], clock: Clock, gone: Hidden) -> Read:
    """One sleep without the values of metrics whose day was deleted."""
    sleep = entities.decode(row, changes)
    assert isinstance(sleep, Sleep)
    day = sleep_day(sleep) or clock.day_of(sleep.end or sleep.asleep_end or sleep.start)
    values = {
        metric: value
        for metric, value in sleep.values.items()
        if not gone.of_day(row.source_id, metric, day)
    }
    return Read(row, msgspec.structs.replace(sleep, values=values), day, bool(changes))


def days_of(views: Named, found: Sequence[Read]) -> list[SleepDay]:
    return [
        sleep_of_day(views, day, list(some)) for day, some in groupby(found, lambda one: one.day)
    ]


def sleep_of_day(views: Named, day: date, found: Sequence[Read]) -> SleepDay:
    longest = longest_unsaid(found)
    rows = [row_of(views, one, one.row.entity_id == longest) for one in found]
    known = [m for one in apart(views, found) if (m := asleep_minutes(one.sleep)) is not None]
    return SleepDay(
        day=day,
        night=next((row.id for row in rows if row.role == "night"), None),
        naps=sum(row.role == "nap" for row in rows),
        asleep_minutes=round(sum(known), 3) if known else None,
        sleeps=rows,
    )


def apart(views: Named, found: Sequence[Read]) -> list[Read]:
    """One record of each sleep: of several devices' the one that is listed, where it is here."""
    groups: dict[str, Read] = {}
    for one in found:
        id = one.row.entity_id
        group = views.groups.get(id, id)
        if id == group or group not in groups:
            groups[group] = one
    return list(groups.values())


def longest_unsaid(found: Sequence[Read]) -> str | None:
    """The sleep that is the night where no source said which is."""
    if any(one.sleep.kind == "main" for one in found):
        return None
    lengths = {
        one.row.entity_id: minutes_of(one.sleep.end - one.sleep.start)
        for one in found
        if one.sleep.kind == "unknown" and one.sleep.end is not None
    }
    longest = max(lengths, key=lambda id: (lengths[id], id), default=None)
    return longest if longest and lengths[longest] >= NIGHT_MINUTES else None


def row_of(views: Named, one: Read, longest: bool) -> SleepRow:
    row, sleep = one.row, one.sleep
    role = ROLES.get(sleep.kind, "night" if longest else "unknown")
    return SleepRow(
        id=row.entity_id,
        day=one.day,
        start=sleep.start,
        end=sleep.end,
        asleep_start=sleep.asleep_start,
        asleep_end=sleep.asleep_end,
        utc_offset=sleep.utc_offset,
        kind=sleep.kind,
        role=role,
        role_basis="reported" if sleep.kind in ROLES else "longest" if longest else "none",
        reported={str(stage): minutes for stage, minutes in sleep.minutes.items()},
        values=sleep.values,
        computed=sums(sleep),
        staged=any(stage.stage in ("light", "deep", "rem") for stage in sleep.stages),
        source=label_of(views, row.source_id),
        integration=views.integrations.get(row.connection_id, ""),
        method=sleep.method,
        twins=len(views.twins(row.entity_id)),
        corrected=one.corrected,
    )


def page(
    hub: Hub,
    conn: Connection,
    user_id: int,
    first: date,
    last: date,
    *,
    before: date | None,
    limit: int,
    twins: bool,
) -> tuple[list[SleepDay], date | None]:
    """Days with sleep, the latest first, and the day to go on from."""
    end = min(last, before - timedelta(days=1)) if before else last
    found: list[SleepDay] = []
    views = Named(hub, conn, user_id)
    known = entities.extent_of(conn, user_id, "sleep")
    if known is None:
        return [], None
    begin = max(first, (entities.instant(known[0]) - MARGIN).date())
    end = min(end, (entities.instant(known[1]) + MARGIN).date())
    while end >= begin and len(found) <= limit:
        start = max(begin, end - timedelta(days=limit + 7))
        some = read_days(conn, user_id, start, end, twins=twins)
        found += reversed(days_of(views, some))
        end = start - timedelta(days=1)
    more = found[limit - 1].day if len(found) > limit else None
    return found[:limit], more


def detail(hub: Hub, conn: Connection, user_id: int, entity_id: str) -> SleepDetail:
    row = reading.found(conn, user_id, entity_id, "sleep")
    views = Named(hub, conn, user_id)
    changes = entities.edits_of(conn, user_id, [entity_id]).get(entity_id, [])
    one = read_one(row, changes, views.clock, tombstones.hidden(conn, user_id))
    same_day = read_days(conn, user_id, one.day, one.day, twins=True)
    return SleepDetail(
        sleep=row_of(views, one, longest_unsaid(same_day) == entity_id),
        stages=clipped(one.sleep),
        files=reading.files_of(conn, user_id, entity_id),
        twins=views.twins(entity_id),
        edits=[reading.edit_info(change) for change in changes],
        ext=one.sleep.ext,
    )
