"""What `inspect` sums up of a file's records and sessions: of few of them without numpy."""

from functools import reduce
from typing import Protocol

from openfit_fileimport.fit import few
from openfit_fileimport.fit.channels import CHANNELS, COMPRESSED, DEGREES, channel, positions
from openfit_fileimport.fit.columns import FitFile, Float

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


class Recorded(Protocol):
    """One file's records, NaN where one has no value; None where none can have one. Columns are
    decoded when they are asked for and not kept, as those of a long recording take room."""

    def stamps(self) -> Values: ...

    def positions(self) -> tuple[Values, Values] | None: ...

    def channel(self, name: str) -> Values | None: ...


def records_of(file: FitFile) -> Recorded:
    return FewRecords(file) if file.count(RECORD) <= few.FEW else ManyRecords(file)


class ManyRecords:
    def __init__(self, file: FitFile) -> None:
        self.records = file.messages(RECORD)

    def stamps(self) -> Values:
        return self.records.stamps

    def positions(self) -> tuple[Values, Values] | None:
        known = self.records.has(POSITION[0])
        return positions(self.records, unfixed_too=True) if known else None

    def channel(self, name: str) -> Values | None:
        if name != "cadence":
            return channel(self.records, SUMMED[name])
        return self.records.column(name) if self.records.has(name) else None


class FewRecords:
    """What only old devices pack into bits is left to numpy."""

    def __init__(self, file: FitFile) -> None:
        self.file = file
        self.columns = few.columns(file, RECORD, RECORD_FIELDS)

    def stamps(self) -> Values:
        if self.file.index.compressed:
            return self.file.messages(RECORD).stamps
        return self.columns.get(few.STAMP, [])

    def positions(self) -> tuple[Values, Values] | None:
        if not all(name in self.columns for name in POSITION):
            return None
        both = zip(*(self.columns[name] for name in POSITION), strict=True)
        pairs = [(n * DEGREES, e * DEGREES) for n, e in both if n == n and e == e]
        return [n for n, _ in pairs], [e for _, e in pairs]

    def channel(self, name: str) -> Values | None:
        packed = (COMPRESSED in one.native for one in self.file.by_message[RECORD])
        if name == "distance" and any(packed):
            return channel(self.file.messages(RECORD), SUMMED[name])
        return first_known(self.columns, SOURCES[name])


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
