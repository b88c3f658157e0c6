"""What is sealed with the hub's key, all of it: whether that key opens it."""

from collections import Counter

from sqlalchemy import Connection

from openfit import crypto
from openfit.errors import SetupError
from openfit.store import sealed_rows
from openfit.store.sealed_rows import Kind, Sealed


def opened(key: bytes, one: Sealed) -> bytes | None:
    try:
        return crypto.unseal(key, one.body, one.name)
    except SetupError:
        return None


def unopened(conn: Connection, key: bytes) -> Counter[Kind]:
    """What this key does not open, as after a restore without the old one."""
    found = sealed_rows.rows(conn)
    return Counter(one.kind for one in found if opened(key, one) is None)


LOST: dict[Kind, str] = {
    "credentials": "credentials of sources ({n}): connect them again",
    "second factor": "second factors ({n}): these people come in by a recovery code, or by "
    '"openfit user reset-password"',
    "passphrase": "the passphrase of planned backups: say it again",
}


def said(lost: Counter[Kind]) -> list[str]:
    """What is to be done about each kind."""
    return [words.format(n=lost[kind]) for kind, words in LOST.items() if lost[kind]]
