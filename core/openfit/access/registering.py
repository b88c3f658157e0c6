"""Becoming somebody here: by invitation, or by oneself where the hub is open to that."""

from sqlalchemy import Connection

from openfit.access import passwords
from openfit.access.desk import Access
from openfit.access.refusals import NotAllowed, wrong_sign_in
from openfit.access.sessions import SignedIn, Where
from openfit.access.signing_in import TOO_MANY, Newcomer, begin, by_link, login, send_code
from openfit.errors import HubError, Refused
from openfit.store import people


def register(
    access: Access, who: Newcomer, invitation: str | None, where: Where
) -> SignedIn | None:
    """Somebody new, or with a known address the same as before: an account is never made twice
    and its password never replaced. None where a code was mailed instead of an answer."""
    if invitation is not None:
        return by_link(access, invitation, who, where)
    access.doors.knock("address", where.address)
    if access.hub.config.registration != "open":
        raise NotAllowed(
            "This hub takes in whom it invited.",
            code="by_invitation",
            next_step="Ask who runs it for an invitation, and open its link.",
        )
    if who.email is None:
        raise Refused("An account needs a mail address.", code="email", next_step="Send email.")
    if access.mailer is not None:
        mail_newcomer(access, who)
        return None
    if who.password is None:
        raise Refused(
            "Choose a password, as this hub sends no mail.",
            code="password",
            next_step="Send password.",
        )
    return with_password(access, who, who.email, who.password, where)


def mail_newcomer(access: Access, who: Newcomer) -> None:
    """A password is taken once the address is proven, not before: who registers another's
    address must not hold a key to what they make of it."""
    if who.password is not None:
        raise Refused(
            "The password comes with the code.",
            code="password_later",
            next_step="Register without it; send it to /auth/verify-otp beside the code.",
        )
    assert who.email is not None
    access.doors.sent.take(who.email, TOO_MANY)
    access.later(lambda conn: take_in(access, conn, who))


def take_in(access: Access, conn: Connection, who: Newcomer) -> None:
    assert who.email is not None
    people.hold_all(conn)
    if people.by_email(conn, who.email) is None:
        name = who.name or who.email.partition("@")[0]
        people.add(conn, name, access.now(), email=who.email)
    send_code(access, conn, who.email)


def with_password(
    access: Access, who: Newcomer, email: str, password: str, where: Where
) -> SignedIn:
    with access.hub.engine.connect() as conn:
        known = people.by_email(conn, email)
    if known is not None:
        return login(access, email, password, None, where)
    passwords.check(password, who.name or "", email)
    hashed = access.passwords.hash(password)

    def work(conn: Connection) -> SignedIn | HubError:
        people.hold_all(conn)
        if people.by_email(conn, email) is not None:
            return wrong_sign_in()
        name = who.name or email.partition("@")[0]
        user_id = people.add(conn, name, access.now(), email=email)
        people.change(conn, user_id, password=hashed)
        return begin(access, conn, user_id, "password", where)

    return access.settled(work)
