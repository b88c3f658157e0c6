"""What the store means, in plain Python and without a database.

A history is what was delivered, in order, and what the person said. Everything that can be seen
is computed from the whole of it, each time anew; the real store must end in the same picture.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

MINUTE = 60_000
HOLD = 600_000  # ms that a heart rate stands, when no other follows


class Outing(NamedTuple):
    """An activity, as a decoder yields it."""

    key: str
    device: str
    start: int
    end: int
    name: str
    offset: int | None  # of the wearer's clock, in minutes


class Samples(NamedTuple):
    """Rows are (instant, value, duration)."""

    metric: str
    device: str
    activity: str | None
    order: int
    covers: tuple[int, int] | None
    rows: tuple[tuple[int, int, int], ...]


class Source(NamedTuple):
    connection: str
    device: str


class Item(NamedTuple):
    """A version of a record: what a vendor sent, or its word that the record is gone."""

    receipt: int
    connection: str
    id: str
    body: bytes
    deleted: bool

    @property
    def rank(self) -> tuple[str, int]:
        return hashlib.sha256(self.body).hexdigest(), self.receipt


Entity = tuple[str, str]  # connection and key
SeriesKey = tuple[Source, str, str | None]  # source, metric, activity
Decoder = Callable[[bytes], Iterable[Outing | Samples]]


@dataclass
class Model:
    decode: Decoder
    tie_break: Callable[[Source], int]  # between sources that a ladder does not tell apart
    items: list[Item] = field(default_factory=list)
    current: dict[tuple[str, str], Item] = field(default_factory=dict)
    edits: dict[tuple[Entity, str], str] = field(default_factory=dict)
    hidden: set[Entity] = field(default_factory=set)
    hidden_spans: set[tuple[Source, str, int, int]] = field(default_factory=set)
    ladders: dict[str, list[Source]] = field(default_factory=dict)
    choices: dict[frozenset[Entity], str] = field(default_factory=dict)

    # What happens --------------------------------------------------------------------------------

    def deliver(self, connection: str, id: str, body: bytes, *, deleted: bool = False) -> None:
        """The last received version of a record is current, also when it had come before."""
        versions = [item for item in self.items if (item.connection, item.id) == (connection, id)]
        known = [item for item in versions if (item.body, item.deleted) == (body, deleted)]
        item = known[0] if known else Item(len(self.items), connection, id, body, deleted)
        if not known:
            self.items.append(item)
        self.current[connection, id] = item

    # Entities ------------------------------------------------------------------------------------

    def lives(self, item: Item) -> bool:
        return not item.deleted and self.current[item.connection, item.id] == item

    def outings(self) -> dict[Entity, Outing]:
        """Of the current items that yield an activity the smallest hash is shown, corrected."""
        best: dict[Entity, tuple[tuple[str, int], Outing]] = {}
        for item in filter(self.lives, self.items):
            for outing in self.yielded(item, Outing):
                mine = (item.rank, outing)
                entity = (item.connection, outing.key)
                best[entity] = min(mine, best.get(entity, mine))
        return {entity: outing for entity, (_, outing) in best.items()}

    def shown(self) -> dict[Entity, Outing]:
        return {
            entity: outing._replace(name=self.edits.get((entity, "name"), outing.name))
            for entity, outing in self.outings().items()
            if entity not in self.hidden
        }

    def yielded(self, item: Item, kind: type) -> list:
        return [thing for thing in self.decode(item.body) if isinstance(thing, kind)]

    # Samples -------------------------------------------------------------------------------------

    def counts(self, item: Item) -> bool:
        """Superseded versions still give samples, unless the vendor ever deleted the record."""
        deleted = any(other.deleted for other in self.items if other[1:3] == item[1:3])
        return self.lives(item) or not (item.deleted or deleted)

    def deliveries(self) -> Iterable[tuple[SeriesKey, tuple[int, int], Samples]]:
        """What gives samples to which series, with its revision. An activity's are replaced with
        it, so only current items count there."""
        for item in self.items:
            for given in self.yielded(item, Samples):
                if self.lives(item) if given.activity else self.counts(item):
                    key = (Source(item.connection, given.device), given.metric, given.activity)
                    yield key, (given.order, item.receipt), given

    def samples(self) -> dict[SeriesKey, dict[int, tuple[int, int]]]:
        """At each instant the greatest (revision, value), if no greater revision covers it."""
        best: dict[SeriesKey, dict[int, tuple]] = defaultdict(dict)
        covered: dict[SeriesKey, list] = defaultdict(list)
        for key, revision, given in self.deliveries():
            covered[key] += [(*given.covers, revision)] if given.covers else []
            for t, v, d in given.rows:
                best[key][t] = max((revision, v, d), best[key].get(t, ()))
        left = {
            key: {
                t: (v, d)
                for t, (revision, v, d) in rows.items()
                if not any(a <= t < b and revision < other for a, b, other in covered[key])
                and not self.hides(key, t)
            }
            for key, rows in best.items()
        }
        return {key: rows for key, rows in left.items() if rows}

    def hides(self, key: SeriesKey, t: int) -> bool:
        source, metric, activity = key
        if (source.connection, activity) in self.hidden:
            return True
        return any(
            (source, metric) == span[:2] and span[2] <= t < span[3] for span in self.hidden_spans
        )

    # Days ----------------------------------------------------------------------------------------

    def day(self, t: int) -> date:
        """By the wearer's clock: the offset an activity stated last; before, the first one."""
        said = sorted((o.start, o.offset) for o in self.outings().values() if o.offset is not None)
        stated = dict(said)  # the greatest of those of one instant
        minutes = [stated[at] for at in stated if at <= t] or list(stated.values())[:1]
        shifted = datetime.fromtimestamp(t / 1000, UTC) + timedelta(minutes=(minutes or [0])[-1])
        return shifted.date()

    def days(self) -> dict[tuple[str, date], float]:
        """The one value of each metric and day: the best-ranked source's, or united by minute."""
        by_metric: dict[str, dict[Source, dict[int, tuple[int, int]]]] = defaultdict(dict)
        for (source, metric, activity), rows in self.samples().items():
            if activity is None:
                by_metric[metric][source] = rows
        return {
            (metric, day): value
            for metric, sources in by_metric.items()
            for day, value in self.resolved(metric, sources).items()
        }

    def resolved(self, metric: str, sources: dict[Source, "Rows"]) -> dict[date, float]:
        worst_first = sorted(sources, key=lambda source: self.rank(metric, source), reverse=True)
        if metric == "steps":  # a minute belongs to the best source that has something for it
            minutes = merged(by_minute(sources[source]) for source in worst_first)
            return summed(self.day, minutes)
        return merged(FOLDS[metric](self.day, sources[source]) for source in worst_first)

    def rank(self, metric: str, source: Source) -> tuple[int, int]:
        ladder = self.ladders.get(metric, [])
        return (ladder.index(source) if source in ladder else len(ladder), self.tie_break(source))

    # Twins ---------------------------------------------------------------------------------------

    def are_twins(self, a: Entity, b: Entity) -> bool:
        """Whether two records are one event: as the person says, else by time."""
        said = self.choices.get(frozenset((a, b)))
        if said is not None:
            return said == "join"
        x, y = self.shown()[a], self.shown()[b]
        shared = min(x.end, y.end) - max(x.start, y.start)
        shorter, longer = sorted((x.end - x.start, y.end - y.start))
        return shared >= 0.8 * shorter and shorter >= 0.5 * longer


