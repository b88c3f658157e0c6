"""Actions: what a source can be told, read from its manifest, and held against what is wished."""

from datetime import datetime, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from openfit_sdk.arguments import Argument, ArgumentError, check
from openfit_sdk.manifest import Action, Installed, Manifest
from sqlalchemy import Row

from openfit.errors import NotFound, Refused
from openfit.hub import Hub
from openfit.store import connections, days


class ActionInfo(Struct, frozen=True, omit_defaults=True):
    """What a source can be told to do, and what it asks for: enough for a button and a form.
    With `danger` each call says `consent`; with `live` it goes on until it is stopped; with
    `needs` "nothing" it is called on the integration, and else on a connection."""

    name: str
    title: str
    needs: str
    danger: bool = False
    live: bool = False
    arguments: list[Argument] = []


class ConsentNeeded(Refused):
    status = 403
    code = "consent"


class Task(Struct, frozen=True):
    """One action that may begin: known, allowed, and with arguments that fit."""

    user_id: int
    plugin: str
    manifest: Manifest
    name: str
    action: Action
    arguments: dict[str, Any]
    now: datetime
    row: Row[Any] | None = None

    @property
    def whose(self) -> tuple[int, str]:
        return self.user_id, self.row.connection_id if self.row is not None else self.plugin


def infos(manifest: Manifest | None) -> list[ActionInfo]:
    if manifest is None:
        return []
    return [
        ActionInfo(name, one.title, one.needs, one.danger, one.live, one.form())
        for name, one in manifest.actions.items()
    ]


def of_connection(
    hub: Hub,
    user_id: int,
    connection_id: str,
    name: str,
    values: dict[str, Any],
    consent: bool,
    now: datetime,
) -> Task:
    with hub.engine.connect() as conn:
        row = connections.get(conn, user_id, connection_id)
    if row.status == "disconnected":
        raise Refused(
            f"{row.name} is disconnected.", code="disconnected", next_step="Connect it again."
        )
    return task(hub, user_id, hub.plugins.plugin(row.integration), name, values, consent, now, row)


def the_connection(hub: Hub, user_id: int, integration: str, named: str | None) -> str:
    """The one that is meant: by its name or id, or the only one that there is."""
    with hub.engine.connect() as conn:
        rows = connections.of_user(conn, user_id, integration)
    live = [row for row in rows if row.status != "disconnected"]
    found = [row for row in live if named in (None, row.name, row.connection_id)]
    if len(found) == 1:
        return str(found[0].connection_id)
    names = ", ".join(f"{row.name!r} ({row.connection_id})" for row in live)
    raise NotFound(
        f"There {'are several' if found else 'is no such'} connection{'s' * bool(found)} "
        f"of {integration}.",
        code="no_connection",
        next_step=f"Name one of {names}." if live else "Connect it first, or pair with it.",
    )


def of_integration(
    hub: Hub,
    user_id: int,
    integration: str,
    name: str,
    values: dict[str, Any],
    consent: bool,
    now: datetime,
) -> Task:
    return task(hub, user_id, hub.plugins.plugin(integration), name, values, consent, now, None)


def task(
    hub: Hub,
    user_id: int,
    plugin: Installed,
    name: str,
    values: dict[str, Any],
    consent: bool,
    now: datetime,
    row: Row[Any] | None,
) -> Task:
    manifest = plugin.manifest
    action = manifest.actions.get(name) if manifest is not None else None
    if manifest is None or action is None:
        names = ", ".join(manifest.actions) if manifest is not None else ""
        raise NotFound(
            f"{plugin.name} has no action {name!r}.",
            code="no_action",
            next_step=f"It has {names}." if names else "It has no actions at all.",
        )
    if row is None and action.needs == "connection":
        raise Refused(
            f"{action.title} needs a connection of {manifest.name}.",
            code="needs_connection",
            next_step="POST /connections/{connection_id}/actions/{action}; GET /connections lists "
            "what there is.",
        )
    if action.danger and not consent:
        raise ConsentNeeded(
            f"{action.title} is dangerous, and cannot be undone.",
            next_step='Say that you know: "consent": true in the body, --i-understand on the '
            "command line. It is asked for each time.",
        )
    try:
        arguments = check(action.form(), values, now, zone_of(hub, user_id, now))
    except ArgumentError as error:
        raise Refused(
            f"{error}.", code="arguments", next_step="Correct that, and send it again."
        ) from error
    return Task(user_id, plugin.name, manifest, name, action, arguments, now, row)


def zone_of(hub: Hub, user_id: int, now: datetime) -> tzinfo:
    """The person's clock now: a zone where one is known, else the offset that was last said."""
    with hub.engine.connect() as conn:
        clock = days.clock(conn, user_id)
    zone = clock.segment_at(now).zone
    return ZoneInfo(zone) if zone is not None else timezone(clock.offset_at(now))
