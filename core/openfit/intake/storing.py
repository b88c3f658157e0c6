"""Storing one page of what a raw item yields, in the caller's transaction."""

from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openfit_schema import check
from openfit_sdk import BadInput, Report
from openfit_sdk.schema import AnyEntity, Metric
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.intake import samples
from openfit.intake.padding import without_nul
from openfit.store import days, entities, people, series, tombstones
from openfit.store.entities import Stamp

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
    members: int = 0
    touched: dict[str, set[Any]] = field(default_factory=dict)  # metric: days of UTC
    measuring: set[str] = field(default_factory=set)  # devices of this page's samples
    hidden: tombstones.Hidden = field(default_factory=tombstones.Hidden)

    def copy(self) -> "Reading":
        twin = copy(self)
        for name in ("seen", "unattributed", "counts", "reports", "touched", "measuring"):
            setattr(twin, name, copy(getattr(self, name)))
        return twin

    def report(self, report: Report) -> None:
        if len(self.reports) < MAX_REPORTS:
            self.reports.append(report)

    @property
    def status(self) -> str:
        worst = {report.status for report in self.reports}
        return "failed" if worst and worst <= {"failed"} and not self.seen else "done"


def apply(hub: Hub, conn: Connection, reading: Reading, page: Iterable[AnyEntity | Report]) -> None:
    """Store one page, in the caller's transaction."""
    people.hold(conn, reading.stamp.user_id)  # or a deletion could cross this page
    reading.hidden = tombstones.hidden(conn, reading.stamp.user_id)
    batch: list[AnyEntity] = []
    outings: list[series.Delivery] = []
    for thing in map(without_nul, page):
        if isinstance(thing, Report):
            put_entities(conn, reading, batch)
            attribute(conn, reading, thing)
            batch = []
        elif isinstance(thing, Metric):
            put_metric(hub, conn, reading, thing, outings)
        elif sound(reading, thing):
            batch.append(thing)
    put_entities(conn, reading, batch)
    series.put_all(conn, reading.stamp.user_id, outings, receipt=reading.stamp.receipt)
    entities.ensure_sources(conn, reading.stamp, reading.measuring)
    reading.measuring.clear()
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
    reading.members += report.member is not None
    if report.member is not None and reading.unattributed:
        entities.set_member(conn, reading.stamp, reading.unattributed, report.member)
    reading.unattributed = []


def put_metric(
    hub: Hub, conn: Connection, reading: Reading, metric: Metric, outings: list[series.Delivery]
) -> None:
    """Samples go to the series of their metric and source, or, all at once when the page is
    through, to those of the activity they belong to."""
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
    if not ref.activity_id:
        reading.measuring.add(metric.device or "")
    kept = reading.hidden.mask(ref, found)
    if ref.activity_id and reading.generation is None:
        outings.append(series.Delivery(ref, kept, metric.revision, covered(metric)))
        return
    touched = series.put(
        conn,
        reading.stamp.user_id,
        ref,
        kept,
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
        slot_ms=metric.slot_ms or 0,
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
