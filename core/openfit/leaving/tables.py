"""Tables for spreadsheets and data frames: CSV always, Parquet with its extra."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal, NamedTuple

import numpy as np
from openfit_schema.time import Clock, offset_text

from openfit.errors import Refused

Write = Callable[[bytes], object]
Format = Literal["csv", "parquet"]
Kind = Literal["time", "day", "number", "text"]

ROW_GROUP = 100_000
BATCH = 20_000
HOUR_MS = 3_600_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so
MISSING = ""


class Column(NamedTuple):
    """`unit` as the metric catalogue has it (UCUM)."""

    name: str
    kind: Kind
    unit: str = ""

    @property
    def title(self) -> str:
        return f"{self.name} [{self.unit}]" if self.unit else self.name


class Table(NamedTuple):
    """Columns and some rows at a time; times are ms since 1970 UTC, None is a missing value."""

    columns: Sequence[Column]
    batches: Iterable[Sequence[Sequence[Any]]]  # a sequence of values for each column
    clock: Clock  # the wearer's: times are shown with its offset


def write(table: Table, format: Format, sink: Write) -> None:
    (write_csv if format == "csv" else write_parquet)(table, sink)


# CSV: RFC 4180, UTF-8 ----------------------------------------------------------------------------


def write_csv(table: Table, sink: Write) -> None:
    sink(rows_as_csv([[column.title for column in table.columns]]))
    for batch in table.batches:
        columns = [as_text(table, *pair) for pair in zip(table.columns, batch, strict=True)]
        rows = list(zip(*columns, strict=True))
        for at in range(0, len(rows), BATCH):
            sink(rows_as_csv(rows[at : at + BATCH]))


def rows_as_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def as_text(table: Table, column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.kind == "time":
        return local_times(table.clock, np.asarray(values, np.int64))
    if column.kind == "text":
        return [harmless(value) for value in values]
    return [MISSING if value is None else value for value in values]


def harmless(value: str | None) -> str:
    """A text as a text: an apostrophe in front of what would be read as a formula."""
    if value is None:
        return MISSING
    return "'" + value if value.startswith(FORMULA) else value


def local_times(clock: Clock, t: np.ndarray[Any, np.dtype[np.int64]]) -> list[str]:
    """`2026-03-29T01:59:59.000+01:00`, by the clock that the wearer had then."""
    hours, where = np.unique(t // (HOUR_MS // 4), return_inverse=True)
    offsets = [
        int(clock.offset_at(datetime.fromtimestamp(at * HOUR_MS / 4000, UTC)).total_seconds())
        for at in hours.tolist()
    ]
    shift = np.array(offsets, np.int64)[where] * 1000
    texts = np.datetime_as_string((t + shift).astype("datetime64[ms]"), unit="ms").tolist()
    ends = [offset_text(seconds // 60) for seconds in offsets]
    return [text + ends[place] for text, place in zip(texts, where.tolist(), strict=True)]


# Parquet -----------------------------------------------------------------------------------------


def write_parquet(table: Table, sink: Write) -> None:
    try:
        import pyarrow as pa  # type: ignore[import-untyped]
        import pyarrow.parquet as pq  # type: ignore[import-untyped]
    except ImportError:
        raise Refused(
            "Parquet needs a package that is not installed here.",
            code="no_parquet",
            next_step="Install openfit[parquet] on the hub, or ask for CSV.",
        ) from None
    kinds = {
        "time": pa.timestamp("ms", tz="UTC"),
        "day": pa.date32(),
        "number": pa.float64(),
        "text": pa.string(),
    }
    schema = pa.schema([pa.field(one.title, kinds[one.kind]) for one in table.columns])
    with pq.ParquetWriter(pa.PythonFile(Sink(sink), mode="w"), schema, compression="zstd") as out:
        for batch in gathered(table):
            arrays = [
                pa.array(converted(column, values), kinds[column.kind])
                for column, values in zip(table.columns, batch, strict=True)
            ]
            out.write_table(pa.Table.from_arrays(arrays, schema=schema))


def gathered(table: Table) -> Iterator[list[list[Any]]]:
    """Batches of a size that is good for row groups."""
    some: list[list[Any]] = [[] for _ in table.columns]
    for batch in table.batches:
        for column, values in zip(some, batch, strict=True):
            column += np.asarray(values).tolist() if isinstance(values, np.ndarray) else values
        if len(some[0]) >= ROW_GROUP:
            yield some
            some = [[] for _ in table.columns]
    if some and some[0]:
        yield some


def converted(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.kind != "day":
        return values
    return [date.fromisoformat(value) for value in values]


class Sink(io.RawIOBase):
    """A file that is only ever written forwards."""

    def __init__(self, write: Write) -> None:
        self.sink, self.place = write, 0

    def writable(self) -> bool:
        return True

    def write(self, body: Any) -> int:
        plain = bytes(body)
        self.sink(plain)
        self.place += len(plain)
        return len(plain)

    def tell(self) -> int:
        return self.place
