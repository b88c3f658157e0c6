"""What apps beside the page ask first: are they new enough, and what the owner announces."""

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Annotated, Literal

import msgspec
from litestar import Controller, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct
from openfit.api.scopes import OPEN, OWNER
from openfit.hub import Hub, now_ms
from openfit.store import entities
from openfit.store import preferences_of_hub as kept
from openfit.store.engine import retrying, write

NAME = "hub.app_status"
Build = Annotated[int, Meta(ge=1, le=2**53)]


class Announcement(Struct, frozen=True, forbid_unknown_fields=True):
    """A banner, until an instant or until it is taken back."""

    level: Literal["info", "warn", "critical"]
    message: Annotated[str, Meta(min_length=1, max_length=500, pattern="^[^\\x00]+$")]
    until: datetime | None = None


class Announced(Struct, frozen=True, forbid_unknown_fields=True):
    """Builds below the least one are to stop and point to the update."""

    least_build: Build | None = None
    latest_build: Build | None = None
    update_url: Annotated[str, Meta(max_length=500, pattern=r"^https://\S+$")] | None = None
    banner: Announcement | None = None


class AppStatus(Struct, frozen=True, kw_only=True):
    version: str
    api: Literal["v1"] = "v1"
    least_build: int | None
    latest_build: int | None
    update_url: str | None
    banner: Announcement | None


class AppStatusRoutes(Controller):
    path = "/app/status"
    tags = ["meta"]

    @get(sync_to_thread=True, operation_id="getAppStatus", opt=OPEN)
    def read(self, hub: NamedDependency[Hub]) -> AppStatus:
        """Without a token: the hub's version, the least build of an app, and a banner."""
        with hub.engine.connect() as conn:
            said = kept.read(conn, NAME)
        return shown(Announced() if said is None else msgspec.json.decode(said, type=Announced))

    @put(sync_to_thread=True, operation_id="setAppStatus", opt=OWNER)
    def announce(self, hub: NamedDependency[Hub], data: JSONBody[Announced]) -> AppStatus:
        """Set all of it; what is left out is taken back."""

        def commit() -> None:
            with write(hub.engine) as conn:
                kept.write(conn, NAME, msgspec.json.encode(data).decode())

        retrying(commit)
        return shown(data)


def shown(said: Announced) -> AppStatus:
    banner = said.banner
    if banner is not None and banner.until is not None:
        until = banner.until if banner.until.tzinfo else banner.until.replace(tzinfo=UTC)
        banner = banner if entities.instant(now_ms()) < until else None
    return AppStatus(
        version=version("openfit"),
        least_build=said.least_build,
        latest_build=said.latest_build,
        update_url=said.update_url,
        banner=banner,
    )
