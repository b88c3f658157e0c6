"""Several sources, one view. Pure: rows of every source in, the resolved value and its why out.

- cumulative metrics: per minute the best-ranked source that has data, gaps filled from the next
- point metrics and daily values: the best-ranked source of the user's ladder
- sessions: twin groups by overlap and likeness, which the user can join and split
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

DEFAULT_LADDER = (
    "strap", "band", "ring", "watch", "bike_computer", "scale", "phone", "app"
)  # fmt: skip
METHODS = ("manual", "reported", "computed")
OUTNUMBERED = 20  # times as many samples of one day: what is entered beside them is a spot reading

Int = NDArray[np.int64]
NOTHING = np.empty(0, np.int64)


class Candidate(Struct, frozen=True):
    """One source's value of one metric and day."""

    source_id: int
    device_type: str
    method: str
    value: float
    n: int


class Resolved(Struct, frozen=True):
    """The one value that is shown, and whose it is; None: united from several."""

    value: float
    n: int
    source_id: int | None
    method: str


def rank(source_id: int, device_type: str, ladder: Sequence[str]) -> tuple[int, int]:
    """Smaller is better. A source named in the ladder beats its type; the unnamed come last, by
    the default order of types."""
    steps = [str(source_id), device_type]
    named = [ladder.index(step) for step in steps if step in ladder]
    default = (
        DEFAULT_LADDER.index(device_type) if device_type in DEFAULT_LADDER else len(DEFAULT_LADDER)
    )
    return (min(named, default=len(ladder)), default)


def ladder_stamp(ladder: Sequence[str]) -> str:
    """Tells whether a cached value was resolved by this ladder."""
    return hashlib.blake2b("\0".join(ladder).encode(), digest_size=8).hexdigest()


def resolve(candidates: Iterable[Candidate], ladder: Sequence[str]) -> Resolved | None:
    """The best source's value; among one source's, the user's word, the vendor's, then ours.

    What a person entered goes before every device. Beside very many samples of a device it is one
    reading more and not the day: then it counts as the ladder says.
    """
    found = list(candidates)
    most = max((candidate.n for candidate in found), default=0)

    def order(candidate: Candidate) -> tuple[object, ...]:
        source = rank(candidate.source_id, candidate.device_type, ladder)
        word = candidate.method == "manual" and most < OUTNUMBERED * candidate.n
        return (not word, source, METHODS.index(candidate.method), candidate.source_id)

    best = min(found, key=order, default=None)
    if best is None:
        return None
    return Resolved(best.value, best.n, best.source_id, best.method)


def unite(by_rank: Sequence[tuple[Int, Int]]) -> tuple[Int, Int, Int]:
    """Union of minute totals, best source first: (minutes, values, index of the source).

    A minute in which a better source has data belongs to it alone: a phone and a watch that count
    the same steps are not added, and a watch on its charger does not lose the phone's.
    """
    minutes = np.concatenate([minutes for minutes, _ in by_rank] or [NOTHING])
    values = np.concatenate([values for _, values in by_rank] or [NOTHING])
    origin = np.repeat(np.arange(len(by_rank)), [minutes.size for minutes, _ in by_rank])
    order = np.lexsort((origin, minutes))
    minutes, values, origin = minutes[order], values[order], origin[order]
    _, first, size = np.unique(minutes, return_index=True, return_counts=True)
    best = origin == np.repeat(origin[first], size)
    return minutes[best], values[best], origin[best]


# Sessions ----------------------------------------------------------------------------------------


class Session(Struct, frozen=True):
    """What twin grouping looks at. Times in ms; `distance` in m."""

    id: str
    start: int
    end: int
    connection: str
    device: str = ""
    distance: float | None = None
    heart_rate: float | None = None
    richness: int = 0  # samples; the richer record leads


Choice = Literal["join", "split"]
MIN_OVERLAP = 0.8  # of the shorter one
DISTANCE_TOLERANCE = 0.05
HEART_RATE_TOLERANCE = 8.0  # bpm, of the averages


def alike(a: Session, b: Session) -> bool:
    """Whether two records look like the same event. The sport's name is not asked."""
    shorter = min(a.end - a.start, b.end - b.start)
    overlap = min(a.end, b.end) - max(a.start, b.start)
    if shorter <= 0 or overlap < MIN_OVERLAP * shorter:
        return False
    longer = max(a.end - a.start, b.end - b.start)
    if shorter < 0.5 * longer:
        return False
    if a.distance and b.distance:
        apart = abs(a.distance - b.distance)
        if apart > max(100.0, DISTANCE_TOLERANCE * max(a.distance, b.distance)):
            return False
    if a.heart_rate and b.heart_rate:
        return abs(a.heart_rate - b.heart_rate) <= HEART_RATE_TOLERANCE
    return True


def twin_groups(
    sessions: Sequence[Session], choices: Mapping[tuple[str, str], Choice] | None = None
) -> list[list[Session]]:
    """Groups of records of one event, the leading one first; a session alone is a group of one.

    The richest record leads and a group takes only who is alike to its leader, so likeness does
    not drift along a chain. The user's choices hold over any likeness: a joined pair is one group
    though nothing is alike, and no group holds a split pair.
    """
    choices = choices or {}
    groups: list[list[Session]] = []
    for cluster in clusters(sessions, choices):
        groups += grouped(cluster, choices)
    return sorted(groups, key=lambda group: (group[0].start, group[0].id))


def clusters(
    sessions: Sequence[Session], choices: Mapping[tuple[str, str], Choice]
) -> list[list[Session]]:
    """Sessions that touch in time or were joined by hand; only those need comparing."""
    found: list[list[Session]] = []
    home: dict[str, int] = {}
    end = 0
    for session in sorted(sessions, key=lambda s: (s.start, s.id)):
        if not found or session.start >= end:
            found.append([])
            end = session.end
        end = max(end, session.end)
        found[-1].append(session)
        home[session.id] = len(found) - 1
    for (a, b), choice in sorted(choices.items()):
        if choice == "join" and a in home and b in home and home[a] != home[b]:
            into, empty = home[a], home[b]
            home |= {session.id: into for session in found[empty]}
            found[into] += found[empty]
            found[empty] = []
    return [cluster for cluster in found if cluster]


def grouped(
    cluster: Sequence[Session], choices: Mapping[tuple[str, str], Choice]
) -> list[list[Session]]:
    groups: list[list[Session]] = []
    for session in sorted(cluster, key=lambda s: (-s.richness, s.start, s.id)):
        home = next((group for group in groups if belongs(session, group, choices)), None)
        if home is None:
            groups.append([session])
        else:
            home.append(session)
    return groups


def belongs(
    session: Session, group: Sequence[Session], choices: Mapping[tuple[str, str], Choice]
) -> bool:
    said = [choices.get(pair(session.id, other.id)) for other in group]
    if "split" in said:
        return False
    return "join" in said or alike(session, group[0])


def pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)
