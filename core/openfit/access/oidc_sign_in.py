"""Signing in by OpenID Connect: what the browser carries to the service and back, and whose
account an identity opens."""

import base64
import hmac
import re
import secrets
from typing import Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from openfit import crypto
from openfit.access.addresses import normal
from openfit.access.desk import Access
from openfit.access.oidc import Identity, Provider
from openfit.access.refusals import NotAllowed
from openfit.access.sessions import SignedIn, Where
from openfit.access.signing_in import begin
from openfit.errors import HubError, NotFound, Refused, SetupError
from openfit.store import audit, people

LIFE = 600_000  # ms
ROW = "oidc state"
# A place of this page, and never another site: `//host` and `/\\host` are other sites to a browser.
PLACE = re.compile(r"/(?![/\\])[\w./~%?=&:+,@-]*")


class Carried(Struct, frozen=True):
    """Sealed in a cookie, so that the answer can only be used by the browser that asked."""

    state: str
    nonce: str
    verifier: str
    to: str
    at: int
    user_id: int | None = None  # who adds the identity to their account


class Leaving(Struct, frozen=True):
    address: str
    cookie: str


class Came(Struct, frozen=True):
    to: str
    signed_in: SignedIn | None  # None where an identity was added


def provider_of(access: Access) -> Provider:
    if access.provider is None:
        raise NotFound(
            "This hub knows no sign-in service.",
            code="no_oidc",
            next_step="Set OPENFIT_OIDC_ISSUER and OPENFIT_OIDC_CLIENT_ID.",
        )
    return access.provider


def place(to: str | None) -> str:
    return to if to and PLACE.fullmatch(to) else "/"


def leave(
    access: Access, back: str, to: str | None, where: Where, user_id: int | None = None
) -> Leaving:
    """Where to send the browser, and what it brings back."""
    provider = provider_of(access)
    access.doors.knock("address", where.address)
    carried = Carried(
        secrets.token_urlsafe(24),
        secrets.token_urlsafe(24),
        secrets.token_urlsafe(48),
        place(to),
        access.now(),
        user_id,
    )
    sealed = crypto.seal(access.keyring.master, msgspec.msgpack.encode(carried), ROW)
    address = provider.address(back, carried.state, carried.nonce, carried.verifier)
    return Leaving(address, base64.urlsafe_b64encode(sealed).decode())


def opened(access: Access, cookie: str) -> Carried | None:
    try:
        sealed = base64.urlsafe_b64decode(cookie)
        plain = crypto.unseal(access.keyring.master, sealed, ROW)
        return msgspec.msgpack.decode(plain, type=Carried)
    except (ValueError, SetupError, msgspec.DecodeError):
        return None


def come_back(
    access: Access,
    back: str,
    cookie: str,
    said: dict[Literal["code", "state", "iss", "error"], str | None],
    where: Where,
) -> Came:
    provider = provider_of(access)
    carried = opened(access, cookie)
    fresh = carried is not None and access.now() - carried.at <= LIFE
    if carried is None or not fresh or not same(carried.state, said["state"]):
        raise Refused(
            "This sign-in was not begun in this browser, or too long ago.",
            code="state",
            next_step="Begin again on the sign-in page.",
        )
    if said["iss"] is not None and said["iss"] != provider.issuer:
        raise Refused(
            "Another service answered than was asked.",
            code="state",
            next_step="Begin again on the sign-in page.",
        )  # RFC 9207
    if said["error"] or not said["code"]:
        raise Refused(
            "The sign-in service did not let you in.",
            code="oidc_refused",
            next_step="Try again there, or come in another way.",
        )
    identity = provider.identity(said["code"], back, carried.nonce, carried.verifier)
    if carried.user_id is not None:
        add_to(access, carried.user_id, identity, where)
        return Came(carried.to, None)
    return Came(carried.to, access.settled(lambda conn: enter(access, conn, identity, where)))


def same(carried: str, said: str | None) -> bool:
    return hmac.compare_digest(carried.encode(), (said or "").encode())


def enter(
    access: Access, conn: Connection, identity: Identity, where: Where
) -> SignedIn | HubError:
    people.hold_all(conn)
    user = people.by_subject(conn, identity.subject)
    user_id = user.user_id if user else newly(access, conn, identity, where)
    if user_id is None or (user is not None and user.disabled):
        return NotAllowed(
            "Nobody here has this identity.",
            code="oidc_unknown",
            next_step="Sign in another way and add it under your account, or ask for an invitation "
            "to the address that the service knows.",
        )
    return begin(access, conn, user_id, "oidc", where)


def newly(access: Access, conn: Connection, identity: Identity, where: Where) -> int | None:
    """Whose account a new identity opens: of who was invited to its proven address and has no
    way in of their own yet, or a new one where anybody may register."""
    if identity.email is None:
        return None
    try:
        email = normal(identity.email)
    except Refused:
        return None
    known = people.by_email(conn, email)
    if known is None and access.hub.config.registration == "open":
        name = (identity.name or email.partition("@")[0])[:200]
        user_id = people.add(conn, name, access.now(), email=email)
    elif known is None or known.disabled or known.password or known.subject:
        return None
    else:
        user_id = known.user_id
    people.change(conn, user_id, subject=identity.subject)
    audit.note(conn, user_id, "identity_added", access.now(), address=where.address)
    return user_id


def add_to(access: Access, user_id: int, identity: Identity, where: Where) -> None:
    def work(conn: Connection) -> None | HubError:
        people.hold_all(conn)
        other = people.by_subject(conn, identity.subject)
        if other is not None and other.user_id != user_id:
            return Refused(
                "This identity belongs to another account here.",
                code="oidc_taken",
                next_step="Sign in with it, or link another one.",
            )
        people.change(conn, user_id, subject=identity.subject)
        audit.note(conn, user_id, "identity_added", access.now(), address=where.address)
        return None

    access.settled(work)
