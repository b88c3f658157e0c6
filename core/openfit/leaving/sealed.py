"""Encryption of a backup: AES-256-GCM in chunks, so that any size is sealed and opened in passing.

The chunks are a STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): a chunk's nonce is a random
prefix, its number, and whether it is the last, so that none can be moved, left out or cut off.
The head, a line of text and one of JSON, is bound to each chunk as associated data.

The cipher's library is 8 MB of memory, so it is loaded with the first backup and not with the hub.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from typing import IO

import msgspec
from msgspec import Struct

from openfit import crypto
from openfit.errors import Refused

MAGIC = b"openfit sealed 1\n"
CHUNK = 1024 * 1024
TAG = 16
LONGEST_HEAD = 1024
SCRYPT = (2**16, 8, 2)  # n, r, p: 64 MB for some tenths of a second
WIDEST = 2**20  # of n that is accepted when a file asks for it
DAMAGED = "Take another backup; this one cannot be trusted."


class Head(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the key is found, and that it is the right one."""

    key: str  # "passphrase", or "hub" and the key's id
    salt: str
    nonce: str
    check: str
    n: int = 0
    r: int = 0
    p: int = 0


class Secret(Struct, frozen=True):
    """What opens a backup: a passphrase, or the hub's own key."""

    passphrase: str | None = None
    hub_key: bytes | None = None


def cut_off(what: str) -> Refused:
    return Refused(
        f"{what} ends too early: some of it is missing.", code="cut_off", next_step=DAMAGED
    )


def damaged(what: str, at: str) -> Refused:
    return Refused(f"{what} is damaged {at}.", code="damaged", next_step=DAMAGED)


def derived(secret: Secret, head: Head) -> bytes:
    salt = bytes.fromhex(head.salt)
    if head.key == "passphrase":
        assert secret.passphrase is not None
        memory = 256 * head.n * head.r * max(1, head.p)
        return hashlib.scrypt(
            secret.passphrase.encode(),
            salt=salt,
            n=head.n,
            r=head.r,
            p=head.p,
            maxmem=memory,
            dklen=32,
        )
    assert secret.hub_key is not None
    of_hub = crypto.named(secret.hub_key, head.key.removeprefix("hub "))
    return hmac.digest(of_hub, b"openfit backup" + salt, "sha256")


def check_of(key: bytes) -> str:
    return hmac.digest(key, b"openfit backup key", "sha256")[:8].hex()


def new_head(secret: Secret) -> tuple[bytes, Head]:
    n, r, p = SCRYPT if secret.passphrase is not None else (0, 0, 0)
    named = "passphrase"
    if secret.passphrase is None:
        assert secret.hub_key is not None
        named = f"hub {crypto.key_id(secret.hub_key).hex()}"
    salt, nonce = os.urandom(16).hex(), os.urandom(7).hex()
    head = Head(key=named, salt=salt, nonce=nonce, check="", n=n, r=r, p=p)
    key = derived(secret, head)
    return key, msgspec.structs.replace(head, check=check_of(key))


class Sealer:
    """Takes plain bytes and hands sealed ones on."""

    def __init__(self, write: Callable[[bytes], object], secret: Secret) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key, head = new_head(secret)
        self.head = MAGIC + msgspec.json.encode(head) + b"\n"
        self.cipher, self.prefix = AESGCM(key), bytes.fromhex(head.nonce)
        self.sink, self.number, self.left = write, 0, bytearray()
        self.sink(self.head)

    def write(self, body: bytes) -> None:
        self.left += body
        while len(self.left) > CHUNK:  # the last chunk is sealed as such, so one is kept back
            self.emit(bytes(self.left[:CHUNK]), last=False)
            del self.left[:CHUNK]

    def emit(self, body: bytes, *, last: bool) -> None:
        nonce = nonce_of(self.prefix, self.number, last=last)
        self.sink(self.cipher.encrypt(nonce, body, self.head))
        self.number += 1

    def close(self) -> None:
        self.emit(bytes(self.left), last=True)


def nonce_of(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


class Opened:
    """Reads the plain bytes of a sealed file. What it gives out is authentic; that nothing is
    missing is known once it says that there is no more."""

    def __init__(self, file: IO[bytes], secret: Secret, what: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.file, self.what = file, what
        self.head, head = read_head(file, what)
        key = key_for(secret, head, what)
        self.cipher, self.prefix = AESGCM(key), bytes.fromhex(head.nonce)
        self.number, self.plain, self.at = 0, b"", 0
        self.ahead = file.read(CHUNK + TAG)

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        while self.at >= len(self.plain):
            if not self.ahead:
                return b""
            self.plain, self.at = self.next_chunk(), 0
        found = self.plain[self.at : self.at + size]
        self.at += len(found)
        return found

    def next_chunk(self) -> bytes:
        from cryptography.exceptions import InvalidTag

        sealed, self.ahead = self.ahead, self.file.read(CHUNK + TAG)
        nonce = nonce_of(self.prefix, self.number, last=not self.ahead)
        try:
            plain = self.cipher.decrypt(nonce, sealed, self.head)
        except InvalidTag:
            if not self.ahead:
                raise cut_off(f"{self.what} is damaged at its end, or") from None
            raise damaged(self.what, f"near byte {self.number * (CHUNK + TAG):,}") from None
        self.number += 1
        if not plain and self.ahead:
            raise damaged(self.what, "in its middle")
        return plain


def is_sealed(start: bytes) -> bool:
    return start.startswith(MAGIC[:15])


def read_head(file: IO[bytes], what: str) -> tuple[bytes, Head]:
    magic = file.readline(LONGEST_HEAD)
    if magic != MAGIC:
        raise Refused(
            f"{what} is sealed in a way that this OpenFit does not know.",
            code="newer",
            next_step="Open it with the version that made it, or a later one.",
        )
    line = file.readline(LONGEST_HEAD)
    try:
        head = msgspec.json.decode(line, type=Head)
        numbers = bytes.fromhex(head.salt), bytes.fromhex(head.nonce)
    except (ValueError, msgspec.DecodeError) as error:
        raise damaged(what, "in its head") from error
    by_scrypt = head.key == "passphrase"
    sane = head.n in range(2, WIDEST + 1) and head.r in range(1, 33) and head.p in range(1, 17)
    if len(numbers[1]) != 7 or (by_scrypt and (not sane or head.n & (head.n - 1))):
        raise damaged(what, "in its head")
    return magic + line, head


def key_for(secret: Secret, head: Head, what: str) -> bytes:
    if head.key == "passphrase" and not secret.passphrase:
        raise Refused(
            f"{what} is sealed with a passphrase.",
            code="needs_passphrase",
            next_step="Give it with --passphrase-file, or type it when you are asked.",
        )
    if head.key != "passphrase" and secret.hub_key is None:
        raise Refused(
            f"{what} is sealed with the key of the hub that made it ({head.key}).",
            code="needs_key",
            next_step="Set OPENFIT_SECRET_KEY to that hub's key, or put its file secret-key into "
            "the data folder.",
        )
    key = derived(secret, head)
    if not hmac.compare_digest(check_of(key), head.check):
        raise Refused(
            f"This passphrase does not open {what}."
            if head.key == "passphrase"
            else f"This hub's key does not open {what}: it was sealed with another ({head.key}).",
            code="wrong_passphrase" if head.key == "passphrase" else "wrong_key",
            next_step="Try the one that was in use when it was made. Nothing was changed.",
        )
    return key
