"""Secrets at rest: AES-256-GCM with the key's id in front, bound to the row they belong to.

One key seals. While it takes the place of another, that one still opens what it sealed, wherever
both are said: in the file, a line each, or in the setting, with a space between.
"""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from openfit.errors import SetupError

KEY_FILE = "secret-key"
VERSION = b"\x01"
LENGTH = 32  # bytes


class Key(bytes):
    """The key that seals, and those before it, which open."""

    older: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, active: bytes, *older: bytes) -> "Key":
        key = cls(active)
        key.older = tuple(one for one in older if one != active)
        return key


def load_key(data: Path, setting: str | None) -> Key:
    """The master key: from the setting, else from a file made once, readable by its owner only."""
    if setting:
        return parse_keys(setting, "OPENFIT_SECRET_KEY")
    path = data / KEY_FILE
    if not path.exists():
        make_key(path)
    return parse_keys(path.read_text(), str(path))


def make_key(path: Path) -> None:
    """Whole or not at all; of two processes that make one, the first gets its way."""
    fresh = beside(path, secrets.token_bytes(LENGTH))
    try:
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()


def replace_keys(path: Path, key: Key) -> None:
    """Whole or not at all."""
    fresh = beside(path, key, *key.older)
    try:
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def beside(path: Path, *keys: bytes) -> Path:
    """A file of these, on disk, by a name of its own; of the same account as the one that is."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        if path.exists():
            os.fchown(descriptor, path.stat().st_uid, path.stat().st_gid)
        file.write("".join(f"{key.hex()}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return fresh


def parse_keys(text: str, where: str) -> Key:
    active, *older = [parse_key(word, where) for word in text.replace(",", " ").split() or [""]]
    return Key.of(active, *older)


def parse_key(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != LENGTH:
        raise SetupError(f"{where} must hold 64 hex digits (32 bytes).", code="secret_key")
    return key


def key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"openfit key id" + key).digest()[:4]


def seal(key: bytes, plain: bytes, row: str) -> bytes:
    """Encrypt for one row; moved to another row it does not open."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(12)
    return VERSION + key_id(key) + nonce + AESGCM(key).encrypt(nonce, plain, row.encode())


def unseal(key: bytes, sealed: bytes, row: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, body = sealed[5:17], sealed[17:]
    for one in (key, *getattr(key, "older", ())):
        if is_of(one, sealed):
            with suppress(InvalidTag):
                return AESGCM(one).decrypt(nonce, body, row.encode())
    raise SetupError(
        f"OPENFIT_SECRET_KEY does not open the saved credentials (key id {sealed[1:5].hex()}).",
        code="secret_key",
        next_step="Set the key that they were saved with, beside a newer one with a space between "
        'and then "openfit rotate-key"; or connect the source again.',
    )


def is_of(key: bytes, sealed: bytes) -> bool:
    """Whether this very key sealed it."""
    return sealed[:5] == VERSION + key_id(key)


def named(key: bytes, id: str) -> bytes:
    """Of a key and those before it the one that goes by this id, else the one that seals."""
    every = (key, *getattr(key, "older", ()))
    return next((one for one in every if key_id(one).hex() == id), key)
