"""The dated profile: thresholds, sex, date of birth, home time zone. Nothing in it is guessed.

A value holds from its day until the next one of its field, so that a new threshold leaves last
year's zones alone. What rests on a changed value is analysed again from that day on.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from openfit.errors import NotFound, Refused
from openfit.hub import Hub
from openfit.store import days
from openfit.store import profile as store
from openfit.store.engine import retrying, write

FIRST, FAR = date(1900, 1, 1), date(9999, 1, 1)


class Field(Struct, frozen=True):
    """One thing that a person can say of themselves."""

    name: str
    unit: str
    check: Callable[[Any], Any]  # the value as it is stored; ValueError with a sentence


def between(low: float, high: float) -> Callable[[Any], Any]:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("is a number")
        if not low <= value <= high:
            raise ValueError(f"lies between {low:g} and {high:g}")
        return value

    return check


def whole_between(low: int, high: int) -> Callable[[Any], Any]:
    def check(value: Any) -> int:
        if between(low, high)(value) != int(value):
            raise ValueError("is a whole number")
        return int(value)

    return check


def rising_bounds(value: Any) -> list[float]:
    if not isinstance(value, list) or len(value) != 5:
        raise ValueError("are five numbers: where each of the zones 1 to 5 begins")
    bounds = [between(30, 250)(one) for one in value]
    if any(a >= b for a, b in zip(bounds, bounds[1:], strict=False)):
        raise ValueError("rise from each zone to the next")
    return bounds


def one_of(*words: str) -> Callable[[Any], Any]:
    def check(value: Any) -> str:
        if value not in words:
            raise ValueError(f"is one of: {', '.join(words)}")
        return str(value)

    return check


def day_of_birth(value: Any) -> str:
    try:
        born = date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("is written as 1984-05-23") from None
    if not date(1900, 1, 1) <= born:
        raise ValueError("lies after 1900")
    return born.isoformat()


def zone_name(value: Any) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (KeyError, ValueError, OSError):
        raise ValueError("is an IANA name such as Europe/Berlin") from None


FIELDS = {
    "max_heart_rate": Field("Highest heart rate", "/min", between(80, 250)),
    "resting_heart_rate": Field("Resting heart rate", "/min", between(20, 120)),
    "lactate_threshold_heart_rate": Field(
        "Heart rate at lactate threshold", "/min", between(60, 230)
    ),
    "functional_threshold_power": Field("Functional threshold power", "W", between(20, 800)),
    "heart_rate_zones": Field("Heart-rate zones", "/min", rising_bounds),
    "height": Field("Height", "m", between(0.5, 2.8)),
    "step_goal": Field("Steps a day to reach", "{steps}", whole_between(1000, 50_000)),
    "sex": Field("Sex", "", one_of("female", "male")),
    "birth_date": Field("Date of birth", "", day_of_birth),
    "zone": Field("Home time zone", "", zone_name),
}
ALWAYS = {"birth_date"}  # holds for all of a life, whenever it is said


class Statement(Struct, frozen=True):
    """What holds from a day on."""

    field: str
    name: str
    unit: str
    value: Any
    since: date


def statements(conn: Connection, user_id: int) -> list[Statement]:
    """All that was said, each field's newest first."""
    found = store.read(conn, user_id).values
    return [
        Statement(name, field.name, field.unit, value, since)
        for name, field in FIELDS.items()
        for since, value in reversed(found.get(name, []))
    ]


def known_field(field: str) -> Field:
    if field not in FIELDS:
        raise NotFound(
            f"There is no {field!r} in a profile.",
            code="no_field",
            next_step=f"Fields are: {', '.join(FIELDS)}.",
        )
    return FIELDS[field]


def state(hub: Hub, user_id: int, field: str, value: Any, since: date) -> None:
    """Set a value from a day on."""
    change(hub, user_id, {field: value}, since)


def change(hub: Hub, user_id: int, said: dict[str, Any], since: date) -> None:
    """Set several values from a day on, all of them or none. None takes back what holds from
    that very day, where anything does."""
    checked = {field: fitting(field, value) for field, value in said.items()}

    def commit() -> None:
        with write(hub.engine) as conn:
            for field, value in checked.items():
                day = date(1900, 1, 1) if field in ALWAYS else since
                if value is None:
                    store.remove(conn, user_id, field, day)
                else:
                    store.put(conn, user_id, field, day, value)
                changed(conn, user_id, field, day)

    retrying(commit)


def fitting(field: str, value: Any) -> Any:
    kind = known_field(field)
    if value is None:
        return None
    try:
        return kind.check(value)
    except ValueError as error:
        raise Refused(
            f"{kind.name} {error}.",
            code="invalid",
            next_step="Send a value that fits; null takes it back.",
        ) from None


def from_words(
    hub: Hub, user_id: int, field: str, value: str | None, since: str | None, *, remove: bool
) -> None:
    """As the command line says it: `max_heart_rate 188 --since 2026-01-31`."""
    known_field(field)
    try:
        day = date.fromisoformat(since) if since else date.today()
    except ValueError:
        raise Refused(
            f"{since!r} is no day; write it as 2026-01-31.",
            code="invalid",
            next_step="Give the day from which it holds.",
        ) from None
    if remove:
        withdraw(hub, user_id, field, day)
    elif value is None:
        raise Refused(f"What is {field} to be?", code="invalid", next_step="Give a value.")
    else:
        try:
            state(hub, user_id, field, msgspec.json.decode(value), day)
        except msgspec.DecodeError:
            state(hub, user_id, field, value, day)


def withdraw(hub: Hub, user_id: int, field: str, since: date) -> None:
    """Take a value back: what held before holds on."""
    known_field(field)

    def commit() -> None:
        with write(hub.engine) as conn:
            if not store.remove(conn, user_id, field, since):
                raise NotFound(f"Nothing was said of {field} from {since} on.", code="no_value")
            changed(conn, user_id, field, since)

    retrying(commit)


def changed(conn: Connection, user_id: int, field: str, since: date) -> None:
    """What rests on the value is made anew, from a day before it: days are not those of UTC."""
    if field == "zone":
        days.clock_stale(conn, user_id, True)
    days.mark_spans(conn, user_id, days.ACTIVITIES, [(max(since, FIRST) - timedelta(days=1), FAR)])
