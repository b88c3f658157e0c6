"""Settings, from the environment alone. Nothing has to be set for a first start."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from openfit.errors import SetupError

SETTINGS = {
    "OPENFIT_DATA": "the data folder",
    "OPENFIT_DATABASE_URL": "SQLite in the data folder, or postgresql://user:password@host/name",
    "OPENFIT_LISTEN": "host:port to serve on",
    "OPENFIT_SECRET_KEY": "32 bytes in hex that seal saved credentials; made once when absent",
    "OPENFIT_URL": "the public address, when a proxy stands in front",
}
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

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the hub."""
        return self.host in LOOPBACK and not self.url

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, *, demo: bool = False) -> "Config":
        refuse_unknown(environ)
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


def refuse_unknown(environ: Mapping[str, str]) -> None:
    """A misspelt setting that is silently ignored costs an evening."""
    for name in sorted(environ):
        if not name.startswith("OPENFIT_") or name.startswith("OPENFIT_TEST_"):
            continue
        if name not in SETTINGS:
            near = difflib.get_close_matches(name, SETTINGS, n=1, cutoff=0)
            raise SetupError(f"{name} is not a setting. Did you mean {near[0]}?")
