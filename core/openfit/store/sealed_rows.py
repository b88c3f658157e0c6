"""Everything in the database that is sealed with the hub's key (`crypto.seal`), in one list."""

from collections.abc import Iterator
from typing import Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select, update

from openfit.store.tables import connections, settings, users

Kind = Literal["credentials", "second factor", "passphrase"]
PASSPHRASE = "hub.backup.passphrase"


class Sealed(Struct, frozen=True):
    """`name` is what the bytes are bound to."""

    kind: Kind
    user_id: int
    name: str
    body: bytes


def rows(conn: Connection) -> Iterator[Sealed]:
    mine = connections.c
    found = select(mine.user_id, mine.connection_id, mine.auth_state).order_by(mine.connection_id)
    for user_id, name, body in conn.execute(found.where(mine.auth_state.is_not(None))).all():
        yield Sealed("credentials", user_id, name, body)
    factors = select(users.c.user_id, users.c.totp).order_by(users.c.user_id)
    for user_id, body in conn.execute(factors.where(users.c.totp.is_not(None))).all():
        yield Sealed("second factor", user_id, f"totp:{user_id}", body)
    said = select(settings.c.user_id, settings.c.value).where(settings.c.name == PASSPHRASE)
    for user_id, value in conn.execute(said).all():
        yield Sealed("passphrase", user_id, PASSPHRASE, bytes.fromhex(msgspec.json.decode(value)))


def put(conn: Connection, one: Sealed, body: bytes) -> None:
    """The same, sealed anew."""
    if one.kind == "credentials":
        mine = (connections.c.user_id == one.user_id, connections.c.connection_id == one.name)
        conn.execute(update(connections).where(*mine).values(auth_state=body))
    elif one.kind == "second factor":
        conn.execute(update(users).where(users.c.user_id == one.user_id).values(totp=body))
    else:
        value = msgspec.json.encode(body.hex()).decode()
        mine = (settings.c.user_id == one.user_id, settings.c.name == one.name)
        conn.execute(update(settings).where(*mine).values(value=value))
