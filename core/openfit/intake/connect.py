"""Connecting a source: credentials in, a sealed state on the connection, and away again."""

from typing import Any

import msgspec
from openfit_sdk import AuthState, IntegrationError
from openfit_sdk.auth import Credentials, NoCredentials
from sqlalchemy import Row

from openfit import crypto
from openfit.errors import Refused
from openfit.hosting.fetch import Fetcher
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, now_ms
from openfit.store import connections
from openfit.store.engine import write


def connect(
    hub: Hub,
    hosts: Hosts,
    user_id: int,
    integration: str,
    credentials: Credentials | None = None,
    settings: dict[str, Any] | None = None,
    history_from: int | None = None,
) -> Row[Any]:
    """Make or renew a connection. The plugin's own words come back when it refuses."""
    plugin = hub.plugins.plugin(integration)
    manifest = plugin.manifest
    if manifest is None:
        raise Refused(
            f"The plugin {integration} cannot be used: {plugin.error}",
            code="plugin_manifest",
            next_step="Update or remove the plugin.",
        )
    if not manifest.data_types:
        raise Refused(
            f"{manifest.name} brings no data: there is nothing to connect.",
            code="no_source",
            next_step="GET /integrations lists what can be connected.",
        )
    try:
        state: AuthState = hosts.host(user_id, integration).call(
            "authenticate",
            http=Fetcher(manifest, spool=hub.raw.spool),
            credentials=credentials or NoCredentials(),
            manifest=manifest,
            settings=settings or {},
        )
    except IntegrationError as error:
        raise Refused(
            error.message,
            code="authenticate",
            next_step="Check what was filled in, and connect again.",
        ) from error
    return save(hub, user_id, integration, manifest.name, state, settings or {}, history_from)


def save(
    hub: Hub,
    user_id: int,
    integration: str,
    name: str,
    state: AuthState,
    settings: dict[str, Any],
    history_from: int | None,
) -> Row[Any]:
    account = state.account_id or ""
    key = crypto.load_key(hub.config.data, hub.config.secret_key)
    connection_id = connections.connection_id(user_id, integration, account)
    sealed = crypto.seal(key, msgspec.msgpack.encode(state), connection_id)
    values: dict[str, Any] = {"history_from": history_from} if history_from is not None else {}
    with write(hub.engine) as conn:
        before = connections.find(conn, user_id, connection_id)
        if before is not None and (names := connections.devices(before)):
            settings = settings | {connections.DEVICES: names}
        return connections.ensure(
            conn,
            user_id,
            integration,
            now_ms(),
            account=account,
            name=name,
            auth_state=sealed,
            settings=msgspec.json.encode(settings).decode(),
            status="ok",
            message=None,
            failures=0,
            next_sync_at=now_ms(),
            **values,
        )
