"""Raw items become entities and samples; an item's are replaced as a whole, never added to."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

import msgspec
from openfit_schema import check
from openfit_sdk import BadInput, Blob, IntegrationError, RawItem, Report, TransientError
from openfit_sdk.schema import AnyEntity, Metric
from sqlalchemy import Connection, Row, select, update

from openfit import samples
from openfit.hub import Hub
from openfit.store import days, entities, people, raw, series, tombstones
from openfit.store.engine import retrying, write
from openfit.store.entities import Stamp
from openfit.store.tables import imports, raw_items

Decode = Callable[[RawItem], Iterator[list[AnyEntity | Report]]]
MAX_ATTEMPTS = 2
MAX_REPORTS = 20_000


@dataclass
class Reading:
    """What one raw item has yielded so far."""

    stamp: Stamp
    current: bool
    version: str
    generation: int | None = None  # of the series that are being written afresh
    only: frozenset[int] | None = None  # then only these series are written
    seen: set[str] = field(default_factory=set)
    unattributed: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reports: list[Report] = field(default_factory=list)
    touched: dict[str, set[Any]] = field(default_factory=dict)  # metric: days of UTC
    hidden: tombstones.Hidden = field(default_factory=tombstones.Hidden)

    def copy(self) -> "Reading":
        twin = copy(self)
        for name in ("seen", "unattributed", "counts", "reports", "touched"):
            setattr(twin, name, copy(getattr(self, name)))
        return twin

    def report(self, report: Report) -> None:
        if len(self.reports) < MAX_REPORTS:
            self.reports.append(report)

    @property
    def status(self) -> str:
        worst = {report.status for report in self.reports}
        return "failed" if worst and worst <= {"failed"} and not self.seen else "done"


def run_item(
    hub: Hub,
    row: Row[Any],
    version: str,
    decode: Decode,
    *,
    generation: int | None = None,
    only: frozenset[int] | None = None,
) -> Reading:
    """Read one raw item through its plugin and store what it holds, a page a transaction."""
    stamp = Stamp(row.user_id, row.connection_id, row.receipt, row.sha256)
    reading = Reading(stamp, bool(row.current), version, generation, only)
    with hub.engine.connect() as conn:
        gone = row.deleted or (not row.current and raw.was_deleted(conn, row))
    if not gone:
        with open_item(hub, row) as item:
            read_pages(hub, reading, decode(item))
    retrying(lambda: finish(hub, row, reading))
    return reading


def read_pages(hub: Hub, reading: Reading, pages: Iterator[list[AnyEntity | Report]]) -> None:
    """A page is asked for once the one before is committed. What came before a fault is kept."""
    while True:
        try:
            page = next(pages, None)
        except TransientError:
            raise
        except IntegrationError as error:
            reading.report(failure(error))
            return
        if page is None:
            return
        retrying(partial(commit_page, hub, reading, page))


def failure(error: IntegrationError) -> Report:
    code = error.code if isinstance(error, BadInput) else "plugin_bug"
    at_byte = error.at_byte if isinstance(error, BadInput) else None
    return Report(status="failed", code=code, message=error.message, at_byte=at_byte)


def commit_page(hub: Hub, reading: Reading, page: list[AnyEntity | Report]) -> None:
    """A commit that fails may be tried again, so the reading moves on only with it."""
    attempt = reading.copy()
    with write(hub.engine) as conn:
        apply(hub, conn, attempt, page)
    reading.__dict__.update(attempt.__dict__)


def apply(hub: Hub, conn: Connection, reading: Reading, page: Iterable[AnyEntity | Report]) -> None:
    """Store one page, in the caller's transaction."""
    people.hold(conn, reading.stamp.user_id)  # or a deletion could cross this page
    reading.hidden = tombstones.hidden(conn, reading.stamp.user_id)
    batch: list[AnyEntity] = []
    for thing in page:
        if isinstance(thing, Report):
            put_entities(conn, reading, batch)
            attribute(conn, reading, thing)
            batch = []
        elif isinstance(thing, Metric):
            put_metric(hub, conn, reading, thing)
        elif sound(reading, thing):
            batch.append(thing)
    put_entities(conn, reading, batch)
    mark_touched(conn, reading)


