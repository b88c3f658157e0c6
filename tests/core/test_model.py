"""Any history, in the store and in the model side by side: both show the same picture."""

import json
from collections.abc import Iterator
from datetime import date

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from openfit.background import work
from openfit.config import Config
from openfit.deriving import rebuild
from openfit.hosting.registry import Registry
from openfit.hub import Hub
from openfit.intake import ingest
from openfit.person import editing
from openfit.store import (
    connections,
    daily,
    days,
    engine,
    entities,
    people,
    raw,
    series,
    tombstones,
)
from openfit.store.tables import daily_resolved
from openfit_schema.time import offset_text
from openfit_sdk import RawItem
from openfit_sdk.schema import Activity, Covers, Metric
from sqlalchemy import select
from support.model import Model, Outing, Samples, Source
from support.samples import MONDAY

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
GRID = (0, 5 * MINUTE, 630_000, HOUR, 10 * HOUR, DAY - MINUTE // 2, DAY, DAY + 2 * HOUR, 2 * DAY)
METRIC_TYPES = ("heart_rate", "steps", "weight")
ACCOUNTS, DEVICES, KEYS = ("home", "work"), ("watch", "phone"), "xy"
SOURCES = [Source(account, device) for account in ACCOUNTS for device in DEVICES]
ENTITIES = [(account, key) for account in ACCOUNTS for key in KEYS]

# What a vendor sends -----------------------------------------------------------------------------

instants = st.sampled_from(GRID).map(lambda t: MONDAY + t)
spans = st.tuples(instants, st.sampled_from([MINUTE, 3 * HOUR, DAY])).map(lambda s: (s[0], sum(s)))
devices = st.sampled_from(DEVICES)
outings = st.builds(
    lambda key, device, span, name, offset: Outing(key, device, *span, name, offset),
    st.sampled_from(KEYS),
    devices,
    spans,
    st.sampled_from(["Run", "Ride"]),
    st.sampled_from([None, None, 0, 330, -480]),
)


@st.composite
def given_samples(draw, activities=("",)):
    metric = draw(st.sampled_from(METRIC_TYPES))
    times = sorted(draw(st.sets(instants, max_size=4)))
    longest = [0, 90_000, 2 * HOUR] if metric == "steps" else [0]
    rows = [(t, draw(st.integers(50, 53)), draw(st.sampled_from(longest))) for t in times]
    activity = draw(st.sampled_from(activities)) or None
    covers = draw(st.none() | spans)
    return Samples(metric, draw(devices), activity, draw(st.integers(0, 1)), covers, tuple(rows))


@st.composite
def bodies(draw):
    found = draw(st.lists(outings, max_size=2, unique_by=lambda outing: outing.key))
    activities = ("", *(outing.key for outing in found))
    records = [*found, *draw(st.lists(given_samples(activities), max_size=3))]
    return json.dumps([[type(record).__name__, *record] for record in records]).encode()


# What a plugin makes of it -----------------------------------------------------------------------


def first_decoder(body: bytes) -> list[Outing | Samples]:
    return [decoded(*record) for record in json.loads(body or b"[]")]


def decoded(kind: str, *fields) -> Outing | Samples:
    if kind == "Outing":
        return Outing(*fields)
    *head, covers, rows = fields
    return Samples(*head, covers and tuple(covers), tuple(map(tuple, rows)))


def second_decoder(body: bytes) -> list[Outing | Samples]:
    """Names activities otherwise, lowers what it finds too high and finds some of it wrong."""
    return [better(thing) for thing in first_decoder(body)]


def better(thing: Outing | Samples) -> Outing | Samples:
    if isinstance(thing, Outing):
        return thing._replace(name=thing.name.upper())
    return thing._replace(rows=tuple((t, v - 1, d) for t, v, d in thing.rows if v != 51))


DECODERS = (first_decoder, second_decoder)


class Plugin:
    """Stands where the hosts stand: reads raw items with the decoder of the day."""

    decode = staticmethod(first_decoder)

    def knows(self, integration):
        return True

    def normalize(self, user_id: int, integration: str, item: RawItem) -> Iterator[list]:
        for thing in self.decode(item.read()):
            yield [activity(thing) if isinstance(thing, Outing) else metric(thing)]


def activity(outing: Outing) -> Activity:
    return Activity(
        key=outing.key,
        device=outing.device,
        sport="running",
        start=entities.instant(outing.start),
        end=entities.instant(outing.end),
        name=outing.name,
        utc_offset=None if outing.offset is None else offset_text(outing.offset),
    )


def metric(given: Samples) -> Metric:
    start, end = (entities.instant(at) for at in given.covers or (0, 0))
    return Metric(
        key="samples",
        type=given.metric,
        device=given.device,
        activity=given.activity,
        start=entities.instant(MONDAY),
        t=[t - MONDAY for t, _, _ in given.rows],
        v=[v for _, v, _ in given.rows],
        d=[d for _, _, d in given.rows] if given.metric == "steps" else None,
        revision=given.order,
        covers=Covers(start=start, end=end) if given.covers else None,
    )


# The two side by side ----------------------------------------------------------------------------


class Histories(RuleBasedStateMachine):
    """Each example is a new user of the same hub."""

    hub: Hub

    def __init__(self) -> None:
        super().__init__()
        self.plugin = Plugin()
        self.model = Model(first_decoder, self.source_id)
        self.lifts: dict[object, int] = {}
        with engine.write(self.hub.engine) as conn:
            self.user, _ = people.create_user(conn, "Wearer", 0)
            self.accounts = {
                account: connections.ensure(
                    conn, self.user, "vendor", 0, account=account
                ).connection_id
                for account in ACCOUNTS
            }

    @rule(account=st.sampled_from(ACCOUNTS), id=st.sampled_from("ab"), body=bodies())
    def deliver(self, account: str, id: str, body: bytes) -> None:
        self.accept(account, RawItem(kind="record", id=id, body=body))

    @precondition(lambda self: self.model.items)
    @rule(data=st.data())
    def deliver_again(self, data) -> None:
        item = data.draw(st.sampled_from(self.model.items))
        sent = RawItem(kind="record", id=item.id, body=item.body, deleted=item.deleted)
        self.accept(item.connection, sent)

    @rule(account=st.sampled_from(ACCOUNTS), id=st.sampled_from("ab"))
    def vendor_deletes(self, account: str, id: str) -> None:
        self.accept(account, RawItem(kind="record", id=id, deleted=True))

    def accept(self, account: str, item: RawItem) -> None:
        ingest.accept(self.hub, self.user, self.accounts[account], [ingest.spooled(item)])
        self.model.deliver(account, item.id, item.read(), deleted=item.deleted)

    @rule(decoder=st.sampled_from(DECODERS))
    def decode_again(self, decoder) -> None:
        self.plugin.decode = self.model.decode = decoder
        for connection in self.accounts.values():
            rebuild.request(self.hub, self.user, connection)

    @precondition(lambda self: self.model.shown())
    @rule(data=st.data(), name=st.sampled_from(["Mine", None]))
    def correct(self, data, name: str | None) -> None:
        self.settle()
        entity = data.draw(st.sampled_from(sorted(self.model.shown())))
        editing.correct(self.hub, self.user, self.entity_id(entity), {"name": name})
        self.model.edits.pop((entity, "name"), None)
        if name is not None:
            self.model.edits[entity, "name"] = name

    @precondition(lambda self: self.model.shown())
    @rule(data=st.data())
    def delete_activity(self, data) -> None:
        self.settle()
        entity = data.draw(st.sampled_from(sorted(self.model.shown())))
        self.lifts[entity] = editing.hide(self.hub, self.user, self.entity_id(entity))
        self.model.hidden.add(entity)

    @rule(
        account=st.sampled_from(ACCOUNTS),
        device=devices,
        type=st.sampled_from(METRIC_TYPES),
        span=spans,
    )
    def delete_samples(self, account: str, device: str, type: str, span: tuple[int, int]) -> None:
        source = Source(account, device)
        deleted = (source, type, *span)
        if deleted in self.lifts:
            return
        with engine.write(self.hub.engine) as conn:
            number = self.source_id(source)
            place = {"source_id": number, "metric": type, "from_at": span[0], "to_at": span[1]}
            self.lifts[deleted] = tombstones.add(conn, self.user, 0, **place)
            touched = series.erase(conn, self.user, number, type, span)
            days.mark(conn, self.user, type, touched)
        self.model.hidden_spans.add(deleted)

    @precondition(lambda self: self.lifts)
    @rule(data=st.data())
    def undelete(self, data) -> None:
        what = data.draw(st.sampled_from(sorted(self.lifts, key=repr)))
        with engine.write(self.hub.engine) as conn:
            tombstones.lift(conn, self.user, self.lifts.pop(what))
        self.model.hidden.discard(what)
        self.model.hidden_spans.discard(what)

    @rule(type=st.sampled_from(METRIC_TYPES), order=st.permutations(range(4)), data=st.data())
    def change_ladder(self, type: str, order: list[int], data) -> None:
        ladder = [SOURCES[n] for n in order[: data.draw(st.integers(0, 4))]]
        with engine.write(self.hub.engine) as conn:
            ranking = [str(self.source_id(source)) for source in ladder]
            daily.set_ladder(conn, self.user, type, ranking)
            for _, start, end in series.extents(conn, self.user, type):
                touched = [days.utc_day(start), days.utc_day(end + DAY)]
                days.mark(conn, self.user, type, touched)
        self.model.ladders[type] = ladder

    @precondition(lambda self: len(self.model.shown()) > 1)
    @rule(data=st.data(), choice=st.sampled_from(["join", "split", None]))
    def choose_twins(self, data, choice: str | None) -> None:
        pair = frozenset(sorted(self.model.shown())[:2])
        with engine.write(self.hub.engine) as conn:
            daily.choose(conn, self.user, *map(self.entity_id, pair), choice, 0)
            days.mark(conn, self.user, "activity", [date(2026, 3, 30)])
        self.model.choices.pop(pair, None)
        if choice is not None:
            self.model.choices[pair] = choice

    @rule()
    def look(self) -> None:
        self.settle()
        with self.hub.engine.connect() as conn:
            assert self.activities(conn) == {
                entity: (outing.name, outing.start, outing.end)
                for entity, outing in self.model.shown().items()
            }
            assert self.samples(conn) == self.model.samples()
            assert self.days(conn) == pytest.approx(self.model.days())
            self.check_twins(conn)

    def teardown(self) -> None:
        self.look()

    def settle(self) -> None:
        work.drain(self.hub, self.plugin, user_id=self.user)

    # What the store shows ------------------------------------------------------------------------

    def source_id(self, source: Source) -> int:
        return entities.source_id(self.accounts[source.connection], source.device)

    def entity_id(self, entity: tuple[str, str]) -> str:
        account, key = entity
        return entities.entity_id(self.accounts[account], "activity", key)

    def activities(self, conn) -> dict:
        rows = entities.select_kind(conn, self.user, "activity")
        edits = entities.edits_of(conn, self.user, [row.entity_id for row in rows])
        names = {row.entity_id: entities.decode(row, edits.get(row.entity_id, [])) for row in rows}
        return {
            entity: (names[row.entity_id].name, row.start_at, row.end_at)
            for row in rows
            for entity in ENTITIES
            if self.entity_id(entity) == row.entity_id
        }

    def samples(self, conn) -> dict:
        return {
            key: rows
            for one in series.all_live(conn, self.user)
            for key, rows in [(self.key(one), self.rows(conn, one))]
            if rows
        }

    def key(self, one) -> tuple:
        (source,) = (source for source in SOURCES if self.source_id(source) == one.source_id)
        keys = {self.entity_id((source.connection, key)): key for key in KEYS}
        return (source, one.metric, keys.get(one.activity_id))

    def rows(self, conn, one) -> dict:
        return {
            int(at): (int(value), int(span))
            for _, t, v, d in series.read_days(conn, self.user, one)
            for at, value, span in zip(t, v, [0] * len(t) if d is None else d, strict=True)
        }

    def days(self, conn) -> dict:
        query = select(daily_resolved).where(daily_resolved.c.user_id == self.user)
        return {(r.metric, date.fromisoformat(r.day)): r.value for r in conn.execute(query)}

    def check_twins(self, conn) -> None:
        groups = daily.twin_groups(conn, self.user)
        shown = sorted(self.model.shown())
        if len(shown) == 2:  # more are the business of the grouping rule, which has its own tests
            a, b = (groups.get(self.entity_id(entity)) for entity in shown)
            assert (a is not None and a == b) == self.model.are_twins(*shown)


def test_any_history_ends_in_the_picture_of_the_model(database_url, tmp_path):
    hub = Hub(
        config=Config(data=tmp_path, database_url=database_url),
        engine=engine.create(database_url),
        raw=raw.Store(tmp_path),
        plugins=Registry({}),
    )
    machine = type("HistoriesHere", (Histories,), {"hub": hub})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(10, settings().max_examples // 3), stateful_step_count=15
        ),
    )
    hub.engine.dispose()
