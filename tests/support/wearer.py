"""A wearer with a watch and a ring that disagree, for pages that show several sources.

Forty days without chance: a gap of the watch, a flight to +09:00 and back, a nap, a night that only
the ring saw.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from openfit.background import work
from openfit.config import Config
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, now_ms, open_hub, owner_id
from openfit.intake import storing
from openfit.intake.storing import Reading
from openfit.store import connections
from openfit.store.engine import write
from openfit.store.entities import Stamp
from openfit_schema.entities import Stage
from openfit_sdk.schema import Device, Metric, Sleep, Wellness

DAYS = 40
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
HOME, AWAY = "+01:00", "+09:00"
ABROAD = range(20, 25)
WATCH_OFF = range(10, 13)  # the watch lay in a drawer
NAP = 5
BIAS = 2.5  # bpm by which the watch reads more than the ring
CYCLE = (("light", 40), ("deep", 25), ("light", 20), ("rem", 15))
numbers = count(1)


def offset(n: int) -> str:
    return AWAY if n in ABROAD else HOME


def midnight(n: int) -> datetime:
    """The beginning of the wearer's n-th day."""
    return FIRST + timedelta(days=n) - timedelta(hours=9 if n in ABROAD else 1)


def resting(n: int) -> float:
    return 50.0 + n % 7


def stages(start: datetime, end: datetime) -> list[Stage]:
    found = [Stage(start=start, end=start + timedelta(minutes=10), stage="wake")]
    while found[-1].end < end:
        stage, minutes = CYCLE[(len(found) - 1) % len(CYCLE)]
        at = found[-1].end
        found.append(Stage(start=at, end=min(at + timedelta(minutes=minutes), end), stage=stage))
    return found


def night(n: int, device: str, late: int) -> Sleep:
    start = midnight(n) - timedelta(minutes=30 - late)
    end = midnight(n) + timedelta(hours=7)
    return Sleep(
        key=f"night-{n}",
        device=device,
        start=start,
        end=end,
        utc_offset=offset(n),
        kind="main",
        stages=stages(start, end),
    )


def of_watch() -> Iterator[object]:
    yield Device(key="w", type="watch", vendor="acme", model="Watch One")
    for n in range(DAYS):
        if n in WATCH_OFF:
            continue
        rates = [round(resting(n) + 5 + 20 * (36 <= m < 130)) for m in range(144)]
        yield Metric(
            key=f"rate-{n}",
            device="w",
            type="heart_rate",
            start=midnight(n),
            interval_ms=600_000,
            v=rates,
            utc_offset=offset(n),
        )
        yield night(n, "w", 6)
        yield daily(n, "w", resting(n) + BIAS)


def of_ring() -> Iterator[object]:
    yield Device(key="r", type="ring", vendor="acme", model="Ring Two")
    for n in range(DAYS):
        yield night(n, "r", 0)
        yield daily(n, "r", resting(n), hrv_rmssd_night=80.0 - resting(n) / 2)
        yield Metric(
            key=f"rate-{n}",
            device="r",
            type="heart_rate",
            start=midnight(n),
            interval_ms=300_000,
            v=[round(resting(n) + m % 4) for m in range(80)],
            utc_offset=offset(n),
        )
    nap = midnight(NAP) + timedelta(hours=13)
    yield Sleep(
        key="nap",
        device="r",
        start=nap,
        end=nap + timedelta(minutes=25),
        utc_offset=HOME,
        kind="nap",
    )


def daily(n: int, device: str, rate: float, **more: float) -> Wellness:
    day = (midnight(n) + timedelta(hours=12)).date()
    values = {"resting_heart_rate": rate, **more}
    return Wellness(key=f"day-{n}", device=device, day=day, values=values, utc_offset=offset(n))


def store(hub: Hub, account: str, entities: list[object]) -> None:
    """As the worker stores what a plugin yields."""
    user_id, number = owner_id(hub), next(numbers)
    with write(hub.engine) as conn:
        row = connections.ensure(conn, user_id, "fileimport", now_ms(), account=account)
    stamp = Stamp(user_id, row.connection_id, number, f"{number:064x}")
    with write(hub.engine) as conn:
        storing.apply(hub, conn, Reading(stamp, True, "1"), entities)


def lived(data: Path) -> None:
    """Fill a hub's folder, before it is served."""
    hub = open_hub(Config(data=data, database_url=f"sqlite:///{data / 'openfit.db'}"))
    store(hub, "watch", list(of_watch()))
    store(hub, "ring", list(of_ring()))
    with Hosts(hub) as hosts:
        work.drain(hub, hosts)
    hub.engine.dispose()
