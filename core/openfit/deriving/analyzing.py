"""Analyses run where something changed: activities, the latest first, then all days at once.

What is due are marks beside those of derived days. Each slice is a few activities in one
transaction and may be repeated: the same inputs give the same results.
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
from openfit_sdk import IntegrationError
from openfit_sdk.inputs import Declaration, Input, Scope, Wish
from openfit_sdk.manifest import BUILT_IN, Installed
from openfit_sdk.schema import Activity, Result
from sqlalchemy import Connection, Row, select

from openfit.deriving import analysis_inputs as inputs
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, now_ms
from openfit.store import days, entities, profile, results
from openfit.store.engine import retrying, write
from openfit.store.tables import dirty, users

log = logging.getLogger("openfit.analyses")

SLICE = 20  # activities
ATTEMPTS = 2
ONE_DAY = timedelta(days=1)


def analysts(hub: Hub) -> list[Installed]:
    """Installed plugins that bring analyses, in order of name."""
    return [
        plugin
        for plugin in hub.plugins.plugins.values()
        if plugin.manifest and plugin.manifest.analyses
    ]


def stamp(hub: Hub) -> str:
    """Changes with every analysis that comes, goes or gets a new version."""
    listed = [(one.name, one.manifest.analyses) for one in analysts(hub) if one.manifest]
    return hashlib.sha256(msgspec.json.encode(listed, order="deterministic")).hexdigest()


def users_due(hub: Hub, conn: Connection) -> list[int]:
    """Users of whom something is to be analysed: a change, a new analysis, a new day."""
    marked = select(dirty.c.user_id).where(dirty.c.metric.in_(days.ANALYSED)).distinct()
    due = set(conn.execute(marked).scalars())
    wanted, now = stamp(hub), entities.instant(now_ms())
    for row in conn.execute(select(users.c.user_id, users.c.analysed_by, users.c.analysed_to)):
        if row.analysed_by != wanted and results.extent(conn, row.user_id) is not None:
            due.add(row.user_id)
        elif row.analysed_to is not None and row.user_id not in due:
            today = days.clock(conn, row.user_id).day_of(now).isoformat()
            if row.analysed_to < today:
                due.add(row.user_id)
    return sorted(due)


def run(hub: Hub, hosts: Hosts, user_id: int) -> bool:
    """One slice for one user, under a lease that the caller holds. False when nothing was due."""
    retrying(lambda: mark_all_if_new(hub, user_id))
    with hub.engine.connect() as conn:
        marks = days.to_analyze(conn, user_id, days.ACTIVITIES)
    if marks:
        analyze_activities(hub, hosts, user_id, marks[0])
        return True
    return analyze_days(hub, hosts, user_id)


def mark_all_if_new(hub: Hub, user_id: int) -> None:
    wanted = stamp(hub)
    with hub.engine.connect() as conn:
        if results.stamp(conn, user_id).analysed_by == wanted:
            return
    with write(hub.engine) as conn:
        request(conn, user_id)
        results.set_stamp(conn, user_id, analysed_by=wanted)


def request(conn: Connection, user_id: int) -> None:
    """Have everything of a user analysed again."""
    whole = results.extent(conn, user_id)
    if whole is not None:
        first, last = (days.utc_day(at) for at in whole)
        days.mark_spans(conn, user_id, days.ACTIVITIES, [(first, last)])
        days.mark_spans(conn, user_id, days.HISTORY, [(first, last)])


# Activities --------------------------------------------------------------------------------------


def analyze_activities(hub: Hub, hosts: Hosts, user_id: int, mark: Row[Any]) -> None:
    """The latest activities of a mark; what lies before them stays marked."""
    first, last = date.fromisoformat(mark.day_from), date.fromisoformat(mark.day_to)
    with hub.engine.connect() as conn:
        rows, rest = latest(conn, user_id, first, last)
        found = [
            (row, *answer)
            for row, answer in zip(rows, analyses_of(hub, hosts, conn, user_id, rows), strict=True)
        ]

    def commit() -> None:
        with write(hub.engine) as conn:
            for row, day, activity, answers in found:
                results.replace_activity(conn, user_id, row.entity_id, day, activity.sport, answers)
            if rest is None:
                results.forget_activities(conn, user_id)
                days.done(conn, user_id, [mark.seq])
                days.mark_spans(conn, user_id, days.HISTORY, [(first, first)])
            else:
                days.analyzed_from(conn, user_id, mark.seq, rest)

    retrying(commit)


def latest(
    conn: Connection, user_id: int, first: date, last: date
) -> tuple[list[Row[Any]], date | None]:
    """Activities that begin on the last of these days of UTC, whole days of them; and the day
    from which on they are, if there are more before it."""
    start, end = at_midnight(first), at_midnight(min(last, date.max - ONE_DAY) + ONE_DAY)
    rows = entities.begun(conn, user_id, "activity", start, end, SLICE + 1)
    if len(rows) <= SLICE:
        return rows, None
    day = days.utc_day(rows[SLICE - 1].start_at)
    begun = at_midnight(day)
    if days.utc_day(rows[SLICE].start_at) == day:  # a day of very many
        return entities.begun(conn, user_id, "activity", begun, end, None), day
    return rows[:SLICE], day


def at_midnight(day: date) -> int:
    return entities.millis(datetime.combine(day, time(), UTC)) or 0


Answered = tuple[date, Activity, list[Result]]


def analyses_of(
    hub: Hub, hosts: Hosts, conn: Connection, user_id: int, rows: Sequence[Row[Any]]
) -> list[Answered]:
    clock, person = days.clock(conn, user_id), profile.read(conn, user_id)
    changes = entities.edits_of(conn, user_id, [row.entity_id for row in rows])
    found: list[Answered] = []
    for row in rows:
        activity = entities.decode(row, changes.get(row.entity_id, []))
        assert isinstance(activity, Activity)
        day = inputs.day_in(row, clock)
        answers: list[Result] = []
        for plugin in analysts(hub):
            wishes = reads(plugin, "activity")
            try:
                given = inputs.of_activity(conn, user_id, row, activity, day, wishes, person)
            except inputs.TooLong:
                continue
            answers += ask(hosts, user_id, plugin, "activity", given)
        placed = [msgspec.structs.replace(one, day=day, activity=activity.key) for one in answers]
        found.append((day, activity, placed))
    return found


def reads(plugin: Installed, scope: Scope) -> list[Wish]:
    """What a plugin's analyses of a scope may be given: nothing that its manifest leaves out."""
    assert plugin.manifest is not None
    history = scope == "history"
    return [
        Wish.parse(text) for text in plugin.manifest.reads if text.endswith("@history") == history
    ]


