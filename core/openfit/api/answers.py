"""What every route can answer beside success, said in the document without saying it each time.

It follows from what a route is: whether it is open, whether its path names something, whether it
writes, whether it takes a body. A route that can answer more says so: `opt=reads() | says(410)`.
"""

from dataclasses import dataclass
from typing import Any, get_origin

from litestar._openapi.schema_generation.plugins.struct import StructSchemaPlugin
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    Schema,
)
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from openfit.api.errors import MEDIA_TYPE, Problem

WHY = {
    400: "The request is not as described, or cannot be met as it stands",
    401: "No token, or one that is not known, has expired or was revoked",
    403: "The token does not allow this",
    404: "There is no such thing, or it is not this user's",
    408: "The request's body did not arrive in time",
    409: "Something else is under way, or came first",
    412: "It has changed since the state that If-Match names",
    413: "More bytes than are taken here",
    415: "The body is not of a media type that is taken here",
    422: "Well formed, and yet not to be followed",
    429: "Too many requests; Retry-After says when to come again",
    503: "It cannot be done just now; Retry-After says when to come again",
    460: "The piece is not what its checksum says",
}
BINARY = OpenAPIFormat.BINARY
READS, WITH_BODY = {"GET", "HEAD"}, {"POST", "PUT", "PATCH"}


def says(*statuses: int) -> dict[str, Any]:
    """More statuses that a route answers problems with."""
    return {"says": statuses}


def statuses(handler: HTTPRouteHandler, path: str) -> set[int]:
    found = {400, 429, *handler.opt.get("says", ())}
    if not handler.opt.get("open"):
        found |= {401, 403}
    if "{" in path:
        found.add(404)
    if not handler.http_methods & READS:
        found |= {409, 412, 422}
    if handler.http_methods & WITH_BODY:
        found |= {404, 408, 413, 415}
    return found


def files(*media: str) -> type[Operation]:
    """For a route that answers with a file, of one of several media types."""

    @dataclass
    class AnswersFiles(Operation):
        def __post_init__(self) -> None:
            content = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=BINARY))
            found = (self.responses or {})["200"]
            assert isinstance(found, OpenAPIResponse)
            found.content = dict.fromkeys(media, content)

    return AnswersFiles


PERSON = Parameter(
    name="person",
    param_in="query",
    required=False,
    description="Whose data, where a grant of theirs allows it (GET /people); without, one's own",
    schema=Schema(type=OpenAPIType.INTEGER, minimum=1),
)


def of_a_person(base: type[Operation]) -> type[Operation]:
    """For a route that a grant can reach."""

    @dataclass
    class OfAPerson(base):  # type: ignore[valid-type,misc]
        parameters: list[Parameter | Reference] | None = None

        def __post_init__(self) -> None:
            completed = getattr(super(), "__post_init__", None)
            if completed is not None:
                completed()
            self.parameters = [*(self.parameters or []), PERSON]

    return OfAPerson


def is_granted(handler: HTTPRouteHandler) -> bool:
    return handler.opt.get("scope") == "read" and handler.opt.get("family") is not None


class Answers(ReceiveRoutePlugin):
    """Completes each route's documentation as it is registered."""

    def receive_route(self, route: BaseRoute) -> None:
        if not isinstance(route, HTTPRoute) or not route.path.startswith("/api/v1"):
            return
        for handler in route.route_handlers:
            if handler.include_in_schema is not False and handler.operation_id:
                self.complete(handler, route.path)

    def complete(self, handler: HTTPRouteHandler, path: str) -> None:
        said: dict[int, ResponseSpec] = dict(handler.responses or {})
        for status in sorted(statuses(handler, path)):
            said.setdefault(status, problem(status))
        if handler.http_methods & READS and not handler.opt.get("open"):
            unchanged = ResponseSpec(None, description="Not changed since the ETag that was sent")
            said.setdefault(304, unchanged)
        if handler.status_code == 204:
            said.setdefault(204, ResponseSpec(None, description="Done; there is nothing to say"))
        if handler.opt.get("open"):
            handler.security = [{}]
        if is_granted(handler) and handler.operation_class.__name__ != "OfAPerson":
            handler.operation_class = of_a_person(handler.operation_class)
        handler.deprecated = handler.deprecated or "deprecated" in handler.opt
        handler.responses = said


class StrictStructs(StructSchemaPlugin):
    """What refuses fields that it does not know says so."""

    def to_openapi_schema(self, field_definition: Any, schema_creator: Any) -> Schema:
        schema = super().to_openapi_schema(field_definition, schema_creator)
        if struct_config(field_definition.annotation).forbid_unknown_fields:
            schema.additional_properties = False
        return schema


def struct_config(of: Any) -> Any:
    return (get_origin(of) or of).__struct_config__


def problem(status: int) -> ResponseSpec:
    return ResponseSpec(
        Problem,
        generate_examples=False,
        description=WHY.get(status, "Refused"),
        media_type=MEDIA_TYPE,
    )
