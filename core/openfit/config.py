"""Settings, from the environment alone. Nothing has to be set for a first start."""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from openfit import rates
from openfit.errors import SetupError
from openfit.rates import Rate
from openfit.watching.logs import Format

SETTINGS = {
    "OPENFIT_DATA": "the data folder",
    "OPENFIT_DATABASE_URL": "SQLite in the data folder, or postgresql://user:password@host/name",
    "OPENFIT_LISTEN": "host:port to serve on",
    "OPENFIT_SECRET_KEY": "32 bytes in hex that seal saved credentials; made once when absent",
    "OPENFIT_URL": "the public address, when a proxy stands in front",
    "OPENFIT_PROXIES": "addresses or networks of proxies whose X-Forwarded headers are believed",
    "OPENFIT_CORS_ORIGINS": "other sites' origins whose pages may call the API",
    "OPENFIT_RATES": "how often each user may ask, as in reads=1000/4000 heavy=2/40",
    "OPENFIT_LOG": "text, or json with a line for every request",
    "OPENFIT_SMTP_URL": "the mail server, as smtp://user:password@host:587 or smtps://…:465",
    "OPENFIT_MAIL_FROM": "the address that mail comes from",
    "OPENFIT_REGISTRATION": "invitation, or open to anybody who finds the hub",
    "OPENFIT_SETUP": "1 shows codes on the hub's console, for a hub that sends no mail",
    "OPENFIT_OIDC_ISSUER": "a sign-in service by OpenID Connect, as https://id.example.org",
    "OPENFIT_OIDC_CLIENT_ID": "what that service calls this hub",
    "OPENFIT_OIDC_CLIENT_SECRET": "the secret that it gave this hub, if any",
    "OPENFIT_METRICS_TOKEN": "lets a monitor without an account read /api/v1/meta/prometheus",
}
Registration = Literal["invitation", "open"]
DEFAULT_LISTEN = "127.0.0.1:8080"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Config(Struct, frozen=True, kw_only=True):
    """Where this hub keeps its things and where it listens."""

    data: Path
    database_url: str
    host: str = "127.0.0.1"
    port: int = 8080
    url: str | None = None
    secret_key: str | None = None
    demo: bool = False
    proxies: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    rates: dict[str, Rate] = {}
    log: Format = "text"
    metrics_token: str | None = None
    smtp_url: str | None = None
    mail_from: str | None = None
    registration: Registration = "invitation"
    setup: bool = False
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the hub."""
        return self.host in LOOPBACK and not self.url

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, *, demo: bool = False) -> "Config":
        refuse_unknown(environ)
        environ = {name: value for name, value in environ.items() if value}  # compose passes ""
        data = Path(environ.get("OPENFIT_DATA") or default_data(environ, demo)).expanduser()
        host, port = listen_address(environ.get("OPENFIT_LISTEN") or DEFAULT_LISTEN)
        return cls(
            data=data.absolute(),
            database_url=environ.get("OPENFIT_DATABASE_URL")
            or f"sqlite:///{data.absolute() / 'openfit.db'}",
            host=host,
            port=port,
            url=environ.get("OPENFIT_URL"),
            secret_key=environ.get("OPENFIT_SECRET_KEY"),
            demo=demo,
            proxies=words(environ.get("OPENFIT_PROXIES")),
            cors_origins=tuple(map(origin, words(environ.get("OPENFIT_CORS_ORIGINS")))),
            rates=rates.parse(environ.get("OPENFIT_RATES", "")),
            log=log_format(environ.get("OPENFIT_LOG") or "text"),
            metrics_token=environ.get("OPENFIT_METRICS_TOKEN") or None,
            smtp_url=environ.get("OPENFIT_SMTP_URL") or None,
            mail_from=environ.get("OPENFIT_MAIL_FROM") or None,
            registration=registration(environ.get("OPENFIT_REGISTRATION") or "invitation"),
            setup=environ.get("OPENFIT_SETUP") == "1",
            oidc_issuer=environ.get("OPENFIT_OIDC_ISSUER") or None,
            oidc_client_id=environ.get("OPENFIT_OIDC_CLIENT_ID") or None,
            oidc_client_secret=environ.get("OPENFIT_OIDC_CLIENT_SECRET") or None,
        )


def default_data(environ: Mapping[str, str], demo: bool) -> Path:
    home = Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return home / ("openfit-demo" if demo else "openfit")


def listen_address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise SetupError(
            f"OPENFIT_LISTEN is {text!r}. Write it as host:port, for example {DEFAULT_LISTEN}."
        )
    return host.strip("[]"), int(port)


def words(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").replace(",", " ").split())


def origin(text: str) -> str:
    """An origin is a scheme, a host and maybe a port: browsers send nothing else, and `*` would
    let any page of the world in."""
    if not re.fullmatch(r"https?://[\w.\[\]:-]+", text):
        raise SetupError(
            f"OPENFIT_CORS_ORIGINS has {text!r}. Write origins as in https://app.example.org, "
            "with spaces between; there is no wildcard."
        )
    return text.lower()


def log_format(text: str) -> Format:
    if text == "json":
        return "json"
    if text != "text":
        raise SetupError(f"OPENFIT_LOG is {text!r}. It is text or json.")
    return "text"


def registration(text: str) -> Registration:
    if text == "open":
        return "open"
    if text != "invitation":
        raise SetupError(f"OPENFIT_REGISTRATION is {text!r}. It is invitation or open.")
    return "invitation"


def refuse_unknown(environ: Mapping[str, str]) -> None:
    """A misspelt setting that is silently ignored costs an evening."""
    for name in sorted(environ):
        if not name.startswith("OPENFIT_") or name.startswith("OPENFIT_TEST_"):
            continue
        if name not in SETTINGS:
            near = difflib.get_close_matches(name, SETTINGS, n=1, cutoff=0)
            raise SetupError(f"{name} is not a setting. Did you mean {near[0]}?")
