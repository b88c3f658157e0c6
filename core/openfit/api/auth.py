"""Who is asking, and for whom. Everything under /api needs a token but what is `OPEN`.

The guard holds a request against what its route says (`scopes`): the token's scopes, whether a
person signed in, and for another person's data a live grant that covers the family. It refuses
what says nothing.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from msgspec import Struct
from openfit.access import granting
from openfit.access.desk import Access
from openfit.access.refusals import NotAllowed
from openfit.access.sessions import Where
from openfit.access.ways import Way
from openfit.api.scopes import BY_METRIC, EACH, SCOPES
from openfit.errors import Refused

Connection = ASGIConnection[Any, Any, Any, Any]
Answer = TypeVar("Answer")
LARGEST_ID = 2**53


class Caller(Struct, frozen=True):
    """`actor_id` asks about `user_id`: mostly the same person. `families` is None where all are
    theirs to see."""

    user_id: int
    actor_id: int
    scopes: frozenset[str] = frozenset(SCOPES)
    families: frozenset[str] | None = None
    session_id: str | None = None  # None by key

    def may_see(self, family: str) -> bool:
        return self.families is None or family in self.families


async def require_token(connection: Connection, handler: BaseRouteHandler) -> None:
    """A guard: leaves who asks on the connection, or refuses."""
    opt = handler.opt
    if opt.get("open"):
        return
    way = await way_of(connection)
    if opt.get("scope") not in way.scopes:
        raise NotAllowed(
            f"This needs the scope {opt.get('scope')!r}, which this sign-in or key does not have.",
            code="scope",
            next_step="Use a key that has it, or ask the owner of the hub.",
        )
    if opt.get("session") and way.session_id is None:
        raise NotAllowed(
            "This wants a person who signed in; a key cannot do it.",
            code="session_needed",
            next_step="Sign in, and do it there.",
        )
    caller = Caller(way.user_id, way.user_id, way.scopes, None, way.session_id)
    if b"person" in connection.scope["query_string"]:
        caller = await for_person(connection, caller, opt)
    connection.state.caller = caller


async def way_of(connection: Connection) -> Way:
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise NotAuthorizedException("This needs a token.")
    access, bearer = access_of(connection), token.strip()
    way = access.ways.remembered(bearer)
    if way is None:
        way = await in_pool(connection.app.state.pool, access.ways.find, bearer)
    if way is None:
        raise NotAuthorizedException("This token is not known here, is over or was revoked.")
    return way


async def for_person(connection: Connection, caller: Caller, opt: dict[str, Any]) -> Caller:
    """The same caller, with another's eyes closed but for what a grant opens. Booked."""
    person = person_named(connection)
    if person is None or person == caller.user_id:
        return caller
    family = family_of(connection, opt)
    route = f"{connection.scope['method']} {connection.scope['path_template']}"  # type: ignore[typeddict-item]
    look = partial(looked, access_of(connection), person, caller.actor_id, family, route)
    families = await in_pool(connection.app.state.pool, look)
    return Caller(person, caller.actor_id, caller.scopes, families, caller.session_id)


def person_named(connection: Connection) -> int | None:
    said = connection.query_params.getall("person", [])
    if not said:
        return None
    if len(said) > 1 or not said[0].isascii() or not said[0].isdigit():
        raise Refused("person is the number of one person.", code="person", next_step=PEOPLE)
    return min(int(said[0][:20]), LARGEST_ID)


def family_of(connection: Connection, opt: dict[str, Any]) -> str | None:
    """The family that a grant must cover; None where the handler looks at each."""
    family = opt.get("family")
    if opt.get("scope") != "read" or family is None:
        raise NotAllowed(
            "This is only ever one's own: no grant reaches it.", code="own", next_step=PEOPLE
        )
    if family == BY_METRIC:
        found = access_of(connection).hub.plugins.metric(metric_named(connection.path_params))
        return found.family if found else ""
    return None if family == EACH else str(family)


def metric_named(path: dict[str, Any]) -> str:
    """By itself, or as a file of a table: `weight`, `weight.csv`."""
    file: str = path.get("metric", "")
    return str(path["type"]) if "type" in path else file.rpartition(".")[0]


def looked(
    access: Access, user_id: int, actor_id: int, family: str | None, route: str
) -> frozenset[str] | None:
    now = access.now()
    with access.hub.engine.connect() as conn:
        grant_id, families = granting.may_look(conn, user_id, actor_id, family, now)
    access.booking.note(user_id, actor_id, route, grant_id, now)
    return families


PEOPLE = "GET /people lists whose data you may see, and which families of it."


def access_of(connection: Connection) -> Access:
    found: Access = connection.app.state.access
    return found


async def in_pool(pool: Any, work: Callable[..., Answer], *args: Any) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(pool, partial(work, *args))


async def beside(request: Connection, work: Callable[..., Answer], *args: Any) -> Answer:
    """In threads of their own, so that passwords being worked out hold up nobody else."""
    return await in_pool(access_of(request).pool, work, *args)


def where(connection: Connection) -> Where:
    client = connection.client
    return Where(client.host if client else "", connection.headers.get("user-agent", ""))


def current_user(request: Request[Any, Any, Any]) -> int:
    """Whose data the request is about."""
    return current_caller(request).user_id


def current_caller(request: Request[Any, Any, Any]) -> Caller:
    found: Caller = request.state.caller
    return found


def session_of(request: Request[Any, Any, Any]) -> str:
    """Of who asks by a route that is `SIGNED_IN`."""
    session_id = current_caller(request).session_id
    assert session_id is not None  # the guard saw to it
    return session_id
