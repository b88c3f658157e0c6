"""Credentials that a user gives, and the state that a plugin makes of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

SHORTEST_SECRET = 8
NO_SECRETS = {"kind", "redirect_uri"}


class Credential(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What a connection starts from."""


class OAuthCode(Credential, frozen=True, kw_only=True, tag="oauth_code"):
    code: str
    redirect_uri: str
    client_id: str
    client_secret: str
    code_verifier: str | None = None


class Refresh(Credential, frozen=True, kw_only=True, tag="refresh"):
    """An earlier state whose token has run out."""

    state: "AuthState"
    client_id: str | None = None
    client_secret: str | None = None


class ApiKey(Credential, frozen=True, kw_only=True, tag="api_key"):
    key: str


class Password(Credential, frozen=True, kw_only=True, tag="password"):
    username: str
    password: str


class Pairing(Credential, frozen=True, kw_only=True, tag="pairing"):
    address: str
    name: str | None = None


class NoCredentials(Credential, frozen=True, kw_only=True, tag="none"):
    """For sources that ask for nothing, as a folder of files."""


class AuthState(Struct, frozen=True, kw_only=True):
    """What `sync` needs to speak to the vendor. Stored encrypted; handed to the host only."""

    access_token: str | None = None
    refresh_token: str | None = None
    expires_at: datetime | None = None
    account_id: str | None = None
    extra: dict[str, Any] = {}


Credentials = OAuthCode | Refresh | ApiKey | Password | Pairing | NoCredentials


def secrets(*given: Any) -> list[str]:
    """Every string in credentials and states that may not be said aloud, longest first."""
    found = {text for one in given for text in texts(msgspec.to_builtins(one))}
    return sorted(found, key=len, reverse=True)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= SHORTEST_SECRET:
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in NO_SECRETS:
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def hide(text: str, hidden: list[str]) -> str:
    for secret in hidden:
        text = text.replace(secret, "…")
    return text
