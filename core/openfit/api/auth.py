"""Who is asking. Everything under /api needs a token but what says `opt={"open": True}`."""

import asyncio
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from openfit.hub import Hub
from openfit.store import people


async def require_token(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """A guard: finds the user of the token and leaves the id on the connection."""
    if handler.opt.get("open"):
        return
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise NotAuthorizedException("This needs a token.")
    hub: Hub = connection.app.state.hub
    pool = connection.app.state.pool
    user_id = await asyncio.get_running_loop().run_in_executor(pool, user_of, hub, token.strip())
    if user_id is None:
        raise NotAuthorizedException("This token is not known here.")
    connection.state.user_id = user_id


def user_of(hub: Hub, token: str) -> int | None:
    with hub.engine.connect() as conn:
        return people.user_of_token(conn, token)


def current_user(request: Request[Any, Any, Any]) -> int:
    return int(request.state.user_id)
