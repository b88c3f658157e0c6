"""Every route of the OpenAPI document, and how to ask it for something real."""

import re
from typing import Any
from uuid import UUID, uuid5

from litestar import Litestar
from msgspec import Struct

METHODS = ("get", "head", "put", "post", "patch", "delete")
# Parameters that name no thing of anybody's.
WORDS = {
    "action": "alarm",
    "route": "openstrap_band/batch",
    "day": "2026-03-02",
    "type": "weight",
    "field": "max_heart_rate",
    "kind": "history",
    "metric": "weight",
    "exportMetric.metric": "weight.csv",
    "integration_id": "fileimport",
}


class Route(Struct, frozen=True):
    method: str
    path: str  # a template
    id: str
    opt: dict[str, Any]
    wants: tuple[str, ...]  # required query parameters
    has_body: bool
    needs_body: bool  # some of its fields are required

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def identities(self) -> list[str]:
        """What of its path names something that belongs to somebody."""
        return [one for one in self.parameters if one not in WORDS]

    @property
    def family(self) -> str | None:
        return self.opt.get("family")

    @property
    def scope(self) -> str | None:
        return self.opt.get("scope")


def routes(app: Litestar) -> list[Route]:
    document = app.openapi_schema.to_schema()
    opts = {
        handler.operation_id: handler.opt
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if handler.operation_id
    }
    return [
        Route(
            method,
            path.removeprefix("/api/v1"),
            operation["operationId"],
            opts[operation["operationId"]],
            tuple(
                one["name"]
                for one in operation.get("parameters", [])
                if one["in"] == "query" and one.get("required")
            ),
            "requestBody" in operation,
            bool(required(document, operation)),
        )
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    ]


def required(document: dict, operation: dict) -> list[str]:
    """The fields that a JSON body must have; of a union those of its first kind."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    while "$ref" in schema or "oneOf" in schema:
        if "oneOf" in schema:
            schema = schema["oneOf"][0]
        else:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema.get("required", [])


class Examples(Struct):
    """Real things of somebody, by the parameter that names them or by `operation.parameter`; what
    to ask for, and with what body."""

    things: dict[str, str]
    queries: dict[str, dict[str, str]]
    bodies: dict[str, Any]
    headers: dict[str, dict[str, str]]

    def missing(self, route: Route) -> list[str]:
        """What has to be said here before this route is tested."""
        lacks = [one for one in route.identities if self.thing(route, one) is None]
        query = self.queries.get(route.id, {})
        lacks += [f"?{one}" for one in route.wants if one not in query]
        if route.needs_body and route.id not in self.bodies:
            lacks.append("body")
        return lacks

    def thing(self, route: Route, name: str) -> str | None:
        return self.things.get(f"{route.id}.{name}", self.things.get(name))

    def path(self, route: Route, *, made_up: bool = False) -> str:
        def one(found: re.Match[str]) -> str:
            if found[1] in WORDS:
                return WORDS.get(f"{route.id}.{found[1]}", WORDS[found[1]])
            real = self.thing(route, found[1])
            assert real is not None
            return like(real, found[1]) if made_up else real

        return re.sub(r"{(\w+)}", one, route.path)

    def asked(self, route: Route, *, person: int | None = None) -> dict[str, Any]:
        """The rest of a request, as the test client takes it."""
        query = self.queries.get(route.id, {})
        body = self.bodies.get(route.id)
        how: dict[str, Any] = {"headers": self.headers.get(route.id, {})}
        how["params"] = query | ({"person": str(person)} if person is not None else {})
        if isinstance(body, bytes):
            how["content"] = body
        elif body is not None or route.has_body:
            how["json"] = body if body is not None else {}
        return how


def like(real: str, name: str) -> str:
    """Something of the same form that was never given to anybody, another for each name."""
    stem, dot, ending = real.partition(".")
    try:
        UUID(stem)
    except ValueError:
        return "9" * len(stem) if stem.isdigit() else "0" * len(stem)
    return str(uuid5(UUID(int=0), name)) + dot + ending
