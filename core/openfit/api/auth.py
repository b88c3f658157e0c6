"""Who is asking, and for whom. Everything under /api needs a token but what is `OPEN`."""

import asyncio
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from msgspec import Struct
from openfit.api.scopes import SCOPES
from openfit.hub import Hub
from openfit.store import people


class Caller(Struct, frozen=True):
    """`actor_id` asks about `user_id`: mostly the same person. `families` is None where all are
    theirs to see."""

    user_id: int
    actor_id: int
    scopes: frozenset[str] = frozenset(SCOPES)
    families: frozenset[str] | None = None

    def may_see(self, family: str) -> bool:
        return self.families is None or family in self.families


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
    connection.state.caller = Caller(user_id, user_id)


def user_of(hub: Hub, token: str) -> int | None:
    with hub.engine.connect() as conn:
        return people.user_of_token(conn, token)


def current_user(request: Request[Any, Any, Any]) -> int:
    """Whose data the request is about."""
    return current_caller(request).user_id


def current_caller(request: Request[Any, Any, Any]) -> Caller:
    found: Caller = request.state.caller
    return found
