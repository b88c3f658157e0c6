"""Where clients post what a device sent: the routes that plugins list under `[push]`."""

import asyncio
from functools import partial
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath
from openfit.api.answers import says
from openfit.api.auth import current_user
from openfit.api.scopes import writes
from openfit.errors import TooLarge
from openfit.hub import Hub
from openfit.intake import pushing
from openfit.intake.pushing import MOST_BYTES, Answer
from openfit_sdk import Push


class TakesBody(Operation):
    """The body is the plugin's to read."""

    def __post_init__(self) -> None:
        anything = Schema(type=OpenAPIType.OBJECT, additional_properties=True)
        self.request_body = RequestBody(
            content={"application/json": OpenAPIMediaType(schema=anything)}, required=True
        )


async def take(
    request: Request[Any, Any, Any], hub: NamedDependency[Hub], route: FromPath[str]
) -> Answer:
    """Hand over what a device sent, to the plugin that takes this route; `batch` and `events` of
    an OpenStrap band, for one. The body may be packed (`Content-Encoding: gzip`).

    The answer comes when everything is safe on disk. `received`, `new` and `duplicate` count
    records; the plugin adds counts of its own. Sending the same again does no harm.
    """
    integration, name, limits = pushing.route_of(hub, route.strip("/"))
    desk: pushing.Desk = request.app.state.pushes
    work = asyncio.get_running_loop().run_in_executor
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise TooLarge(
            f"The body is more than {MOST_BYTES:,} bytes.", next_step="Send it in several posts."
        )
    encoding = request.headers.get("content-encoding", "").strip().lower()
    packed = encoding not in ("", "identity")
    unpack = partial(pushing.unpacked, body, encoding, limits.body_bytes)
    plain = await work(desk.pool, unpack) if packed else unpack()
    media_type = request.headers.get("content-type", "application/json").partition(";")[0]
    push = Push(route=name, body=plain, media_type=media_type)
    with request.app.state.pushed.noise():
        answer: Answer = await work(
            desk.pool, desk.receive, current_user(request), integration, push
        )
    return answer


HOW: dict[str, Any] = {
    "status_code": 200,
    "request_max_body_size": MOST_BYTES,
    "operation_class": TakesBody,
    "opt": writes() | {"rate": "pushes"} | says(503),
}
ingest = post("/ingest/{route:path}", operation_id="ingest", tags=["import"], **HOW)(take)
# where clients of the first OpenStrap servers post
unversioned = post("/ingest/{route:path}", include_in_schema=False, **HOW)(take)
