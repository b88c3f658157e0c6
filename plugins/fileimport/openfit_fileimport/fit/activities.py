"""Activities: a session each, with laps, pauses, lengths, sets and the samples of its span."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from openfit_sdk import Report
from openfit_sdk.schema import (
    Activity,
    AnyEntity,
    Lap,
    Length,
    Metric,
    Pause,
    StrengthSet,
    Totals,
)

from openfit_fileimport import recording
from openfit_fileimport.fit.channels import CHANNELS, channel, positions
from openfit_fileimport.fit.columns import FitFile, Float, Messages
from openfit_fileimport.fit.developer import developer_channels
from openfit_fileimport.fit.devices import creator_key, sensors
from openfit_fileimport.fit.heart import beats, swim_heart_rate
from openfit_fileimport.fit.ours import exact

REVISION = 30
TRANSITION = "transition"
TIMER, STOPS, STARTS = 0, (1, 4, 8, 9), 0
MAX_OFFSET = 16 * 3600
ZERO_IS_NONE = {  # what a sensor that was lost goes on saying
    "heart_rate",
    "respiration_rate",
    "ground_contact_time",
    "vertical_oscillation",
    "vertical_ratio",
    "step_length",
}
LONGEST = 10 * 86_400.0  # s from the middle of a recording that has no session
NEAR = 30.0  # s around a session in which its records may lie

TOTALS = {
    "elapsed_seconds": ("total_elapsed_time",),
    "timer_seconds": ("total_timer_time",),
    "moving_seconds": ("total_moving_time",),
    "distance": ("total_distance",),
    "energy": ("total_calories",),
    "work": ("total_work",),
    "ascent": ("total_ascent",),
    "descent": ("total_descent",),
    "avg_speed": ("enhanced_avg_speed", "avg_speed"),
    "max_speed": ("enhanced_max_speed", "max_speed"),
    "avg_heart_rate": ("avg_heart_rate",),
    "min_heart_rate": ("min_heart_rate",),
    "max_heart_rate": ("max_heart_rate",),
    "avg_power": ("avg_power",),
    "max_power": ("max_power",),
    "normalized_power": ("normalized_power",),
    "avg_cadence": ("avg_cadence",),
    "max_cadence": ("max_cadence",),
    "avg_temperature": ("avg_temperature",),
    "max_temperature": ("max_temperature",),
    "avg_respiration_rate": ("enhanced_avg_respiration_rate", "avg_respiration_rate"),
    "cycles": ("total_cycles",),
    "training_effect": ("total_training_effect",),
    "anaerobic_training_effect": ("total_anaerobic_training_effect",),
    "training_stress_score": ("training_stress_score",),
    "intensity_factor": ("intensity_factor",),
}


@dataclass(frozen=True)
class Span:
    """One session, or all records of a file that has none. Unix seconds."""

    start: float
    end: float
    row: int | None  # of the session message


def instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def rows_of(messages: Messages, fields: dict[str, tuple[str, ...]]) -> list[dict[str, float]]:
    """Per message the fields that it has a value for, the first name that has one."""
    found: list[dict[str, float]] = [{} for _ in range(len(messages))]
    for name, sources in fields.items():
        for source in sources:
            try:
                column = messages.column(source)
            except KeyError:
                continue
            for row, value in zip(found, column.tolist(), strict=True):
                if value == value and name not in row:
                    row[name] = round(value, 6)
    return found


def activities(file: FitFile, key: str) -> Iterator[AnyEntity | Report]:
    """What the sessions of one file say, in order of time. `key` is the file's."""
    spans = sessions(file)
    group = f"{key}:group" if len(spans) > 1 else None
    channels = all_channels(file) if spans else {}
    for n, span in enumerate(spans):
        later = spans[n + 1].start - 0.5 if n + 1 < len(spans) else np.inf
        reach = (span.start - (NEAR if n == 0 else 0), min(span.end + NEAR, later))
        yield from one_activity(file, span, f"{key}:{n}", group, channels, reach)


