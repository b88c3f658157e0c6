"""What is sealed with the hub's key, all of it: whether that key opens it, and putting another
key in its place.

A new key is written in front of the old one before any row changes, and the old one is taken out
after all of them did. Whatever is killed between, one of the two opens everything, and the same
command goes on where it was.
"""

import os
import secrets
from collections import Counter
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from sqlalchemy import Connection, Engine

from openfit import crypto
from openfit.config import Config
from openfit.crypto import KEY_FILE, Key
from openfit.errors import Refused, SetupError
from openfit.leaving import in_use
from openfit.store import engine as databases
from openfit.store import sealed_rows
from openfit.store.engine import HEAD, write
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


# Another key -------------------------------------------------------------------------------------


class Resealed(Struct, frozen=True):
    """`lost` was opened by no key before, and is as it was. `kept` is where the old key lies."""

    scanned: int
    resealed: int
    lost: Counter[Kind]
    kept: Path | None = None


def rotate(config: Config) -> Resealed:
    """Seal everything with a new key, of the file or, where the setting says keys, its first."""
    with in_use.alone(config.data):
        opened = databases.create(config.database_url)
        try:
            refuse_old(opened)
            if config.secret_key:
                return reseal(opened, of_setting(config))
            return by_file(opened, config.data / KEY_FILE)
        finally:
            opened.dispose()


def refuse_old(engine: Engine) -> None:
    with engine.connect() as conn:
        found = databases.revision_of(conn)
    if found != HEAD:
        raise Refused(
            f"This database is at revision {found or 'none'}, not at {HEAD}.",
            code="revision",
            next_step='Run "openfit migrate" first.',
        )


def of_setting(config: Config) -> Key:
    key = crypto.load_key(config.data, config.secret_key)
    if not key.older:
        raise Refused(
            "OPENFIT_SECRET_KEY says one key, so there is none to take its place.",
            code="one_key",
            next_step='Set it to a new one and the old one, with a space between ("openssl rand '
            '-hex 32" makes one), run this again, then take the old one out.',
        )
    return key


def by_file(engine: Engine, path: Path) -> Resealed:
    both = begin(path)
    done = reseal(engine, both)
    for older in both.older:
        keep(path, older)
    crypto.replace_keys(path, Key.of(both))
    return Resealed(done.scanned, done.resealed, done.lost, old_key(path, both.older[0]))


def begin(path: Path) -> Key:
    """A new key in front of the old one, or those of a time before that did not get to its end."""
    key = crypto.load_key(path.parent, None)
    if key.older:
        return key
    keep(path, key)
    both = Key.of(secrets.token_bytes(crypto.LENGTH), key)
    crypto.replace_keys(path, both)
    return both


def keep(path: Path, key: bytes) -> None:
    """Beside the file: backups that were made until now want it."""
    fresh = crypto.beside(path, key)
    try:
        with suppress(FileExistsError):
            os.link(fresh, old_key(path, key))
    finally:
        fresh.unlink()


def old_key(path: Path, key: bytes) -> Path:
    return path.with_name(f"{path.name}.{crypto.key_id(key).hex()}")


def reseal(engine: Engine, key: Key) -> Resealed:
    """All in one transaction. What the active key sealed already stays as it is."""
    scanned, resealed, lost = 0, 0, Counter[Kind]()
    with write(engine) as conn:
        for one in sealed_rows.rows(conn):
            scanned += 1
            plain = opened(key, one)
            if plain is None:
                lost[one.kind] += 1
            elif not crypto.is_of(key, one.body):
                sealed_rows.put(conn, one, crypto.seal(key, plain, one.name))
                resealed += 1
    return Resealed(scanned, resealed, lost)
