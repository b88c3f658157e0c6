"""Keys for each purpose, derived from the hub's one secret key (RFC 5869), so that none of them
says anything about another."""

import base64
import hashlib
import hmac
from functools import cached_property

from openfit import crypto
from openfit.config import Config

LENGTH = hashlib.sha256().digest_size


def derive(master: bytes, purpose: str) -> bytes:
    """HKDF-SHA256 for one block of output; a master key needs no salt."""
    extracted = hmac.digest(bytes(LENGTH), master, "sha256")
    return hmac.digest(extracted, f"openfit {purpose} 1".encode() + b"\x01", "sha256")


class Keyring:
    def __init__(self, master: bytes) -> None:
        self.master = master  # seals what must be read again: crypto.seal

    @classmethod
    def of(cls, config: Config) -> "Keyring":
        return cls(crypto.load_key(config.data, config.secret_key))

    @cached_property
    def access(self) -> bytes:
        return derive(self.master, "access tokens")

    @cached_property
    def refresh(self) -> bytes:
        return derive(self.master, "refresh tokens")

    @cached_property
    def codes(self) -> bytes:
        return derive(self.master, "codes")

    def successor(self, refresh_token: str) -> str:
        """The one that follows: whoever asks again with the same one within moments gets the same
        answer, and nothing has to be stored for that but hashes."""
        next_ = hmac.digest(self.refresh, refresh_token.encode(), "sha256")
        return "ofr_" + base64.urlsafe_b64encode(next_).decode().rstrip("=")

    def code_hash(self, *parts: object) -> str:
        """Of what can be guessed: without the key, a copy of the database does not tell it."""
        spelt = "\x00".join(map(str, parts)).encode()
        return hmac.new(self.codes, spelt, "sha256").hexdigest()
