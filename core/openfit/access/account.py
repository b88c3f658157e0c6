"""One's own account: name, address, password, and what happened to it."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.access import passwords
from openfit.access.addresses import normal
from openfit.access.codes import EMAIL
from openfit.access.desk import Access
from openfit.access.refusals import wrong_code, wrong_password
from openfit.access.sessions import Where
from openfit.access.signing_in import TOO_MANY, email_taken
from openfit.errors import HubError, Refused
from openfit.store import audit, codes, people, sessions
from openfit.store.entities import instant

JUST_NOW = 600_000  # ms


class Account(Struct, kw_only=True):
    id: int
    name: str
    email: str | None
    role: str
    has_password: bool
    has_totp: bool
    has_identity: bool


class Event(Struct, kw_only=True):
    at: datetime
    what: str
    detail: str
    address: str
    actor_id: int


def read(access: Access, user_id: int) -> Account:
    with access.hub.engine.connect() as conn:
        user = mine(conn, user_id)
    return Account(
        id=user.user_id,
        name=user.name,
        email=user.email,
        role=user.role,
        has_password=user.password is not None,
        has_totp=access.second.is_on(user),
        has_identity=user.subject is not None,
    )


def mine(conn: Connection, user_id: int) -> Row[Any]:
    user = people.get(conn, user_id)
    assert user is not None  # the guard found them
    return user


def rename(access: Access, user_id: int, name: str) -> None:
    access.settled(lambda conn: people.change(conn, user_id, name=name.strip()))


def prove(access: Access, user: Row[Any], password: str | None) -> None:
    """Who has a password says it again before they change how they come in."""
    if user.password is None:
        return
    access.doors.knock("account", user.email or str(user.user_id))
    if not access.passwords.matches(user.password, password or ""):
        raise wrong_password()


def prove_again(
    access: Access, user_id: int, session_id: str, password: str | None, totp: str | None
) -> bool:
    """Whether they show just now that it is they: by password and second factor, as far as there
    are any; else by a sign-in of moments ago. To renew a session is none."""
    user = found(access, user_id)
    prove(access, user, password)
    if access.second.is_on(user):
        access.settled(lambda conn: second_factor(access, conn, user_id, totp))
        return True
    with access.hub.engine.connect() as conn:
        session = sessions.find(conn, user_id, session_id)
    just_now = session is not None and access.now() - session.created_at <= JUST_NOW
    return just_now or user.password is not None


def second_factor(
    access: Access, conn: Connection, user_id: int, totp: str | None
) -> None | HubError:
    people.hold(conn, user_id)
    return access.second.check(conn, mine(conn, user_id), totp, access.now())


def found(access: Access, user_id: int) -> Row[Any]:
    with access.hub.engine.connect() as conn:
        return mine(conn, user_id)


def change_password(
    access: Access, user_id: int, session_id: str, current: str | None, new: str, where: Where
) -> None:
    """Ends all other sessions."""
    user = found(access, user_id)
    prove(access, user, current)
    passwords.check(new, user.name, user.email)
    hashed, now = access.passwords.hash(new), access.now()

    def work(conn: Connection) -> None:
        people.change(conn, user_id, password=hashed)
        sessions.end_all(conn, user_id, now, session_id)
        audit.note(conn, user_id, "password", now, address=where.address)

    access.settled(work)
    access.ways.forget()


# The address -------------------------------------------------------------------------------------


def change_email(
    access: Access, user_id: int, email: str, password: str | None, where: Where
) -> bool:
    """Whether it is done; else a code is on its way to the new address, which proves that it is
    one's own. Without mail only who has a password can say so."""
    user, email = found(access, user_id), normal(email)
    prove(access, user, password)
    if access.mailer is None:
        if user.password is None:
            raise Refused(
                "Choose a password first, as this hub sends no mail.",
                code="password",
                next_step="Set a password, then go on.",
            )
        access.settled(lambda conn: put_email(conn, user_id, email, access.now(), where))
        return True
    access.doors.sent.take(email, TOO_MANY)
    access.later(lambda conn: send_code(access, conn, user_id, email))
    return False


def send_code(access: Access, conn: Connection, user_id: int, email: str) -> None:
    people.hold(conn, user_id)
    code = access.codes.make(conn, user_id, EMAIL, access.now(), email)
    if code is not None and access.mailer is not None:
        access.mailer.send(email, "Your new address for OpenFit", EMAIL_MAIL.format(code=code))


EMAIL_MAIL = """\
{code}

With this code somebody who is signed in to OpenFit makes this address theirs, within ten minutes.
If it was not you, leave it.
"""


def confirm_email(access: Access, user_id: int, email: str, code: str, where: Where) -> None:
    email = normal(email)
    access.doors.tries.take(f"{user_id} {email}", TOO_MANY)
    now = access.now()

    def work(conn: Connection) -> None | HubError:
        people.hold_all(conn)
        people.hold(conn, user_id)
        row = codes.find(conn, user_id, EMAIL)
        if not access.codes.opens(row, user_id, EMAIL, code, now, email):
            access.codes.count_try(conn, user_id, EMAIL, now)
            return wrong_code()
        codes.spend(conn, user_id, EMAIL)
        return put_email(conn, user_id, email, now, where)

    access.settled(work)
    access.doors.tries.clear(f"{user_id} {email}")


def put_email(
    conn: Connection, user_id: int, email: str, now_ms: int, where: Where
) -> None | HubError:
    people.hold_all(conn)
    other = people.by_email(conn, email)
    if other is not None and other.user_id != user_id:
        return email_taken()
    people.change(conn, user_id, email=email)
    audit.note(conn, user_id, "email", now_ms, address=where.address)
    return None


# What happened ---------------------------------------------------------------------------------


def events(
    access: Access, user_id: int, limit: int, before: int | None
) -> tuple[list[Event], int | None]:
    access.settle()
    with access.hub.engine.connect() as conn:
        rows = audit.of_user(conn, user_id, limit, before)
    shown = [
        Event(
            at=instant(row.at),
            what=row.what,
            detail=row.detail,
            address=row.address,
            actor_id=row.actor_id,
        )
        for row in rows
    ]
    return shown, rows[-1].seq if len(rows) == limit else None
