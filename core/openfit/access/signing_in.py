"""Coming in: by link, by password, by code; and going out."""

from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.access import passwords
from openfit.access.addresses import normal
from openfit.access.codes import SIGN_IN as CODE
from openfit.access.desk import Access
from openfit.access.links import INVITE, SETUP, SIGN_IN, WAYS_IN, awaits_owner
from openfit.access.refusals import wrong_code, wrong_link, wrong_sign_in
from openfit.access.sessions import How, SignedIn, Where
from openfit.errors import HubError, Refused
from openfit.store import audit, codes, keys, links, people, sessions

TOO_MANY = "Too many codes were asked for or tried."


class LinkInfo(Struct):
    """What a link is for, before it is used."""

    purpose: Literal["setup", "invite", "sign_in"]
    name: str
    email: str | None


class Newcomer(Struct, frozen=True):
    name: str | None = None
    email: str | None = None  # normal
    password: str | None = None


# By link -----------------------------------------------------------------------------------------


def look(access: Access, token: str, where: Where) -> LinkInfo:
    access.doors.knock("link", where.address)
    with access.hub.engine.connect() as conn:
        user, purpose = link_of(conn, token, access.now())
    return LinkInfo(purpose, user.name, user.email)


def link_of(
    conn: Connection, token: str, now_ms: int
) -> tuple[Row[tuple[object, ...]], Literal["setup", "invite", "sign_in"]]:
    found = links.find(conn, token, now_ms)
    if found is None or found.purpose not in WAYS_IN:
        raise wrong_link()
    user = people.get(conn, found.user_id)
    if user is None or user.disabled:
        raise wrong_link()
    return user, found.purpose


def by_link(
    access: Access, token: str, who: Newcomer, where: Where, totp: str | None = None
) -> SignedIn:
    """Use a link up: say who one is and how one comes in from now on. A second factor that is on
    is asked for: an owner makes links, and is to come by none of them past it."""
    purpose = look(access, token, where).purpose
    with access.hub.engine.connect() as conn:
        user, _ = link_of(conn, token, access.now())
    check_newcomer(access, user, purpose, who)
    hashed = access.passwords.hash(who.password) if who.password is not None else None
    now = access.now()

    def work(conn: Connection) -> SignedIn | HubError:
        people.hold_all(conn)
        people.hold(conn, user.user_id)
        user_id, found = user.user_id, links.find(conn, token, now)
        theirs = people.get(conn, user_id)
        if found is None or theirs is None:
            return wrong_link()
        if objection := access.second.check(conn, theirs, totp, now):
            return objection
        if not links.spend(conn, user_id, found.token_hash, now):
            return wrong_link()
        if who.email and who.email != user.email and people.by_email(conn, who.email):
            raise email_taken()  # nothing of this is kept, so the link can be used again
        values = {"name": who.name, "email": who.email, "password": hashed}
        if given := {name: value for name, value in values.items() if value is not None}:
            people.change(conn, user_id, **given)
        if hashed is not None:
            sessions.end_all(conn, user_id, now)
            audit.note(conn, user_id, "password", now, address=where.address)
        return begin(access, conn, user_id, "link", where)

    signed_in = access.settled(work)
    access.ways.forget()
    return signed_in


def check_newcomer(
    access: Access, user: Row[tuple[object, ...]], purpose: str, who: Newcomer
) -> None:
    """An address that nobody proved is one's own must not become the only way in."""
    if purpose == SIGN_IN and (who.name or who.email):
        raise Refused(
            "This link signs in; it changes no name and no address.",
            code="link_purpose",
            next_step="Leave name and email out; change them once signed in.",
        )
    if purpose == INVITE and user.email and who.email not in (None, user.email):
        raise Refused(
            "This invitation is for another address.",
            code="email",
            next_step="Use the address that was invited, or leave email out.",
        )
    if purpose == INVITE and who.password is None and not (user.email and access.mailer):
        raise Refused(
            "Choose a password, as there is no other way in yet.",
            code="password",
            next_step="Send password.",
        )
    if who.password is not None:
        passwords.check(who.password, who.name or user.name, who.email or user.email)


def begin(access: Access, conn: Connection, user_id: int, how: How, where: Where) -> SignedIn:
    user = people.get(conn, user_id)
    assert user is not None
    if how != "link":
        links.drop(conn, user_id, SETUP)
    return access.sessions.begin(conn, user, how, where, access.now())


def email_taken() -> Refused:
    return Refused(
        "Somebody here has that address already.",
        code="email_taken",
        next_step="Take another one, or sign in with it.",
    )


# By password -------------------------------------------------------------------------------------


