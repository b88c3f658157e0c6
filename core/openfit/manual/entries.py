"""The kinds of entries, and the entities that each is."""

from array import array
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct
from openfit_sdk.schema import Activity, AnyEntity, Metric, Sleep, Totals

Words = Annotated[str, Meta(max_length=20_000)]
Name = Annotated[str, Meta(max_length=300)]
Sport = Annotated[str, Meta(min_length=1, max_length=64)]
Positive = Annotated[float, Meta(gt=0)]


def of(metric: str) -> Meta:
    """Measured as this metric type: in its unit, within what is possible of it."""
    return Meta(extra={"metric": metric})


class Entry(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """A time without an offset is by the person's own clock; `utc_offset` says another."""

    utc_offset: Annotated[str, Meta(pattern=r"^[+-](0\d|1[0-6]):[0-5]\d$")] | None = None


class WeightEntry(Entry, frozen=True, kw_only=True, tag="weight"):
    """Kilograms, and percent of fat where the scale says so."""

    at: datetime
    kilograms: Annotated[Positive, of("weight")]
    body_fat: Annotated[Positive, of("body_fat")] | None = None


class BloodPressureEntry(Entry, frozen=True, kw_only=True, tag="blood_pressure"):
    """mmHg, and the pulse where the meter says so."""

    at: datetime
    systolic: Annotated[Positive, of("blood_pressure_systolic")]
    diastolic: Annotated[Positive, of("blood_pressure_diastolic")]
    pulse: Annotated[Positive, of("heart_rate")] | None = None


class MetricEntry(Entry, frozen=True, kw_only=True, tag="metric"):
    """One value of any metric type, in its unit. A sum belongs to the `seconds` from then on."""

    at: datetime
    metric: Annotated[str, Meta(max_length=96)]
    value: float
    seconds: Annotated[int, Meta(ge=1, le=86_400)] | None = None


class WorkoutEntry(Entry, frozen=True, kw_only=True, tag="workout"):
    """Metres, kcal and beats a minute, where they are known."""

    start: datetime
    end: datetime
    sport: Sport
    sub_sport: Sport | None = None
    name: Name | None = None
    notes: Words | None = None
    distance: Annotated[Positive, of("distance")] | None = None
    energy: Annotated[Positive, of("active_energy")] | None = None
    avg_heart_rate: Annotated[Positive, of("heart_rate")] | None = None


class SleepEntry(Entry, frozen=True, kw_only=True, tag="sleep"):
    """Time in bed, and asleep where it is known."""

    start: datetime
    end: datetime
    type: Literal["main", "nap", "rest"] = "main"
    asleep_start: datetime | None = None
    asleep_end: datetime | None = None


AnyEntry = WeightEntry | BloodPressureEntry | MetricEntry | WorkoutEntry | SleepEntry


class Kept(Struct, frozen=True, kw_only=True):
    """An entry as it is kept: instants with offsets, and the basis of the wearer's offset."""

    entry_id: str
    entry: AnyEntry
    offset_basis: Literal["stated", "implied", "unknown"]


def entities_of(kept: Kept) -> Iterator[AnyEntity]:
    entry = kept.entry
    if isinstance(entry, WeightEntry):
        yield metric(kept, "weight", entry.kilograms, entry.at)
        if entry.body_fat is not None:
            yield metric(kept, "body_fat", entry.body_fat, entry.at)
    elif isinstance(entry, BloodPressureEntry):
        yield metric(kept, "blood_pressure_systolic", entry.systolic, entry.at)
        yield metric(kept, "blood_pressure_diastolic", entry.diastolic, entry.at)
        if entry.pulse is not None:
            yield metric(kept, "heart_rate", entry.pulse, entry.at)
    elif isinstance(entry, MetricEntry):
        yield metric(kept, entry.metric, entry.value, entry.at, entry.seconds)
    elif isinstance(entry, WorkoutEntry):
        yield workout(kept, entry)
    else:
        yield sleep(kept, entry)


def metric(kept: Kept, type: str, value: float, at: datetime, seconds: int | None = None) -> Metric:
    return Metric(
        key=f"{kept.entry_id} {type}",
        type=type,
        start=at,
        v=array("d", [value]),
        t=array("q", [0]),
        d=None if seconds is None else array("q", [seconds * 1000]),
        method="manual",
        utc_offset=kept.entry.utc_offset,
        offset_basis=kept.offset_basis,
    )


def workout(kept: Kept, entry: WorkoutEntry) -> Activity:
    return Activity(
        key=kept.entry_id,
        method="manual",
        sport=entry.sport,
        sub_sport=entry.sub_sport,
        name=entry.name,
        notes=entry.notes,
        start=entry.start,
        end=entry.end,
        utc_offset=entry.utc_offset,
        offset_basis=kept.offset_basis,
        reported=Totals(
            elapsed_seconds=(entry.end - entry.start) / timedelta(seconds=1),
            distance=entry.distance,
            energy=entry.energy,
            avg_heart_rate=entry.avg_heart_rate,
        ),
    )


def sleep(kept: Kept, entry: SleepEntry) -> Sleep:
    return Sleep(
        key=kept.entry_id,
        method="manual",
        kind=entry.type,
        start=entry.start,
        end=entry.end,
        asleep_start=entry.asleep_start,
        asleep_end=entry.asleep_end,
        utc_offset=entry.utc_offset,
        offset_basis=kept.offset_basis,
    )
