"""Calls of vendors: kept word for word before anything else, then judged by their plugin.

The address of a connection ends in `<integration>.<token>`; the token follows from the hub's key,
so none is stored. The bare name of an integration will do where it has one connection in this hub.
"""

import hashlib
import hmac
from typing import Any

import msgspec
from msgspec import Struct
from openfit_sdk import AuthState, IntegrationError, RawItem, WebhookRequest, WebhookResult
from sqlalchemy import Connection, Row, select

from openfit import crypto
from openfit.errors import NotFound, Refused
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, now_ms
from openfit.intake import ingest, sync
from openfit.store import connections, raw
from openfit.store.engine import retrying, write
from openfit.store.tables import connections as links
from openfit.store.tables import raw_items

KIND = "webhook"
UNVERIFIED, NOTED = "unverified", "noted"  # neither is ever read by `normalize`
MOST_UNVERIFIED = 100  # of a connection: anyone may call
SECRET = "webhook_secret"  # in what `authenticate` keeps
TOKEN_CHARACTERS = 32


class Address(Struct, frozen=True):
    """Where a vendor calls for a connection. Who knows it can call, and no more."""

    url: str


def token(hub: Hub, connection_id: str) -> str:
    key = crypto.load_key(hub.config.data, hub.config.secret_key)
    said = hmac.new(key, f"webhook {connection_id}".encode(), hashlib.sha256)
    return said.hexdigest()[:TOKEN_CHARACTERS]


def address(hub: Hub, user_id: int, connection_id: str, base: str) -> Address:
    with hub.engine.connect() as conn:
        row = connections.get(conn, user_id, connection_id)
    ensure_declared(hub, row.integration)
    ending = f"{row.integration}.{token(hub, connection_id)}"
    return Address(f"{base.rstrip('/')}/api/v1/webhooks/{ending}")


def ensure_declared(hub: Hub, integration: str) -> None:
    found = hub.plugins.plugins.get(integration)
    if found is None or found.manifest is None or "webhook" not in found.manifest.sync_modes:
        raise unknown()


def unknown() -> NotFound:
    """The same for all that is wrong with an address, so that nothing can be found out by it."""
    return NotFound(
        "Nobody is called here.",
        code="no_webhook",
        next_step="Use the address that the connection shows.",
    )


def connection_at(hub: Hub, conn: Connection, ending: str) -> Row[Any]:
    integration, _, given = ending.partition(".")
    ensure_declared(hub, integration)
    query = select(links).where(
        links.c.integration == integration, links.c.status != "disconnected"
    )
    rows = list(conn.execute(query))
    if given:
        rows = [
            row
            for row in rows
            if hmac.compare_digest(token(hub, row.connection_id).encode(), given.encode())
        ]
    if len(rows) != 1:
        raise unknown()
    return rows[0]


def receive(hub: Hub, hosts: Hosts, ending: str, request: WebhookRequest) -> WebhookResult:
    """Keep a call, have the plugin judge it, and do what follows from it."""
    with hub.engine.connect() as conn:
        row = connection_at(hub, conn, ending)
    receipt = keep(hub, row, request.body) if request.body else None
    result = judged(hub, hosts, row, request)
    if result.items:
        accepted = [ingest.spooled(item) for item in result.items]
        ingest.accept(hub, row.user_id, row.connection_id, accepted)
    retrying(lambda: settle(hub, row, receipt, result))
    return result


def judged(hub: Hub, hosts: Hosts, row: Row[Any], request: WebhookRequest) -> WebhookResult:
    state: AuthState = sync.auth_state(hub, row)
    try:
        result: WebhookResult = hosts.host(row.user_id, row.integration).call(
            "webhook",
            request=request,
            secret=str(state.extra.get(SECRET, "")),
            settings=msgspec.json.decode(row.settings),
        )
    except IntegrationError as error:
        raise Refused(
            f"The call was kept, but {row.name} does not take it for genuine.",
            code="unverified",
            next_step="Sign it with the secret of this connection.",
        ) from error
    return result


def keep(hub: Hub, row: Row[Any], body: bytes) -> int:
    """Before anything else, byte for byte. It waits for no reading: nobody vouches for it yet."""
    item, spooled = ingest.spooled(
        RawItem(
            kind=KIND,
            id=hashlib.sha256(body).hexdigest(),
            body=body,
            media_type="application/octet-stream",
        )
    )
    kept = ingest.Body(hub, item, spooled)
    kept.keep()

    def commit() -> int:
        with write(hub.engine) as conn:
            taken = ingest.take(conn, row.user_id, row.connection_id, item, kept)
            if not taken.duplicate:
                raw.set_item(conn, row.user_id, taken.receipt, state=UNVERIFIED)
            return taken.receipt

    receipt = retrying(commit)
    prune(hub, row)
    return receipt


def prune(hub: Hub, row: Row[Any]) -> None:
    """Of calls that nobody vouched for the latest are kept: they show what a vendor sends."""
    query = select(raw_items.c.receipt).where(
        raw_items.c.user_id == row.user_id,
        raw_items.c.connection_id == row.connection_id,
        raw_items.c.kind == KIND,
        raw_items.c.state == UNVERIFIED,
    )
    query = query.order_by(raw_items.c.receipt.desc()).offset(MOST_UNVERIFIED)
    with write(hub.engine) as conn:
        gone = list(conn.execute(query).scalars())
        files = [raw.remove(conn, hub.raw, row.user_id, receipt) for receipt in gone]
    for file in files:
        if file is not None:
            file.unlink(missing_ok=True)


def settle(hub: Hub, row: Row[Any], receipt: int | None, result: WebhookResult) -> None:
    with write(hub.engine) as conn:
        if receipt is not None:
            raw.set_item(conn, row.user_id, receipt, state=NOTED)
        if result.sync and row.status not in ("paused", "reauth_required"):
            connections.change(conn, row.user_id, row.connection_id, next_sync_at=now_ms())
