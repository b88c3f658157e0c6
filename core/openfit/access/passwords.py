"""Passwords: argon2id, the same work whether or not there is such an account."""

import base64
import secrets
import unicodedata
from threading import Lock
from typing import Protocol

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

from openfit.errors import Refused

# RFC 9106, section 4, second recommendation, for machines with little memory: argon2id, 64 MiB,
# 3 passes, 4 lanes. A third of a second on a Raspberry Pi 4; on a bigger machine it is no weaker.
PARAMETERS = profiles.RFC_9106_LOW_MEMORY
SHORTEST, LONGEST = 10, 500
FEWEST_KINDS = 4  # of characters


class Hasher(Protocol):
    def hash(self, password: str) -> str: ...
    def verify(self, hash: str, password: str) -> bool: ...
    def check_needs_rehash(self, hash: str) -> bool: ...


class Passwords:
    """One at a time: each takes 64 MiB while it runs."""

    def __init__(self, hasher: Hasher | None = None) -> None:
        self.hasher = hasher or PasswordHasher.from_parameters(PARAMETERS)
        self.turn = Lock()
        self.decoy = decoy()

    def hash(self, password: str) -> str:
        with self.turn:
            return self.hasher.hash(spelt(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether this is the password; for who has none, after the same work."""
        with self.turn:
            try:
                self.hasher.verify(stored or self.decoy, spelt(password[:LONGEST]))
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None and len(password) <= LONGEST

    def is_old(self, stored: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self.hasher.check_needs_rehash(stored)


def spelt(password: str) -> str:
    """The same however a keyboard composes its letters (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def decoy() -> str:
    """A hash of nothing: bytes that no password leads to."""
    salt, body = (base64.b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32))
    known = PARAMETERS
    cost = f"m={known.memory_cost},t={known.time_cost},p={known.parallelism}"
    return f"$argon2id$v={known.version}${cost}${salt}${body}"


def check(password: str, name: str, email: str | None) -> None:
    """Long enough, and not what anybody would try first."""
    said = spelt(password).strip().casefold()
    near = {name.casefold(), (email or "").casefold(), (email or "").partition("@")[0].casefold()}
    if not len(said) >= SHORTEST or len(password) > LONGEST:
        raise refusal(f"A password has between {SHORTEST} and {LONGEST} characters.")
    if said in near or said.replace(" ", "") in near or len(set(said)) < FEWEST_KINDS:
        raise refusal("A password must not be a name, an address or a row of the same letters.")


def refusal(message: str) -> Refused:
    step = "Take some words that nobody says in this order, or let a password manager make one."
    return Refused(message, code="password", next_step=step)
