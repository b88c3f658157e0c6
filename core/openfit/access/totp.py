"""The second factor: codes of an authenticator app (RFC 6238), and ten for when it is lost.

The app's secret is sealed with the hub's key. The ten are not: after a restore without that key
they are what still opens the account.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row

from openfit import crypto
from openfit.access.codes import TOTP, Codes
from openfit.access.keyring import Keyring
from openfit.access.refusals import NotSignedIn, TooOften
from openfit.errors import HubError, SetupError
from openfit.store import codes as code_rows
from openfit.store import links, people

STEP = 30  # seconds
SECRET = 20  # bytes, as RFC 4226 advises for SHA-1
RECOVERY = "recovery"
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
NEVER = 2**53
OFFERED, CONFIRMED, LOST = b"?", b"!", b"-"
HOLDING = (CONFIRMED, LOST)


class SecondFactor:
    def __init__(self, keyring: Keyring, codes: Codes) -> None:
        self.keyring, self.codes = keyring, codes

    def offer(self, conn: Connection, user_id: int) -> bytes:
        """A new secret, of no force until a code of it was shown."""
        secret = secrets.token_bytes(SECRET)
        people.change(conn, user_id, totp=self.sealed(user_id, OFFERED + secret), totp_step=0)
        return secret

    def confirm(self, conn: Connection, user: Row[Any], code: str, now_ms: int) -> list[str] | None:
        """Codes for when it is lost, shown once; None where the code is not of the offer."""
        state, secret = self.opened(user)
        if state != OFFERED or not self.spend(conn, user.user_id, secret, code, now_ms):
            return None
        people.change(conn, user.user_id, totp=self.sealed(user.user_id, CONFIRMED + secret))
        return self.new_recovery_codes(conn, user.user_id, now_ms)

    def remove(self, conn: Connection, user_id: int) -> None:
        people.change(conn, user_id, totp=None, totp_step=0)
        links.drop(conn, user_id, RECOVERY)

    def check(
        self, conn: Connection, user: Row[Any], code: str | None, now_ms: int
    ) -> HubError | None:
        """Nothing to object to, or what. Counted like the tries of a mailed code."""
        state, secret = self.opened(user)
        if state not in HOLDING:
            return None
        if not code:
            return NotSignedIn(
                "This account also wants a code of its authenticator app.",
                code="totp_needed",
                next_step="Send it as totp, or one of the recovery codes.",
            )
        if self.codes.exhausted(conn, user.user_id, TOTP, now_ms):
            return TooOften("Too many codes were tried.", 3600, code="too_many_tries")
        given = code.strip().lower()
        if self.spend(conn, user.user_id, secret, given, now_ms) or self.recover(
            conn, user.user_id, given, now_ms
        ):
            code_rows.spend(conn, user.user_id, TOTP)
            return None
        self.codes.count_try(conn, user.user_id, TOTP, now_ms)
        if state == LOST:
            return lost()
        return NotSignedIn(
            "That code is not the one that the app shows, or was used already.",
            code="totp",
            next_step="Wait for the next one; check the clock of the device that shows it.",
        )

    def is_on(self, user: Row[Any]) -> bool:
        return self.opened(user)[0] in HOLDING

    def spend(self, conn: Connection, user_id: int, secret: bytes, code: str, now_ms: int) -> bool:
        """Whether it is the code of now, a step ago or a step ahead, and not one used before."""
        now = now_ms // 1000 // STEP
        if not secret:
            return False
        for step in (now, now - 1, now + 1):
            if hmac.compare_digest(at_step(secret, step).encode(), code.strip().encode()):
                return people.spend_step(conn, user_id, step)
        return False

    def recover(self, conn: Connection, user_id: int, code: str, now_ms: int) -> bool:
        return links.spend(conn, user_id, recovery_hash(user_id, code), now_ms)

    def new_recovery_codes(self, conn: Connection, user_id: int, now_ms: int) -> list[str]:
        links.drop(conn, user_id, RECOVERY)
        made = [recovery_code() for _ in range(RECOVERY_CODES)]
        for one in made:
            links.put(conn, user_id, RECOVERY, recovery_hash(user_id, one), now_ms, NEVER)
        return made

    def sealed(self, user_id: int, plain: bytes) -> bytes:
        return crypto.seal(self.keyring.master, plain, f"totp:{user_id}")

    def opened(self, user: Row[Any]) -> tuple[bytes, bytes]:
        if user.totp is None:
            return b"", b""
        try:
            plain = crypto.unseal(self.keyring.master, user.totp, f"totp:{user.user_id}")
        except SetupError:  # an offer of which no code was shown leaves no step behind
            return LOST if user.totp_step else OFFERED, b""
        return plain[:1], plain[1:]


def lost() -> NotSignedIn:
    return NotSignedIn(
        "This hub cannot check codes of the app any more: they were set up under another secret "
        "key.",
        code="totp_lost",
        next_step="Use a recovery code, then set the second factor up anew. Without one, who runs "
        'the hub makes a way in by "openfit user reset-password", or brings the old key back.',
    )


def at_step(secret: bytes, step: int) -> str:
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.twofactor.totp import TOTP as Generator

    return Generator(secret, 6, SHA1(), STEP).generate(step * STEP).decode()


def recovery_code() -> str:
    """79 bits, without letters that look alike."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(16))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def recovery_hash(user_id: int, code: str) -> str:
    """Without a key: the code is too long to be guessed from this."""
    plain = code.replace("-", "").replace(" ", "")
    return hashlib.sha256(f"openfit recovery {user_id} {plain}".encode()).hexdigest()


def spelt(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, account: str) -> str:
    """What an authenticator app reads from the picture."""
    label = quote(f"OpenFit:{account}")
    return f"otpauth://totp/{label}?secret={spelt(secret)}&issuer=OpenFit&digits=6&period={STEP}"


def picture(text: str) -> str:
    import segno

    return str(segno.make(text, error="m").svg_inline(scale=4, border=2, omitsize=True))
