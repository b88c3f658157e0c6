"""Whether the hub lives, whether it can work, and its figures for a monitor."""

import hmac
from typing import Any, Literal

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from msgspec import Struct
from openfit.api.auth import require_token
from openfit.api.scopes import OPEN, OWNER
from openfit.hub import Hub
from openfit.store.engine import HEAD, parse, revision
from openfit.watching import metrics_export
from sqlalchemy.exc import DBAPIError

LITTLE_DISK = 200 * 1024 * 1024  # then an import of some size would fail halfway


FIGURES = {200: ResponseSpec(str, media_type="text/plain", description="Figures")}
NOT_READY = "Some requests cannot be met now; the checks say why"


class Health(Struct):
    status: Literal["ok"]


class Check(Struct, omit_defaults=True):
    """`name` is what was looked at; `message` says what is wrong with it, and what to do."""

    name: Literal["database", "migrations", "disk", "worker"]
    ok: bool
    message: str = ""


class Readiness(Struct):
    ready: bool
    checks: list[Check]


@get("/health", opt=OPEN, sync_to_thread=False, operation_id="health", tags=["meta"])
def health() -> Health:
    """Answers while the process lives, whatever state the rest is in."""
    return Health("ok")


@get(
    "/ready",
    opt=OPEN,
    sync_to_thread=True,
    operation_id="ready",
    tags=["meta"],
    responses={503: ResponseSpec(Readiness, description=NOT_READY)},
)
def ready(request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> Response[Readiness]:
    """Whether requests can be met: database, its version, room on the disk, the worker. 503 where
    one of them cannot."""
    checks = [database(hub), migrations(hub), disk(hub), worker(request)]
    good = all(check.ok for check in checks)
    return Response(Readiness(good, checks), status_code=200 if good else 503)


def database(hub: Hub) -> Check:
    try:
        with hub.engine.connect() as conn:
            conn.exec_driver_sql("select 1")
    except DBAPIError:
        return Check("database", False, "The database does not answer.")
    return Check("database", True)


def migrations(hub: Hub) -> Check:
    try:
        found = revision(parse(hub.config.database_url).render_as_string(hide_password=False))
    except DBAPIError:
        return Check("migrations", False, "The database does not answer.")
    if found == HEAD:
        return Check("migrations", True)
    return Check("migrations", False, "The database is of another version; restart the hub.")


def disk(hub: Hub) -> Check:
    if metrics_export.free_bytes(hub) >= LITTLE_DISK:
        return Check("disk", True)
    return Check("disk", False, "The data folder is nearly full; free some space there.")


def worker(request: Request[Any, Any, Any]) -> Check:
    if request.app.state.worker.is_able:
        return Check("worker", True)
    return Check("worker", False, "The worker fell over; the log says why. It is started again.")


async def monitor_or_owner(connection: Any, handler: Any) -> None:
    """A monitor has a token of its own; without one it is the owner's to see."""
    expected = connection.app.state.hub.config.metrics_token
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and expected and same(token.strip(), expected):
        return
    await require_token(connection, handler)


def same(sent: str, expected: str) -> bool:
    """As bytes, which may be any: a header is read as Latin-1, a setting as UTF-8."""
    return hmac.compare_digest(sent.encode("latin-1"), expected.encode("utf-8", "surrogateescape"))


@get(
    "/meta/prometheus",
    opt=OWNER,
    sync_to_thread=True,
    media_type="text/plain",
    operation_id="getFigures",
    responses=FIGURES,
    tags=["meta"],
)
def prometheus(request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> Response[bytes]:
    """Figures about this hub in the format of Prometheus."""
    return Response(request.app.state.monitor.text(hub), media_type=metrics_export.MEDIA_TYPE)
