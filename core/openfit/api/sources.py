"""Integrations and connections: where numbers come from."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct
from openfit.api.auth import current_user
from openfit.api.scopes import reads, writes
from openfit.hosting import sealing
from openfit.hosting.actions import ActionInfo, infos
from openfit.hosting.hosts import Hosts, way_out
from openfit.hub import Hub
from openfit.intake import connect, connecting
from openfit.store import connections, entities
from openfit.store.engine import write
from openfit_sdk.auth import ApiKey, NoCredentials, OAuthCode, Pairing, Password
from openfit_sdk.manifest import Installed

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
DeviceName = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class ConnectionInfo(Struct, omit_defaults=True):
    connection_id: FromPath[str]
    integration: str
    name: str
    status: str
    message: str | None = None
    next_sync_at: datetime | None = None


class Integration(Struct, kw_only=True, omit_defaults=True):
    """An installed plugin, from its manifest; none of its code ran for this. With `oauth2` a
    person says yes at `authorize_url`, to the `scopes`."""

    id: str
    name: str
    version: str
    access: str = ""
    auth: str = ""
    data_types: list[str] = []
    sync_modes: list[str] = []
    hosts: list[str] = []
    fallbacks: list[str] = []
    terms_url: str | None = None
    attribution: str | None = None
    authorize_url: str | None = None
    scopes: list[str] = []
    actions: list[ActionInfo] = []
    bluetooth: bool = False  # it may use Bluetooth, through D-Bus, and so has a way out
    error: str | None = None
    connections: list[ConnectionInfo] = []


class PluginLayer(Struct):
    """One wall around plugins: `calls`, `files` or `account`, and whether it stands here."""

    name: str
    active: bool


class IntegrationPage(Struct):
    """`files_open` where a plugin can read the hub's files on this machine, as a probe found."""

    items: list[Integration]
    files_open: bool
    layers: list[PluginLayer]


class NewConnection(Struct, forbid_unknown_fields=True):
    """What a connection is made from."""

    integration: str
    credentials: OAuthCode | ApiKey | Password | Pairing | NoCredentials | None = None
    settings: dict[str, Any] = {}
    history_from: Moment | None = None


class Link(Struct, forbid_unknown_fields=True):
    """As NewConnection, where the path names the integration."""

    credentials: OAuthCode | ApiKey | Password | Pairing | NoCredentials | None = None
    settings: dict[str, Any] = {}
    history_from: Moment | None = None


class ConnectionChange(Struct, forbid_unknown_fields=True):
    """What is left out, or null, stays as it is. `devices` are names under which clients post what
    belongs here, beside the connection's own."""

    name: str | None = None
    paused: bool | None = None
    history_from: Moment | None = None
    devices: Annotated[list[DeviceName], msgspec.Meta(max_length=20)] | None = None


class ConnectionList(Struct):
    items: list[connecting.ConnectionStatus]


def connection_info(row: Any) -> ConnectionInfo:
    due = None if row.next_sync_at is None else entities.instant(row.next_sync_at)
    return ConnectionInfo(
        row.connection_id, row.integration, row.name, row.status, row.message, due
    )


def integration(found: Installed, connections: list[ConnectionInfo]) -> Integration:
    known = Integration(
        id=found.name,
        name=found.name,
        version=found.version,
        error=found.error,
        connections=connections,
    )
    manifest = found.manifest
    if manifest is None:
        return known
    return msgspec.structs.replace(
        known,
        name=manifest.name,
        access=manifest.access,
        auth=manifest.auth.type,
        data_types=list(manifest.data_types),
        sync_modes=list(manifest.sync_modes),
        hosts=manifest.hosts,
        fallbacks=manifest.fallbacks,
        terms_url=manifest.terms_url,
        attribution=manifest.attribution,
        authorize_url=manifest.auth.authorize_url,
        scopes=manifest.auth.scopes,
        actions=infos(manifest),
        bluetooth=way_out(found) is not None,
    )


