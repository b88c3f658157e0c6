"""One's own second factor and identity at a sign-in service."""

from msgspec import Struct
from sqlalchemy import Connection

from openfit.access import totp
from openfit.access.account import found, mine, prove
from openfit.access.desk import Access
from openfit.access.sessions import Where
from openfit.errors import HubError, NotFound, Refused
from openfit.store import audit, people


class Offer(Struct):
    """For an authenticator app: by picture (SVG), by address, or typed in."""

    secret: str
    address: str
    picture: str


def offer_totp(access: Access, user_id: int, password: str | None) -> Offer:
    user = found(access, user_id)
    prove(access, user, password)
    if access.second.is_on(user):
        raise Refused(
            "A second factor is on already.", code="totp_on", next_step="Switch it off first."
        )
    secret = access.settled(lambda conn: access.second.offer(conn, user_id))
    address = totp.address(secret, user.email or user.name)
    return Offer(totp.spelt(secret), address, totp.picture(address))


def confirm_totp(access: Access, user_id: int, code: str, where: Where) -> list[str]:
    access.doors.knock("account", f"totp {user_id}")

    def work(conn: Connection) -> list[str] | HubError:
        people.hold(conn, user_id)
        made = access.second.confirm(conn, mine(conn, user_id), code, access.now())
        if made is None:
            return Refused(
                "That is not the code that the app shows now.",
                code="totp",
                next_step="Check the clock of the device, or ask for a new picture.",
            )
        audit.note(conn, user_id, "totp_on", access.now(), address=where.address)
        return made

    return access.settled(work)


def remove_totp(
    access: Access, user_id: int, password: str | None, code: str | None, where: Where
) -> None:
    user = found(access, user_id)
    prove(access, user, password)

    def work(conn: Connection) -> None | HubError:
        people.hold(conn, user_id)
        if objection := access.second.check(conn, mine(conn, user_id), code, access.now()):
            return objection
        access.second.remove(conn, user_id)
        audit.note(conn, user_id, "totp_off", access.now(), address=where.address)
        return None

    access.settled(work)


def remove_identity(access: Access, user_id: int, password: str | None, where: Where) -> None:
    user = found(access, user_id)
    prove(access, user, password)
    mail = access.mailer is not None
    if user.subject is None:
        raise NotFound("No sign-in service is linked to this account.", code="no_identity")
    if not (user.password or (user.email and mail)):
        raise Refused(
            "It is the only way in to this account.",
            code="last_way_in",
            next_step="Choose a password first.",
        )

    def work(conn: Connection) -> None:
        people.change(conn, user_id, subject=None)
        audit.note(conn, user_id, "identity_removed", access.now(), address=where.address)

    access.settled(work)
