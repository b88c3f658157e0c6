"""What people ask of each other and of the hub: use cases over `granting` and `household`."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection

from openfit.access import granting, household
from openfit.access.desk import Access
from openfit.access.links import page_link
from openfit.access.sessions import Where
from openfit.errors import HubError
from openfit.store import access_log, grants, people
from openfit.store.entities import instant


class Look(Struct, kw_only=True):
    """One line of the access log: an hour, somebody, a route, and how often."""

    hour: datetime
    person_id: int
    person: str | None
    route: str
    grant_id: str
    n: int
    last_at: datetime


def people_seen(access: Access, user_id: int) -> list[granting.Seen]:
    with access.hub.engine.connect() as conn:
        return granting.visible(conn, user_id, access.now())


def given(access: Access, user_id: int) -> list[granting.Grant]:
    now = access.now()
    with access.hub.engine.connect() as conn:
        return [granting.shown(row, now) for row in grants.given(conn, user_id)]


def give(access: Access, user_id: int, wish: granting.Wish, where: Where) -> tuple[str, str | None]:
    granting.check(access.hub, wish, access.now())
    made = access.settled(lambda conn: granting.give(conn, user_id, wish, access.now(), where))
    grant_id, token = made
    return grant_id, token and page_link(access.hub.config, token, "grants")


def accept(access: Access, user_id: int, token: str, where: Where) -> int:
    access.doors.knock("link", where.address)
    return access.settled(lambda conn: granting.accept(conn, user_id, token, access.now(), where))


def revoke(access: Access, user_id: int, grant_id: str, where: Where) -> None:
    access.settled(lambda conn: granting.revoke(conn, user_id, grant_id, access.now(), where))


def looks(
    access: Access, user_id: int, hours: int, before: int | None
) -> tuple[list[Look], int | None]:
    access.booking.flush()
    with access.hub.engine.connect() as conn:
        rows = access_log.of_user(conn, user_id, hours, before)
    items = [
        Look(
            hour=instant(row.hour),
            person_id=row.actor_id,
            person=row.name,
            route=row.route,
            grant_id=row.grant_id,
            n=row.n,
            last_at=instant(row.last_at),
        )
        for row in rows
    ]
    full = len({row.hour for row in rows}) == hours
    return items, rows[-1].hour if full else None


# For the owner of the hub ------------------------------------------------------------------------


def members(access: Access) -> list[household.Member]:
    with access.hub.engine.connect() as conn:
        return [household.shown(row, access.hub.config) for row in people.rows(conn)]


def invite(
    access: Access, actor_id: int, name: str, email: str | None, role: str
) -> tuple[int, str]:
    def work(conn: Connection) -> tuple[int, str] | HubError:
        config, now = access.hub.config, access.now()
        return household.invite(conn, config, name, email, role, now, actor_id)

    user_id, link = access.settled(work)
    if email is not None and access.mailer is not None:
        access.mailer.send(email, "You are invited to OpenFit", INVITATION.format(link=link))
    return user_id, link


INVITATION = """\
Somebody who runs an OpenFit hub has made room for you there. Come in by this link, once, within
seven days:

{link}
"""


def change_member(
    access: Access, actor_id: int, user_id: int, role: str | None, disabled: bool | None
) -> household.Member:
    def work(conn: Connection) -> None | HubError:
        now = access.now()
        return household.change(conn, user_id, now, actor_id, role=role, disabled=disabled)

    access.settled(work)
    access.ways.forget()
    with access.hub.engine.connect() as conn:
        return household.shown(household.get(conn, user_id), access.hub.config)


def link_for(access: Access, actor_id: int, user_id: int) -> str:
    def work(conn: Connection) -> str:
        user = household.get(conn, user_id)
        return household.new_link(conn, access.hub.config, user, access.now(), actor_id)

    return access.settled(work)
