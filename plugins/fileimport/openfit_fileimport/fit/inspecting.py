"""What is in a FIT file, counted and summed up, for a person or a test."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from openfit_fileimport.fit.channels import channel, positions
from openfit_fileimport.fit.columns import FitFile, Float, Messages
from openfit_fileimport.fit.profile import enum

SUMMED = {
    "heart_rate": "heart_rate",
    "altitude": "altitude",
    "cadence": "cadence",
    "power": "power",
    "temperature": "ambient_temperature",
    "distance": "track_distance",
}
NOTHING = np.empty(0)
LAST_SETTLED_SPORT, ALL_SPORTS = 48, 254
SESSION = (
    "avg_heart_rate",
    "max_heart_rate",
    "total_calories",
    "total_distance",
    "total_elapsed_time",
    "total_timer_time",
)


def summary(files: list[FitFile]) -> dict[str, Any]:
    """Counts, times, positions and ranges over all files of a chain."""
    counts: dict[str, int] = {}
    for file in files:
        for name, n in file.counts().items():
            counts[name] = counts.get(name, 0) + n
    found: dict[str, Any] = {
        "message_total": sum(counts.values()),
        "messages": dict(sorted(counts.items())),
        "record_count": counts.get("record", 0),
    }
    records = [file.messages("record") for file in files if len(file.messages("record"))]
    found |= span([each.stamps for each in records]) | places(records)
    for name, metric in SUMMED.items():
        found |= ranges(name, [stored(each, metric) for each in records])
    sessions = [session for file in files for session in sessions_of(file)]
    return found | ({"sessions": sessions} if sessions else {})


def stored(records: Messages, metric: str) -> Float | None:
    """A channel; cadence without its fraction, as it is told apart in the file."""
    if metric != "cadence":
        return channel(records, metric)
    return records.column("cadence") if records.has("cadence") else None


def known(parts: Sequence[Float | None]) -> Float:
    """What has a value."""
    kept = [part[part == part] for part in parts if part is not None]
    return kept[0] if len(kept) == 1 else np.concatenate([NOTHING, *kept])


def span(parts: list[Float]) -> dict[str, Any]:
    times = known(parts)
    if times.size == 0:
        return {}
    return {
        "first_timestamp": int(times[0]),
        "last_timestamp": int(times[-1]),
        "min_timestamp": int(np.minimum.reduce(times)),
        "max_timestamp": int(np.maximum.reduce(times)),
    }


def places(records: list[Messages]) -> dict[str, Any]:
    pairs = [positions(each, unfixed_too=True) for each in records if each.has("position_lat")]
    latitude, longitude = (known([pair[n] for pair in pairs]) for n in (0, 1))
    if latitude.size == 0:
        return {}
    first, last = ([round(float(latitude[n]), 7), round(float(longitude[n]), 7)] for n in (0, -1))
    return {"positions": latitude.size, "first_position": first, "last_position": last}


def ranges(name: str, parts: Sequence[Float | None]) -> dict[str, Any]:
    values = known(parts)
    if values.size == 0:
        return {}
    found = {
        f"{name}_n": values.size,
        f"{name}_min": tidy(np.minimum.reduce(values)),
        f"{name}_max": tidy(np.maximum.reduce(values)),
    }
    if name == "distance":
        return found | {"distance_last": tidy(values[-1])}
    return found | {f"{name}_mean": tidy(np.add.reduce(values) / values.size)}


def sessions_of(file: FitFile) -> list[dict[str, Any]]:
    sessions = file.messages("session")
    if not len(sessions):
        return []
    sports = [number_or_name(value) for value in sessions.column("sport").tolist()]
    names = sessions.enums("sport", "sport")
    columns = {name: sessions.column(name) for name in SESSION}
    return [
        {"sport": sports[n], "sport_name": names[n]}
        | {name: tidy(column[n]) for name, column in columns.items()}
        for n in range(len(sessions))
    ]


def number_or_name(value: float) -> str | None:
    """A sport by name where every published profile knows it, else by number."""
    if value != value:
        return None
    settled = value <= LAST_SETTLED_SPORT or value == ALL_SPORTS
    name = enum("sport").get(int(value)) if settled else None
    return name or str(int(value))


def tidy(value: float) -> float | int | None:
    number = float(value)
    if number != number:
        return None
    return int(number) if number.is_integer() else round(number, 6)
