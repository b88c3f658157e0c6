"""What is in a FIT file, counted and summed up, for a person or a test."""

from collections.abc import Sequence
from itertools import chain
from math import fsum, isfinite
from typing import Any

import numpy as np

from openfit_fileimport.fit.columns import FitFile
from openfit_fileimport.fit.profile import enum
from openfit_fileimport.fit.recorded import (
    RECORD,
    SUMMED,
    Recorded,
    Values,
    records_of,
    sessions_of,
)

EXACT = 2.0**32
LAST_SETTLED_SPORT, ALL_SPORTS = 48, 254


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
    records = [records_of(file) for file in files if file.count(RECORD)]
    if records:
        found |= span([each.stamps() for each in records]) | places(records)
        for name in SUMMED:
            found |= ranges(name, [each.channel(name) for each in records])
    sessions = [session_said(row) for file in files for row in sessions_of(file)]
    return found | ({"sessions": sessions} if sessions else {})


def known(parts: Sequence[Values | None]) -> Values:
    """What has a value."""
    kept = [
        [value for value in part if value == value]
        if isinstance(part, list)
        else part[part == part]
        for part in parts
        if part is not None
    ]
    if len(kept) == 1:
        return kept[0]
    lists = [part for part in kept if isinstance(part, list)]
    return list(chain(*lists)) if len(lists) == len(kept) else np.concatenate(kept)


def least(values: Values) -> float:
    return min(values) if isinstance(values, list) else np.minimum.reduce(values)


def most(values: Values) -> float:
    return max(values) if isinstance(values, list) else np.maximum.reduce(values)


def total(values: Values) -> float:
    """As numpy adds, in an order of its own; whole numbers have one sum in any order."""
    if isinstance(values, list) and all(map(float.is_integer, values)) and exact(values):
        return fsum(values)
    return float(np.add.reduce(values))


def exact(whole: list[float]) -> bool:
    """Whether no sum of so few can be beyond the whole numbers that a float has."""
    return min(whole) > -EXACT and max(whole) < EXACT


def span(parts: Sequence[Values]) -> dict[str, Any]:
    times = known(parts)
    if not len(times):
        return {}
    return {
        "first_timestamp": int(times[0]),
        "last_timestamp": int(times[-1]),
        "min_timestamp": int(least(times)),
        "max_timestamp": int(most(times)),
    }


def places(records: Sequence[Recorded]) -> dict[str, Any]:
    pairs = [pair for each in records if (pair := each.positions()) is not None]
    latitude, longitude = (known([pair[n] for pair in pairs]) for n in (0, 1))
    if not len(latitude):
        return {}
    first, last = ([round(float(latitude[n]), 7), round(float(longitude[n]), 7)] for n in (0, -1))
    return {"positions": len(latitude), "first_position": first, "last_position": last}


def ranges(name: str, parts: Sequence[Values | None]) -> dict[str, Any]:
    values = known(parts)
    if not len(values):
        return {}
    found = {
        f"{name}_n": len(values),
        f"{name}_min": tidy(least(values)),
        f"{name}_max": tidy(most(values)),
    }
    if name == "distance":
        return found | {"distance_last": tidy(values[-1])}
    return found | {f"{name}_mean": tidy(total(values) / len(values))}


def session_said(row: dict[str, float]) -> dict[str, Any]:
    sport = row.pop("sport")
    names = {"sport": number_or_name(sport), "sport_name": enum_name("sport", sport)}
    return names | {name: tidy(value) for name, value in row.items()}


def number_or_name(value: float) -> str | None:
    """A sport by name where every published profile knows it, else by number."""
    settled = value <= LAST_SETTLED_SPORT or value == ALL_SPORTS
    if not settled and isfinite(value):
        return str(int(value))
    return enum_name("sport", value)


def enum_name(name: str, value: float) -> str | None:
    """An enumerated value by name; an unknown one as its number."""
    return enum(name).get(int(value), str(int(value))) if isfinite(value) else None


def tidy(value: float) -> float | int | None:
    number = float(value)
    if number != number:
        return None
    return int(number) if number.is_integer() else round(number, 6)
