"""OAuth 2 with PKCE and refresh: `authenticate = hookimpl(oauth2.authenticate)`."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from openfit_sdk.auth import AuthState, Credentials, OAuthCode, Refresh
from openfit_sdk.errors import PermanentError, ReauthRequired
from openfit_sdk.http import Http
from openfit_sdk.manifest import Manifest


class Tokens(Struct):
    """RFC 6749, section 5.1."""

    access_token: str
    refresh_token: str | None = None
    expires_in: float | None = None


def authenticate(credentials: Credentials, manifest: Manifest, http: Http) -> AuthState:
    """Trade a code for tokens, or refresh them."""
    token_url = manifest.auth.token_url
    if token_url is None:
        raise PermanentError(f"{manifest.name} names no token_url in its manifest.")
    tokens = http.post(token_url, form=form_of(credentials), type=Tokens)
    before = credentials.state if isinstance(credentials, Refresh) else AuthState()
    lifetime = tokens.expires_in
    return AuthState(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token or before.refresh_token,
        expires_at=None if lifetime is None else datetime.now(UTC) + timedelta(seconds=lifetime),
        account_id=before.account_id,
        extra=before.extra,
    )


def form_of(credentials: Credentials) -> dict[str, str]:
    if isinstance(credentials, OAuthCode):
        form = {
            "grant_type": "authorization_code",
            "code": credentials.code,
            "redirect_uri": credentials.redirect_uri,
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
        verifier = credentials.code_verifier
        return form | ({"code_verifier": verifier} if verifier else {})
    if isinstance(credentials, Refresh) and credentials.state.refresh_token:
        client = {
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
        return {
            "grant_type": "refresh_token",
            "refresh_token": credentials.state.refresh_token,
        } | {name: value for name, value in client.items() if value}
    raise ReauthRequired("This connection has nothing to sign in with. Connect it again.")
