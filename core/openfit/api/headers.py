"""Headers that every answer carries, and who may call from another site."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from openfit.config import LOOPBACK, Config

Headers = list[tuple[bytes, bytes]]

# Answers that are no page can do nothing, whatever a browser takes them for.
NOTHING = "default-src 'none'; frame-ancestors 'none'; sandbox"
UNUSED = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
# RFC 6762, RFC 8375, ICANN's resolution 2024.07.29.06, and what routers give out.
PRIVATE = (".local", ".home.arpa", ".internal", ".lan", ".home", ".localdomain")
TWO_YEARS = 63_072_000  # s, as the lists of browsers ask for
EXPOSED = (
    "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed, X-Request-Id, "
    "Deprecation, Sunset, Upload-Offset, Upload-Length, Upload-Import, Tus-Resumable"
)
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
SENT = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "
    "X-Request-Id, Upload-Offset, Upload-Length, Upload-Metadata, Upload-Checksum, Tus-Resumable"
)


def on_every_answer(config: Config) -> Headers:
    found = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": UNUSED,
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "x-frame-options": "DENY",
        "content-security-policy": NOTHING,
    }
    if (config.url or "").startswith("https:"):
        found["strict-transport-security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    return encoded(found)


def encoded(headers: dict[str, str]) -> Headers:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """The value of a request's or answer's header; "" without one."""
    for one, value in headers:
        if one == name:
            return value.decode("latin-1")
    return ""


class Hosts:
    """The names by which this hub may be called. Another site's name that is pointed at it
    would let that site's page read from it as if it were its own."""

    def __init__(self, config: Config) -> None:
        self.local = config.is_local
        public = urlsplit(config.url or "").hostname
        self.names = {*LOOPBACK, *({public} if public else ())}
        self.told = public is not None

    def allow(self, host: str) -> bool:
        name = (urlsplit(f"//{host}").hostname if well_formed(host) else None) or ""
        if name in self.names:
            return True
        return not self.local and (is_address(name) or (not self.told and is_private(name)))


def is_private(name: str) -> bool:
    """Whether nobody can register it: a name without a dot, or one of a home's own network."""
    return bool(name) and ("." not in name or name.endswith(PRIVATE))


def well_formed(host: str) -> bool:
    return bool(host) and not any(c in host for c in "/\\@?# \t")


def is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


class Origins:
    """Other sites whose pages may call the API with a token of their own. Nothing here works by
    cookie across sites, so credentials are never allowed."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self.allowed = frozenset(allowed)

    def answer(self, origin: str) -> Headers:
        if origin.lower() not in self.allowed:
            return []
        return encoded(
            {"access-control-allow-origin": origin, "access-control-expose-headers": EXPOSED}
        )

    def preflight(self, scope: Any, origin: str) -> Headers | None:
        """What a browser asks before it sends; None where that is none of this."""
        asked = header(scope["headers"], b"access-control-request-method")
        if scope["method"] != "OPTIONS" or not asked or origin.lower() not in self.allowed:
            return None
        return self.answer(origin) + encoded(
            {
                "access-control-allow-methods": METHODS,
                "access-control-allow-headers": SENT,
                "access-control-max-age": "600",
            }
        )
