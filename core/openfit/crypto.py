"""Secrets at rest: AES-256-GCM with the key's id in front, bound to the row they belong to."""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from openfit.errors import SetupError

KEY_FILE = "secret-key"
VERSION = b"\x01"


def load_key(data: Path, setting: str | None) -> bytes:
    """The master key: from the setting, else from a file made once, readable by its owner only."""
    if setting:
        return parse_key(setting, "OPENFIT_SECRET_KEY")
    path = data / KEY_FILE
    if not path.exists():
        make_key(path)
    return parse_key(path.read_text().strip(), str(path))


def make_key(path: Path) -> None:
    """Whole or not at all; of two processes that make one, the first gets its way."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()


def parse_key(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
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

    named, nonce, body = sealed[1:5], sealed[5:17], sealed[17:]
    try:
        if sealed[:1] == VERSION and named == key_id(key):
            return AESGCM(key).decrypt(nonce, body, row.encode())
    except InvalidTag:
        pass
    raise SetupError(
        f"OPENFIT_SECRET_KEY does not open the saved credentials (key id {named.hex()}).",
        code="secret_key",
        next_step="Set the key that they were saved with, or connect the source again.",
    )
