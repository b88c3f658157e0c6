"""Access tokens: signed statements of whose session it is, good for an hour.

Each use is checked against the session, so a long life would not keep out anybody who was shown
the door; an hour bounds what a copied token is good for while its owner is away, and lets an app
on a phone answer in the background without renewing it each time.
"""

import hashlib
from typing import Any

from msgspec import Struct

LIFE = 3600  # seconds
AUDIENCE = "openfit-api"
KIND = "at+jwt"  # RFC 9068
REQUIRED = ["exp", "iat", "iss", "aud", "sub", "sid"]


class Claims(Struct, frozen=True):
    user_id: int
    session_id: str
    ends_at: int  # ms


class AccessTokens:
    def __init__(self, key: bytes) -> None:
        self.key = key
        self.key_id = hashlib.sha256(b"openfit access key id" + key).hexdigest()[:16]
        self.issuer = f"openfit:{self.key_id}"  # the hub, whatever address it is reached at

    def issue(self, user_id: int, session_id: str, now_ms: int) -> str:
        import jwt

        now = now_ms // 1000
        claims = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "sid": session_id,
            "iat": now,
            "exp": now + LIFE,
        }
        headers = {"kid": self.key_id, "typ": KIND}
        return jwt.encode(claims, self.key, algorithm="HS256", headers=headers)

    def read(self, token: str, now_ms: int) -> Claims | None:
        """What it states, if this hub signed it and it is not over."""
        import jwt

        try:
            decoded: dict[str, Any] = jwt.decode_complete(
                token,
                self.key,
                algorithms=["HS256"],
                audience=AUDIENCE,
                issuer=self.issuer,
                # the clock is the hub's
                options={"require": REQUIRED, "verify_exp": False, "verify_iat": False},
            )
            said, header = decoded["payload"], decoded["header"]
            found = Claims(int(said["sub"]), str(said["sid"]), int(said["exp"]) * 1000)
        except (jwt.InvalidTokenError, ValueError):
            return None
        told = header.get("typ") == KIND and header.get("kid") == self.key_id
        return found if told and found.ends_at > now_ms else None