def login(access: Access, email: str, password: str, totp: str | None, where: Where) -> SignedIn:
    email = normal(email)
    access.doors.knock("address", where.address)
    access.doors.knock("account", email)
    with access.hub.engine.connect() as conn:
        user = people.by_email(conn, email)
    fits = access.passwords.matches(user.password if user else None, password)
    if user is None or not fits or user.disabled:
        if user is not None:
            failed(access, user.user_id, "password", where)
        raise wrong_sign_in()
    renewed = access.passwords.hash(password) if access.passwords.is_old(user.password) else None

    def work(conn: Connection) -> SignedIn | HubError:
        people.hold(conn, user.user_id)
        now = people.get(conn, user.user_id)
        if now is None or now.disabled or now.password != user.password:
            return wrong_sign_in()
        if objection := access.second.check(conn, now, totp, access.now()):
            return objection
        if renewed is not None:
            people.change(conn, user.user_id, password=renewed)
        return begin(access, conn, user.user_id, "password", where)

    return access.settled(work)


def failed(access: Access, user_id: int, how: str, where: Where) -> None:
    """Noted behind the answer: a write for known addresses alone could be timed."""
    at = access.now()
    access.later(
        lambda conn: audit.note(
            conn, user_id, "sign_in_failed", at, detail=how, address=where.address
        )
    )


def refresh(access: Access, token: str, where: Where) -> SignedIn:
    def work(conn: Connection) -> SignedIn | HubError:
        return access.sessions.refresh(conn, token, where, access.now())

    try:
        return access.settled(work)
    except HubError:
        access.ways.forget()  # it may have ended a session
        raise


def logout(access: Access, refresh_token: str, where: Where) -> None:
    """End the session of this token; of one that is not known there is nothing to end."""

    def work(conn: Connection) -> None:
        found = sessions.find_token(conn, keys.hashed(refresh_token))
        if found and sessions.end(conn, found.user_id, found.session_id, access.now()):
            audit.note(conn, found.user_id, "sign_out", access.now(), address=where.address)

    access.settled(work)
    access.ways.forget()


# By code -----------------------------------------------------------------------------------------


def is_setting_up(access: Access) -> bool:
    if access.hub.config.setup:
        return True
    with access.hub.engine.connect() as conn:
        return awaits_owner(conn, access.hub.config)


def request_code(access: Access, email: str, where: Where) -> None:
    """The same answer for every address; the rest happens behind it."""
    email = normal(email)
    access.doors.knock("address", where.address)
    if access.mailer is None and not is_setting_up(access):
        raise Refused(
            "This hub sends no mail, so it cannot send a code.",
            code="no_mail",
            next_step="Sign in with a password, or ask who runs the hub for a link.",
        )
    access.doors.sent.take(email, TOO_MANY)
    access.later(lambda conn: send_code(access, conn, email))


def send_code(access: Access, conn: Connection, email: str) -> None:
    user = people.by_email(conn, email)
    if user is None or user.disabled:
        return
    people.hold(conn, user.user_id)
    code = access.codes.make(conn, user.user_id, CODE, access.now())
    if code is None:
        return
    if access.mailer is not None:
        access.mailer.send(email, "Your code for OpenFit", CODE_MAIL.format(code=code))
    elif is_setting_up(access):
        print(f"OpenFit: the code of {user.name!r} is {code}, for ten minutes.", flush=True)


CODE_MAIL = """\
{code}

This code signs you in to OpenFit within ten minutes, once.
If you did not ask for it, leave it; nobody comes in without it.
"""


def verify_code(
    access: Access,
    email: str,
    code: str,
    where: Where,
    totp: str | None = None,
    password: str | None = None,
) -> SignedIn:
    """Trade a code for a session. `password` becomes the account's, if it has none."""
    email = normal(email)
    access.doors.knock("address", where.address)
    access.doors.tries.take(email, TOO_MANY)
    with access.hub.engine.connect() as conn:
        user = people.by_email(conn, email)
        user_id = user.user_id if user else 0
        row = codes.find(conn, user_id, CODE)
    opens = access.codes.opens(row, user_id, CODE, code, access.now(), "")
    if user is None or user.disabled or not opens:
        if user is not None:
            count(access, user_id, where)
        raise wrong_code()
    hashed = first_password(access, user, password)

    def work(conn: Connection) -> SignedIn | HubError:
        people.hold(conn, user_id)
        now, row = people.get(conn, user_id), codes.find(conn, user_id, CODE)
        still = access.codes.opens(row, user_id, CODE, code, access.now(), "")
        if now is None or now.disabled or not still:
            return wrong_code()
        if objection := access.second.check(conn, now, totp, access.now()):
            return objection
        codes.spend(conn, user_id, CODE)
        if hashed is not None and now.password is None:
            people.change(conn, user_id, password=hashed)
            audit.note(conn, user_id, "password", access.now(), address=where.address)
        return begin(access, conn, user_id, "code", where)

    signed_in = access.settled(work)
    access.doors.tries.clear(email)
    access.doors.sent.clear(email)
    return signed_in


def first_password(
    access: Access, user: Row[tuple[object, ...]], password: str | None
) -> str | None:
    if password is None or user.password is not None:
        return None
    passwords.check(password, user.name, user.email)
    return access.passwords.hash(password)


def count(access: Access, user_id: int, where: Where) -> None:
    at = access.now()
    access.later(lambda conn: access.codes.count_try(conn, user_id, CODE, at))
    failed(access, user_id, "code", where)