def sessions(file: FitFile) -> list[Span]:
    """Sessions with a date; a file without one (cut off while recording) is one by its records."""
    messages = file.messages("session")
    found: list[Span] = []
    if len(messages):
        starts, ends = messages.dates("start_time"), messages.times
        elapsed = messages.column("total_elapsed_time")
        for row in range(len(messages)):
            start, end = starts[row], ends[row]
            if np.isnan(start):
                start = end - np.nan_to_num(elapsed[row])
            if np.isnan(start):
                continue
            by_elapsed = start + elapsed[row]
            end = by_elapsed if by_elapsed > start else max(start, end)
            found.append(Span(float(start), float(end), row))
    if found:
        return sorted(found, key=lambda span: (span.start, span.row))
    times = file.messages("record").times
    times = times[~np.isnan(times)]
    if times.size == 0:
        return []
    middle = np.sort(times)[times.size // 2]
    times = times[np.abs(times - middle) < LONGEST]  # or one flipped bit makes decades
    return [Span(float(times.min()), float(times.max()), None)]


def one_activity(
    file: FitFile,
    span: Span,
    key: str,
    group: str | None,
    channels: dict[str, Float],
    reach: tuple[float, float],
) -> Iterator[AnyEntity | Report]:
    pauses = pauses_of(file, span)
    taken = recorded(file, channels, reach, pauses)
    computed = recording.compute(taken) if taken else None
    device = creator_key(file)
    end = max(span.end, span.start)
    if span.row is None and taken:
        end = taken.end.timestamp()
    yield Activity(
        key=key,
        device=device,
        start=instant(span.start),
        end=instant(end),
        utc_offset=utc_offset(file),
        group=group,
        reported=reported(file, span),
        computed=computed.totals if computed else None,
        laps=laps_of(file, span),
        pauses=pauses,
        lengths=lengths_of(file, span),
        pool_length=pool_length(file, span),
        sets=sets_of(file, span),
        ext=sensors(file),
        **sport_of(file, span),
    )
    if taken and computed:
        for metric in recording.metrics(taken, computed, key, REVISION):
            yield with_device(metric, device)
    for metric in beats(file, span.start, span.end, key, REVISION):
        yield with_device(metric, device)
    if taken is None or "heart_rate" not in taken.channels:
        for metric in swim_heart_rate(file, span.start, span.end, key, REVISION):
            yield with_device(metric, device)


def with_device(metric: Metric, device: str | None) -> Metric:
    return msgspec.structs.replace(metric, device=device)


def sport_of(file: FitFile, span: Span) -> dict[str, Any]:
    """Sport and kind of sport; what the session leaves out the `sport` message may say."""
    for messages, row in ((file.messages("session"), span.row), (file.messages("sport"), 0)):
        if row is None or row >= len(messages):
            continue
        sport = messages.enums("sport", "sport")[row]
        if sport is not None:
            sub = messages.enums("sub_sport", "sub_sport")[row]
            name = file.messages("sport").texts("name") if len(file.messages("sport")) else []
            return {
                "sport": sport,
                "sub_sport": None if sub == "generic" else sub,
                "name": next((text for text in name if text), None),
            }
    return {"sport": "generic"}


def reported(file: FitFile, span: Span) -> Totals:
    if span.row is None:
        return Totals()
    return Totals(**rows_of(file.messages("session"), TOTALS)[span.row])


def utc_offset(file: FitFile) -> str | None:
    """The activity message has the same instant by the wearer's clock: the only word of it."""
    messages = file.messages("activity")
    if not len(messages):
        return None
    local, there = messages.column("local_timestamp"), messages.times
    for wall, seconds in zip(local.tolist(), there.tolist(), strict=True):
        apart = wall + 631_065_600 - seconds
        if abs(apart) < MAX_OFFSET:
            minutes = round(apart / 900) * 15
            sign = "-" if minutes < 0 else "+"
            return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return None


# Samples -----------------------------------------------------------------------------------------


def all_channels(file: FitFile) -> dict[str, Float]:
    """Every channel of the file's records, by metric type."""
    records = file.messages("record")
    found: dict[str, Float] = {}
    found["latitude"], found["longitude"] = positions(records)
    for metric in CHANNELS:
        if (values := channel(records, metric)) is not None:
            found[metric] = values
    found["left_right_balance"] = balance(records)
    found |= developer_channels(file, records, found)
    for metric in ZERO_IS_NONE & found.keys():
        found[metric] = np.where(found[metric] > 0, found[metric], np.nan)
    return {metric: values for metric, values in found.items() if known(values)}


def recorded(
    file: FitFile, channels: dict[str, Float], reach: tuple[float, float], pauses: list[Pause]
) -> recording.Recording | None:
    """The channels of the records in a session's reach, in order of time."""
    times = exact(file.messages("record"))
    mine = np.flatnonzero((times >= reach[0]) & (times <= reach[1]))
    if mine.size == 0:
        return None
    present = {name: values[mine] for name, values in channels.items() if known(values[mine])}
    stops = np.array([pause.start.timestamp() for pause in pauses])
    segment = np.searchsorted(stops, times[mine], side="left").astype(np.int64)
    stamps = np.column_stack([times[mine] * 1e6, np.full(mine.size, np.nan)])
    return recording.record(stamps, present, segment)


def known(values: Float) -> bool:
    return bool(np.isfinite(values).any())


def balance(records: Messages) -> Float:
    """Per cent from the right leg, where the side is known (its high bit)."""
    stored = records.column("left_right_balance")
    sided = np.nan_to_num(stored).astype(np.int64)
    return np.where((sided & 0x80) > 0, sided & 0x7F, np.nan) + stored * 0


# Parts -------------------------------------------------------------------------------------------


def pauses_of(file: FitFile, span: Span) -> list[Pause]:
    """From a stop of the timer to its next start, inside the session."""
    events = file.messages("event")
    if not len(events):
        return []
    kinds, types, times = events.column("event"), events.column("event_type"), exact(events)
    found: list[Pause] = []
    stopped: float | None = None
    for kind, what, at in zip(kinds.tolist(), types.tolist(), times.tolist(), strict=True):
        if kind != TIMER or at != at:
            continue
        if what in STOPS and stopped is None:
            stopped = at
        elif what == STARTS and stopped is not None:
            if span.start <= stopped < at <= span.end + 1:
                found.append(Pause(start=instant(stopped), end=instant(at)))
            stopped = None
    return found


def laps_of(file: FitFile, span: Span) -> list[Lap]:
    messages = file.messages("lap")
    if not len(messages):
        return []
    starts, ends = messages.dates("start_time"), messages.times
    triggers = messages.enums("lap_trigger", "lap_trigger")
    intensities = messages.enums("intensity", "intensity")
    found = [
        Lap(
            start=instant(start),
            end=instant(max(start, end)) if end == end else None,
            trigger=triggers[n],
            intensity=intensities[n],
            totals=Totals(**totals),
        )
        for n, (start, end, totals) in enumerate(
            zip(starts.tolist(), ends.tolist(), rows_of(messages, TOTALS), strict=True)
        )
        if span.start - 1 <= start <= span.end
    ]
    return sorted(found, key=lambda lap: lap.start)


def lengths_of(file: FitFile, span: Span) -> list[Length]:
    messages = file.messages("length")
    if not len(messages):
        return []
    starts, seconds = messages.dates("start_time"), messages.column("total_elapsed_time")
    strokes, kinds = messages.column("total_strokes"), messages.column("length_type")
    names = messages.enums("swim_stroke", "swim_stroke")
    return [
        Length(
            start=instant(start),
            seconds=float(seconds[n]),
            active=bool(kinds[n] != 0),
            stroke=names[n],
            strokes=int(strokes[n]) if strokes[n] == strokes[n] else None,
        )
        for n, start in enumerate(starts.tolist())
        if start == start and seconds[n] == seconds[n] and span.start - 1 <= start <= span.end
    ]


def pool_length(file: FitFile, span: Span) -> float | None:
    if span.row is None:
        return None
    value = float(file.messages("session").column("pool_length")[span.row])
    return value if value == value and value > 0 else None


def sets_of(file: FitFile, span: Span) -> list[StrengthSet]:
    messages = file.messages("set")
    if not len(messages):
        return []
    starts, seconds = messages.dates("start_time"), messages.column("duration")
    repetitions, weights = messages.column("repetitions"), messages.column("weight")
    kinds, exercises = messages.column("set_type"), messages.enums("category", "exercise_category")
    return [
        StrengthSet(
            start=instant(start),
            seconds=optional(seconds[n]),
            active=bool(kinds[n] != 0),
            exercise=exercises[n],
            repetitions=int(repetitions[n]) if repetitions[n] == repetitions[n] else None,
            weight=optional(weights[n]),
        )
        for n, start in enumerate(starts.tolist())
        if start == start and span.start - 1 <= start <= span.end
    ]


def optional(value: float) -> float | None:
    return float(value) if value == value else None
