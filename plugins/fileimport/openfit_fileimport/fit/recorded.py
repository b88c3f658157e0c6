"""What `inspect` sums up of a file's records and sessions: of few of them without numpy."""

from functools import reduce
from typing import NamedTuple

from openfit_fileimport.fit import few
from openfit_fileimport.fit.channels import CHANNELS, COMPRESSED, DEGREES, channel, positions
from openfit_fileimport.fit.columns import FitFile, Float, Messages

RECORD, SESSION = 20, 18
SUMMED = {
    "heart_rate": "heart_rate",
    "altitude": "altitude",
    "cadence": "cadence",
    "power": "power",
    "temperature": "ambient_temperature",
    "distance": "track_distance",
}
# Cadence is without its fraction, as it is told apart in the file.
SOURCES = {name: CHANNELS[metric] for name, metric in SUMMED.items()} | {"cadence": ("cadence",)}
POSITION = ("position_lat", "position_long")
RECORD_FIELDS = (few.STAMP, *POSITION, *(field for each in SOURCES.values() for field in each))
SESSION_FIELDS = (
    "avg_heart_rate",
    "max_heart_rate",
    "total_calories",
    "total_distance",
    "total_elapsed_time",
    "total_timer_time",
    "sport",
)

Values = Float | list[float]


class Recorded(NamedTuple):
    """Of one file's records; NaN where a record has no value, None where none can have one."""

    stamps: Values
    latitude: Values | None
    longitude: Values | None
    channels: dict[str, Values | None]


def records_of(file: FitFile) -> Recorded:
    return few_records(file) if file.count(RECORD) <= few.FEW else many_records(file)


def many_records(file: FitFile) -> Recorded:
    records = file.messages(RECORD)
    latitude, longitude = None, None
    if records.has("position_lat"):
        latitude, longitude = positions(records, unfixed_too=True)
    channels = {name: summed(records, name) for name in SUMMED}
    return Recorded(records.stamps, latitude, longitude, channels)


def summed(records: Messages, name: str) -> Values | None:
    if name != "cadence":
        return channel(records, SUMMED[name])
    return records.column(name) if records.has(name) else None


def few_records(file: FitFile) -> Recorded:
    """The same. What only old devices pack into bits is left to numpy."""
    columns = few.columns(file, RECORD, RECORD_FIELDS)
    stamps = file.messages(RECORD).stamps if file.index.compressed else columns.get(few.STAMP, [])
    channels = {name: first_known(columns, fields) for name, fields in SOURCES.items()}
    if any(COMPRESSED in one.native for one in file.by_message[RECORD]):
        channels["distance"] = channel(file.messages(RECORD), SUMMED["distance"])
    both = zip(*(columns.get(name, ()) for name in POSITION), strict=False)
    pairs = [(n * DEGREES, e * DEGREES) for n, e in both if n == n and e == e]
    return Recorded(stamps, [n for n, _ in pairs], [e for _, e in pairs], channels)


def first_known(columns: few.Columns, fields: tuple[str, ...]) -> Values | None:
    known = [columns[field] for field in fields if field in columns]
    return reduce(filled, known) if known else None


def filled(values: list[float], others: list[float]) -> list[float]:
    return [a if a == a else b for a, b in zip(values, others, strict=True)]


def sessions_of(file: FitFile) -> list[dict[str, float]]:
    """A row for each session."""
    count = file.count(SESSION)
    if not count:
        return []
    if count <= few.FEW:
        columns = few.columns(file, SESSION, SESSION_FIELDS)
    else:
        messages = file.messages(SESSION)
        columns = {name: messages.column(name).tolist() for name in SESSION_FIELDS}
    absent = [few.NAN] * count
    each = (columns.get(name, absent) for name in SESSION_FIELDS)
    return [dict(zip(SESSION_FIELDS, row, strict=True)) for row in zip(*each, strict=True)]
