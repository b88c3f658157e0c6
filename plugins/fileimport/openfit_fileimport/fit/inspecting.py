"""What is in a FIT file, counted and summed up, for a person or a test."""

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
    found |= span([file.messages("record").stamps for file in files])
    found |= places(files)
    for name, metric in SUMMED.items():
        found |= ranges(name, joined([stored(file.messages("record"), metric) for file in files]))
    sessions = [session for file in files for session in sessions_of(file)]
    return found | ({"sessions": sessions} if sessions else {})


def stored(records: Messages, metric: str) -> Float:
    """A channel; cadence without its fraction, as it is told apart in the file."""
    return records.column("cadence") if metric == "cadence" else channel(records, metric)


def joined(parts: list[Float]) -> Float:
    return np.concatenate(parts) if parts else np.empty(0)


def span(parts: list[Float]) -> dict[str, Any]:
    times = joined(parts)
    times = times[~np.isnan(times)]
    if times.size == 0:
        return {}
    return {
        "first_timestamp": int(times[0]),
        "last_timestamp": int(times[-1]),
        "min_timestamp": int(times.min()),
        "max_timestamp": int(times.max()),
    }


def places(files: list[FitFile]) -> dict[str, Any]:
    pairs = [positions(file.messages("record"), unfixed_too=True) for file in files]
    latitude, longitude = (joined([pair[n] for pair in pairs]) for n in (0, 1))
    known = ~np.isnan(latitude)
    if not known.any():
        return {}
    at = np.flatnonzero(known)
    first, last = (
        [round(float(latitude[n]), 7), round(float(longitude[n]), 7)] for n in (at[0], at[-1])
    )
    return {"positions": int(at.size), "first_position": first, "last_position": last}


def ranges(name: str, values: Float) -> dict[str, Any]:
    known = values[~np.isnan(values)]
    if known.size == 0:
        return {}
    found = {
        f"{name}_n": int(known.size),
        f"{name}_min": tidy(known.min()),
        f"{name}_max": tidy(known.max()),
    }
    if name == "distance":
        return found | {"distance_last": tidy(known[-1])}
    return found | {f"{name}_mean": tidy(known.mean())}


def sessions_of(file: FitFile) -> list[dict[str, Any]]:
    sessions = file.messages("session")
    sports = [number_or_name(value) for value in sessions.column("sport").tolist()]
    names = sessions.enums("sport", "sport")
    columns = {name: sessions.column(name) for name in SESSION} if len(sessions) else {}
    return [
        {"sport": sports[n], "sport_name": names[n]}
        | {name: tidy(column[n]) for name, column in columns.items()}
        for n in range(len(sessions))
    ]


def number_or_name(value: float) -> str | None:
    """A sport by name where every published profile knows it, else by number."""
    if np.isnan(value):
        return None
    settled = value <= LAST_SETTLED_SPORT or value == ALL_SPORTS
    name = enum("sport").get(int(value)) if settled else None
    return name or str(int(value))


def tidy(value: float) -> float | int | None:
    if np.isnan(value):
        return None
    return int(value) if float(value).is_integer() else round(float(value), 6)