class Sources(Controller):
    tags = ["sources"]

    @get("/integrations", sync_to_thread=True, operation_id="listIntegrations", opt=reads())
    def integrations(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]
    ) -> IntegrationPage:
        """Installed plugins that bring data, this user's connections to them, and how plugins are
        sealed here."""
        sealed = sealing.known(hub.config.data)
        with hub.engine.connect() as conn:
            mine = [connection_info(r) for r in connections.of_user(conn, current_user(request))]
        return IntegrationPage(
            [
                integration(found, [c for c in mine if c.integration == found.name])
                for found in hub.plugins.sources()
            ],
            files_open=sealed.files_open,
            layers=[PluginLayer(layer.name, layer.active) for layer in sealed.layers],
        )

    @post("/connections", sync_to_thread=True, operation_id="connect", opt=writes())
    def connect(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        data: JSONBody[NewConnection],
    ) -> ConnectionInfo:
        """Connect a source. Credentials are sealed before they are stored, and never shown."""
        link = Link(data.credentials, data.settings, data.history_from)
        return self.made(request, hub, data.integration, link)

    def made(
        self, request: Request[Any, Any, Any], hub: Hub, integration: str, link: Link
    ) -> ConnectionInfo:
        with Hosts(hub) as hosts:
            row = connect.connect(
                hub,
                hosts,
                current_user(request),
                integration,
                link.credentials,
                link.settings,
                entities.millis(link.history_from),
            )
        request.app.state.worker.wake()
        return connection_info(row)

    @post(
        "/connections/{connection_id:str}/sync",
        status_code=202,
        sync_to_thread=True,
        operation_id="syncNow",
        opt=writes(),
    )
    def sync_now(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        connection_id: FromPath[str],
    ) -> ConnectionInfo:
        """Ask for a sync now instead of when it is due."""
        user_id = current_user(request)
        with write(hub.engine) as conn:
            connecting.due_now(conn, connections.get(conn, user_id, connection_id))
            row = connections.get(conn, user_id, connection_id)
        request.app.state.worker.wake()
        return connection_info(row)

    @post(
        "/integrations/{integration_id:str}/connect",
        sync_to_thread=True,
        operation_id="connectIntegration",
        opt=writes(),
    )
    def connect_to(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        integration_id: FromPath[str],
        data: JSONBody[Link],
    ) -> ConnectionInfo:
        """Connect a source, or renew its connection. Credentials are sealed, and never shown."""
        return self.made(request, hub, integration_id, data)

    @post(
        "/integrations/{integration_id:str}/sync",
        status_code=202,
        sync_to_thread=True,
        operation_id="syncIntegration",
        opt=writes(),
    )
    def sync_all(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        integration_id: FromPath[str],
    ) -> connecting.IntegrationStatus:
        """Ask for a sync of every connection to it now instead of when it is due."""
        found = connecting.ask_for_sync(hub, current_user(request), integration_id)
        request.app.state.worker.wake()
        return found

    @get(
        "/integrations/{integration_id:str}/status",
        sync_to_thread=True,
        operation_id="getIntegrationStatus",
        opt=reads(),
    )
    def status(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        integration_id: FromPath[str],
    ) -> connecting.IntegrationStatus:
        """How its connections do: last and next sync, what is wrong and what to do, history and
        coverage."""
        return connecting.of_integration(hub, current_user(request), integration_id)

    @get("/connections", sync_to_thread=True, operation_id="listConnections", opt=reads())
    def connected(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]
    ) -> ConnectionList:
        """This user's connections, the oldest first."""
        with hub.engine.connect() as conn:
            return ConnectionList(connecting.statuses(hub, conn, current_user(request)))

    @get(
        "/connections/{connection_id:str}",
        sync_to_thread=True,
        operation_id="getConnection",
        opt=reads(),
    )
    def one(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        connection_id: FromPath[str],
    ) -> connecting.ConnectionStatus:
        """One connection."""
        return connecting.one(hub, current_user(request), connection_id)

    @patch(
        "/connections/{connection_id:str}",
        sync_to_thread=True,
        operation_id="changeConnection",
        opt=writes(),
    )
    def change(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        connection_id: FromPath[str],
        data: JSONBody[ConnectionChange],
    ) -> connecting.ConnectionStatus:
        """Rename a connection, pause it or let it go on, or ask for more history. What is left
        out stays."""
        changes = msgspec.structs.asdict(data)
        found = connecting.change(hub, current_user(request), connection_id, **changes)
        request.app.state.worker.wake()
        return found

    @delete(
        "/connections/{connection_id:str}",
        status_code=200,
        sync_to_thread=True,
        operation_id="disconnect",
        opt=writes(),
    )
    def disconnect(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        connection_id: FromPath[str],
    ) -> connecting.ConnectionStatus:
        """Forget the credentials and ask for nothing any more. What came is kept: to take it
        away too, delete it by its connection."""
        return connecting.disconnect(hub, current_user(request), connection_id)