def ask(
    hosts: Hosts, user_id: int, plugin: Installed, scope: Scope, given: dict[str, Input]
) -> list[Result]:
    """A plugin's results. One that cannot answer twice costs its own results, and the log says
    so; those of others stand."""
    for attempt in range(ATTEMPTS):
        try:
            host = hosts.host(user_id, plugin.name)
            pages = host.pages("analyze", scope=scope, inputs=given)
            return [one for page in pages for one in page if allowed(plugin, one)]
        except IntegrationError as error:
            if attempt == ATTEMPTS - 1:
                log.error("%s: %s", plugin.name, error.message)
    return []


def allowed(plugin: Installed, result: Result) -> bool:
    """A plugin's own results carry its name; those without are the hub's."""
    return plugin.module == BUILT_IN or result.id.startswith(f"{plugin.name}.")


# Days --------------------------------------------------------------------------------------------


def analyze_days(hub: Hub, hosts: Hosts, user_id: int) -> bool:
    """Results over all days, up to today; written are those that changed."""
    with hub.engine.connect() as conn:
        marks = days.to_analyze(conn, user_id, days.HISTORY)
        today = days.clock(conn, user_id).day_of(entities.instant(now_ms()))
        to = results.stamp(conn, user_id).analysed_to
        if not marks and (to is None or to >= today.isoformat()):
            return False
        found: list[Result] = []
        for plugin in analysts(hub):
            given = inputs.of_history(conn, user_id, reads(plugin, "history"), today)
            if given:
                found += ask(hosts, user_id, plugin, "history", given)

    def commit() -> None:
        with write(hub.engine) as conn:
            results.replace_history(conn, user_id, found)
            results.set_stamp(conn, user_id, analysed_to=today.isoformat())
            days.done(conn, user_id, [mark.seq for mark in marks])

    retrying(commit)
    return True


# What a change makes due -------------------------------------------------------------------------


def follow(hub: Hub, conn: Connection, user_id: int, metric: str, first: date, last: date) -> None:
    """Mark what is to be analysed since days of a metric, or activities, changed."""
    windows = daily_windows(hub)
    if metric == "activity":
        days.mark_spans(conn, user_id, days.ACTIVITIES, [(first, last)])
    elif metric in windows or metric == "wellness":
        reach = windows.get(metric, max(windows.values(), default=0))
        span = (first - ONE_DAY, last + timedelta(days=reach))
        days.mark_spans(conn, user_id, days.ACTIVITIES, [span])
    if results.extent(conn, user_id) and not days.to_analyze(conn, user_id, days.HISTORY):
        days.mark_spans(conn, user_id, days.HISTORY, [(first, last)])


def daily_windows(hub: Hub) -> dict[str, int]:
    """How far a daily value reaches into activities to come, by metric."""
    found: dict[str, int] = {}
    for plugin in analysts(hub):
        for wish in reads(plugin, "activity"):
            if wish.kind == "daily":
                found[wish.name] = max(found.get(wish.name, 0), wish.days)
    return found


def declared(hosts: Hosts, user_id: int, plugin: Installed) -> list[Declaration]:
    """What a plugin says of its analyses, for `openfit doctor` and tests."""
    found: list[Declaration] = hosts.host(user_id, plugin.name).call("analyses")
    return found
