"""What a route takes in its query, and that it takes nothing else.

A filter that is mistyped would otherwise show, export or compare everything. It follows from the
signatures of handlers, once, as their routes are made.
"""

from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from msgspec import Struct
from openfit.api.errors import Fault, Misasked

LONGEST_SHOWN = 60


class Takes(Struct, frozen=True):
    """Names as clients write them. `public` finds them by the names of a handler's arguments."""

    names: frozenset[str]
    several: frozenset[str]
    public: dict[str, str]


class Parameters(ReceiveRoutePlugin):
    """Notes of each handler what its query may hold."""

    def receive_route(self, route: BaseRoute) -> None:
        if not isinstance(route, HTTPRoute) or not route.path.startswith("/api/v1"):
            return
        for handler, model in route.route_handler_map.values():
            asked = model.expected_query_params
            public = {one.field_name: one.field_alias for one in asked}
            person = () if handler.opt.get("open") else ("person",)
            names = frozenset([*public.values(), *person])
            several = frozenset(one.field_alias for one in asked if one.is_sequence)
            handler.opt["takes"] = Takes(names, several, public)


def consider(request: Request[Any, Any, Any]) -> None:
    """Refuse what nobody here would look at."""
    query: bytes = request.scope["query_string"]
    opt = request.route_handler.opt
    if not query or opt.get("any_query"):
        return
    takes: Takes = opt["takes"]
    given = [name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
    unknown = [name for name in dict.fromkeys(given) if name not in takes.names]
    if unknown:
        raise Misasked(
            "unknown_parameter",
            [Fault("query", name[:LONGEST_SHOWN], meant(name, takes)) for name in unknown],
            known(takes),
        )
    twice = [name for name in takes.names - takes.several if given.count(name) > 1]
    if twice:
        raise Misasked(
            "repeated_parameter",
            [Fault("query", name, "is given more than once") for name in sorted(twice)],
            "Give it once.",
        )


def meant(name: str, takes: Takes) -> str:
    close = get_close_matches(name[:LONGEST_SHOWN], sorted(takes.names), 1)
    return f"is not known here; perhaps `{close[0]}` is meant" if close else "is not known here"


def known(takes: Takes) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(takes.names))
    return f"Leave it out, or use one of {names}." if names else "Leave it out; none is taken here."
