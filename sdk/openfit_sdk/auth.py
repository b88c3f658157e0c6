"""Credentials that a user gives, and the state that a plugin makes of them."""

from datetime import datetime
from typing import Any

from msgspec import Struct


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
