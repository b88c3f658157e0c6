"""OpenID Connect: what another service says of who somebody is. Authorization code with PKCE
(RFC 7636), nonce and state; keys and addresses by discovery (OpenID Connect Discovery 1.0)."""

import base64
import hashlib
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from openfit.config import LOOPBACK, Config
from openfit.errors import HubError, SetupError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
TIMEOUT = 10.0  # seconds
LARGEST = 256 * 1024  # of an answer
KNOWN_FOR = 3600.0  # seconds that addresses and keys are believed
ASK_AGAIN = 30.0  # seconds between looks for a key that is not known
LEEWAY = 60  # seconds between two clocks


class ProviderFailed(HubError):
    status = 502
    code = "oidc_provider"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The sign-in service {what}.",
            next_step="Try again, or sign in another way; who runs the hub can see its log.",
        )


class Identity(Struct, frozen=True):
    """`email` only where the service says that it belongs to them."""

    subject: str  # with its issuer
    email: str | None
    name: str | None


class Provider:
    """One service. Its answers are bounded, its redirects are not followed."""

    def __init__(self, issuer: str, client_id: str, secret: str | None, client: Any = None) -> None:
        self.issuer, self.client_id, self.secret = issuer, client_id, secret
        self.given = client
        self.found: tuple[float, dict[str, Any]] | None = None
        self.keys: tuple[float, dict[str, Any]] | None = None

    @classmethod
    def from_settings(cls, config: Config) -> "Provider | None":
        issuer, client_id = config.oidc_issuer, config.oidc_client_id
        if not issuer and not client_id:
            return None
        if not issuer or not client_id:
            raise SetupError("OpenID Connect needs OPENFIT_OIDC_ISSUER and OPENFIT_OIDC_CLIENT_ID.")
        if not is_safe(issuer):
            raise SetupError("OPENFIT_OIDC_ISSUER must begin with https://.")
        return cls(issuer, client_id, config.oidc_client_secret)

    # Asking ----------------------------------------------------------------------------------

    def ask(self, method: str, url: str, **how: Any) -> dict[str, Any]:
        import httpx2

        if not is_safe(url):
            raise ProviderFailed("names an address without encryption")
        client = self.given or httpx2.Client(timeout=TIMEOUT, follow_redirects=False)
        try:
            with client.stream(method, url, **how) as answer:
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > LARGEST:
                        raise ProviderFailed("sends more than it should")
                if answer.status_code != 200:
                    raise ProviderFailed(f"answered with {answer.status_code}")
                return json_object(body)
        except httpx2.HTTPError as error:
            raise ProviderFailed(f"cannot be reached ({type(error).__name__})") from error
        finally:
            if self.given is None:
                client.close()

    def metadata(self) -> dict[str, Any]:
        if self.found is None or time.monotonic() - self.found[0] > KNOWN_FOR:
            address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
            said = self.ask("GET", address)
            if said.get("issuer") != self.issuer:
                raise ProviderFailed("calls itself by another name than OPENFIT_OIDC_ISSUER")
            self.found = (time.monotonic(), said)
        return self.found[1]

    def endpoint(self, name: str) -> str:
        found = self.metadata().get(f"{name}_endpoint" if name != "jwks" else "jwks_uri")
        if not isinstance(found, str):
            raise ProviderFailed(f"does not say where its {name} is")
        return found

    def key(self, key_id: str | None, algorithm: str) -> Any:
        """The key of this name; asked for again when it is not known, but not all the time."""
        import jwt

        for allowed in (KNOWN_FOR, ASK_AGAIN):
            if self.keys is None or time.monotonic() - self.keys[0] > allowed:
                self.keys = (time.monotonic(), self.ask("GET", self.endpoint("jwks")))
            listed = [one for one in self.keys[1].get("keys", []) if isinstance(one, dict)]
            for one in listed:
                usable = one.get("use", "sig") == "sig" and one.get("kty") != "oct"
                if usable and (key_id is None or one.get("kid") == key_id):
                    try:
                        return jwt.PyJWK(one, algorithm).key
                    except jwt.PyJWTError:
                        continue
        raise ProviderFailed("signed with a key that it does not publish")

    # The flow --------------------------------------------------------------------------------

    def address(self, back: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in."""
        endpoint = self.endpoint("authorization")
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": back,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def identity(self, code: str, back: str, nonce: str, verifier: str) -> Identity:
        """Who it is that came back with this code."""
        tokens = self.exchange(code, back, verifier)
        claims = self.verified(str(tokens.get("id_token", "")), nonce)
        if "email" not in claims and isinstance(tokens.get("access_token"), str):
            claims = self.with_details(claims, tokens["access_token"])
        verified = claims.get("email_verified") is True and isinstance(claims.get("email"), str)
        name = claims.get("name")
        return Identity(
            subject=f"{self.issuer} {claims['sub']}"[:400],
            email=claims["email"] if verified else None,
            name=name if isinstance(name, str) else None,
        )

    def exchange(self, code: str, back: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
            "client_id": self.client_id,
        }
        how: dict[str, Any] = {}
        if self.secret:
            methods = self.metadata().get("token_endpoint_auth_methods_supported")
            if isinstance(methods, list) and "client_secret_basic" not in methods:
                form["client_secret"] = self.secret
            else:
                how["auth"] = (form_encoded(self.client_id), form_encoded(self.secret))
        return self.ask("POST", self.endpoint("token"), data=form, **how)

    def verified(self, token: str, nonce: str) -> dict[str, Any]:
        """OpenID Connect Core 1.0, section 3.1.3.7."""
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise ProviderFailed("signs in a way that proves nothing")
            claims: dict[str, Any] = jwt.decode(
                token,
                self.key(header.get("kid"), header["alg"]),
                algorithms=[header["alg"]],
                audience=self.client_id,
                issuer=self.issuer,
                leeway=LEEWAY,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise ProviderFailed(f"sent a statement that does not hold ({error})") from error
        party = claims.get("azp", self.client_id)
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if party != self.client_id or (several and "azp" not in claims):
            raise ProviderFailed("speaks of another client")
        if claims.get("nonce") != nonce:
            raise ProviderFailed("answered another question than was asked")
        return claims

    def with_details(self, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        if "userinfo_endpoint" not in self.metadata():
            return claims
        bearer = {"authorization": f"Bearer {access_token}"}
        said = self.ask("GET", self.endpoint("userinfo"), headers=bearer)
        if said.get("sub") != claims["sub"]:
            raise ProviderFailed("speaks of somebody else")
        return said | claims


def json_object(body: bytes) -> dict[str, Any]:
    import json

    try:
        said = json.loads(body)
    except ValueError as error:
        raise ProviderFailed("sends what is not JSON") from error
    if not isinstance(said, dict):
        raise ProviderFailed("sends what is not an object")
    return said


def is_safe(url: str) -> bool:
    """TLS, but for what runs on this very machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def form_encoded(text: str) -> str:
    """As RFC 6749, section 2.3.1 has it before Basic."""
    return urlencode({"": text})[1:]