def sound(reading: Reading, entity: AnyEntity) -> bool:
    found = check.rejected(check.problems(entity))
    for problem in found:
        what = f"{entities.kind_of(entity)} {entity.key}"
        reading.report(
            Report(
                status="partial",
                code=problem.code,
                message=f"{what} was left out: {problem.message} at {problem.path}.",
            )
        )
    return not found


def put_entities(conn: Connection, reading: Reading, batch: list[AnyEntity]) -> None:
    reading.counts.update(entities.kind_of(entity) for entity in batch)
    if not batch or not reading.current or reading.only is not None:
        return
    rows = entities.put(conn, reading.stamp, batch)
    reading.seen.update(row["entity_id"] for row in rows)
    reading.unattributed += [row["entity_id"] for row in rows]
    for row in rows:
        mark_entity(conn, reading, row["kind"], row["start_at"], row["day"])
    if any(row["start_at"] is not None for row in rows):  # it may also lead no more
        days.clock_stale(conn, reading.stamp.user_id, True)


def mark_entity(
    conn: Connection, reading: Reading, kind: str, start_at: int | None, day: str | None
) -> None:
    if kind not in ("activity", "sleep", "wellness"):
        return
    if start_at is not None:
        reading.touched.setdefault(kind, set()).add(days.utc_day(start_at))
    elif day is not None:
        reading.touched.setdefault(kind, set()).add(date.fromisoformat(day))


def attribute(conn: Connection, reading: Reading, report: Report) -> None:
    """A report closes a member: what came since the one before it was read from there."""
    reading.report(report)
    if report.member is not None and reading.unattributed:
        entities.set_member(conn, reading.stamp, reading.unattributed, report.member)
    reading.unattributed = []


def put_metric(hub: Hub, conn: Connection, reading: Reading, metric: Metric) -> None:
    """Samples go to the series of their metric and source, or of the activity they belong to."""
    definition = hub.plugins.metric(metric.type)
    if definition is None:
        reading.report(
            Report(
                status="partial",
                code="unknown_metric",
                message=f"{metric.type} is no metric type of the schema; its samples were kept in "
                "the original only. A plugin's own types carry its name: plugin.type.",
            )
        )
        return
    try:
        found = samples.columns(metric, definition)
    except BadInput as error:
        reading.report(Report(status="partial", code=error.code, message=error.message))
        return
    if found.rejected:
        low, high = definition.possible or (None, None)
        reading.report(
            Report(
                status="ok",
                code="impossible_values",
                message=f"{found.rejected} samples of {metric.type} were left out: they are not "
                f"between {low} and {high} {definition.unit}.",
            )
        )
    ref = series_of(reading.stamp, metric, definition)
    if reading.only is not None and ref.series_id not in reading.only:
        return
    if ref.activity_id and not reading.current:
        return  # an activity's samples are replaced with it
    reading.counts["samples"] += found.v.size
    touched = series.put(
        conn,
        reading.stamp.user_id,
        ref,
        reading.hidden.mask(ref, found),
        receipt=reading.stamp.receipt,
        order=metric.revision,
        covers=covered(metric),
        generation=reading.generation,
    )
    if not ref.activity_id:
        reading.touched.setdefault(metric.type, set()).update(touched)


def series_of(stamp: Stamp, metric: Metric, definition: Any) -> series.SeriesRef:
    activity = metric.activity
    return series.SeriesRef(
        metric=metric.type,
        source_id=entities.source_id(stamp.connection_id, metric.device or ""),
        activity_id=entities.entity_id(stamp.connection_id, "activity", activity)
        if activity
        else "",
        method=metric.method,
        connection_id=stamp.connection_id,
        scale=definition.resolution,
        unit=definition.unit,
        cumulative=definition.kind == "cumulative",
    )


def covered(metric: Metric) -> tuple[int, int] | None:
    if metric.covers is None:
        return None
    start, end = (entities.millis(at) for at in (metric.covers.start, metric.covers.end))
    assert start is not None and end is not None
    return start, end


def mark_touched(conn: Connection, reading: Reading) -> None:
    for metric, touched in sorted(reading.touched.items()):
        days.mark(conn, reading.stamp.user_id, metric, touched)
    reading.touched.clear()