# A day of one source's rows ----------------------------------------------------------------------

Rows = dict[int, tuple[int, int]]
DayOf = Callable[[int], date]


def last(day_of: DayOf, rows: Rows) -> dict[date, float]:
    return {day_of(t): float(rows[t][0]) for t in sorted(rows)}


def time_weighted(day_of: DayOf, rows: Rows) -> dict[date, float]:
    """Each sample weighs as long as it stands: until the next one, at most HOLD."""
    weight: dict[date, int] = defaultdict(int)
    total: dict[date, int] = defaultdict(int)
    for t, (v, _) in rows.items():
        stood = min([other - t for other in rows if other > t] + [HOLD])
        weight[day_of(t)] += stood
        total[day_of(t)] += v * stood
    return {day: total[day] / weight[day] for day in weight}


def by_minute(rows: Rows) -> dict[int, int]:
    """An interval's value is spread evenly, in whole numbers that add up."""
    minutes: dict[int, int] = defaultdict(int)
    for t, (v, d) in rows.items():
        span = max(d, 1)
        given = 0
        for minute in range(t // MINUTE, (t + span - 1) // MINUTE + 1):
            until = min((minute + 1) * MINUTE - t, span)
            minutes[minute] += v * until // span - given
            given = v * until // span
    return minutes


def summed(day_of: DayOf, minutes: dict[int, int]) -> dict[date, float]:
    total: dict[date, float] = defaultdict(float)
    for minute, v in minutes.items():
        total[day_of(minute * MINUTE)] += v
    return dict(total)


def merged(parts: Iterable[dict]) -> dict:
    """Later parts win."""
    return {key: value for part in parts for key, value in part.items()}


FOLDS = {"heart_rate": time_weighted, "weight": last}