# The end of an item ------------------------------------------------------------------------------


def finish(hub: Hub, row: Row[Any], reading: Reading) -> None:
    """Take away what this item, or an earlier version of it, no longer yields."""
    with write(hub.engine) as conn:
        if reading.only is None:
            retire(conn, row, reading)
            close(conn, row, reading)
        mark_touched(conn, reading)


def retire(conn: Connection, row: Row[Any], reading: Reading) -> None:
    if reading.status == "failed" and not row.deleted:
        return  # an unreadable new version does not take the old one away
    user_id = row.user_id
    versions = select(raw_items.c.receipt).where(
        raw.versions_of(user_id, row.connection_id, row.kind, row.item_id)
    )
    older = [receipt for receipt in conn.execute(versions).scalars() if receipt != row.receipt]
    drop_unseen(conn, reading, row.receipt, reading.seen if reading.current else set())
    if not reading.current:
        return
    deleted = raw.was_deleted(conn, row)
    for receipt in older:
        drop_unseen(conn, reading, receipt, set())
        strip(conn, reading, receipt, activities_only=not deleted)


def drop_unseen(conn: Connection, reading: Reading, receipt: int, seen: set[str]) -> None:
    user_id = reading.stamp.user_id
    stale = {
        found.entity_id: found
        for found in entities.of_receipts(conn, user_id, [receipt])
        if found.entity_id not in seen
    }
    gone = entities.drop(conn, user_id, receipt, stale)
    for found in stale.values():
        mark_entity(conn, reading, found.kind, found.start_at, None)
    series.drop_activities(conn, user_id, gone)
    if stale:
        days.clock_stale(conn, user_id, True)


def strip(
    conn: Connection, reading: Reading, receipt: int, *, activities_only: bool = False
) -> None:
    touched = series.strip(conn, reading.stamp.user_id, receipt, activities_only=activities_only)
    for metric, some in touched.items():
        reading.touched.setdefault(metric, set()).update(some)


def close(conn: Connection, row: Row[Any], reading: Reading) -> None:
    reports = [report for report in reading.reports if report.code != "read" or report.member]
    raw.set_item(
        conn,
        row.user_id,
        row.receipt,
        state=reading.status,
        attempts=0,
        normalized_by=reading.version,
        reports=msgspec.json.encode(reports).decode(),
        counts=msgspec.json.encode(dict(sorted(reading.counts.items()))).decode(),
    )
    total, elsewhere = entities.shared(conn, row.user_id, row.receipt)
    if total and total == elsewhere and row.normalized_by is None:
        mine = (imports.c.user_id == row.user_id) & (imports.c.receipt == row.receipt)
        conn.execute(update(imports).where(mine).values(duplicate=True))


def quarantine(hub: Hub, row: Row[Any], version: str, message: str) -> None:
    """An item that keeps killing its plugin is set aside; it is tried again by a new version."""
    report = Report(status="failed", code="plugin_died", message=message)
    with write(hub.engine) as conn:
        raw.set_item(
            conn,
            row.user_id,
            row.receipt,
            state="failed",
            normalized_by=version,
            reports=msgspec.json.encode([report]).decode(),
        )


def count_attempt(hub: Hub, row: Row[Any]) -> int:
    with write(hub.engine) as conn:
        raw.set_item(conn, row.user_id, row.receipt, attempts=row.attempts + 1)
    return int(row.attempts) + 1


# Opening -----------------------------------------------------------------------------------------


@contextmanager
def open_item(hub: Hub, row: Row[Any]) -> Iterator[RawItem]:
    """The raw item as a host is given it: bytes when small, else a descriptor of the body."""
    item = RawItem(kind=row.kind, id=row.item_id, media_type=row.media_type, name=row.name)
    with hub.engine.connect() as conn:
        small = raw.small_body(conn, row.user_id, row.sha256)
    if small is not None:
        yield msgspec.structs.replace(item, body=small)
        return
    with raw.open_body(hub.engine, hub.raw, row.user_id, row.sha256) as body:
        size = body.seek(0, 2)
        body.seek(0)
        blob = Blob(sha256=row.sha256, size=size, fd=body.fileno())
        yield msgspec.structs.replace(item, body=blob)
