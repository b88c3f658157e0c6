"""Where vendors call the hub unasked, and the address to give them."""

import asyncio
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from openfit.api.auth import current_user
from openfit.api.scopes import ANY_QUERY, OPEN, reads
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub
from openfit.intake import webhooks
from openfit_sdk import WebhookRequest, WebhookResult

TAGS = ["sources"]


@post(
    "/webhooks/{integration_id:str}",
    status_code=200,
    operation_id="receiveWebhook",
    tags=TAGS,
    opt=OPEN | ANY_QUERY,
)
async def receive(
    request: Request[Any, Any, Any], hub: NamedDependency[Hub], integration_id: FromPath[str]
) -> Response[bytes]:
    """A vendor's call: kept byte for byte, judged by its plugin, followed. The address is the
    connection's own; one that nobody declared is not there."""
    call = called(request, await request.body())
    result = await in_pool(request, hub, integration_id, call)
    request.app.state.worker.wake()
    return Response(result.answer, media_type=result.media_type)


@get(
    "/webhooks/{integration_id:str}",
    operation_id="answerWebhook",
    tags=TAGS,
    opt=OPEN | ANY_QUERY,
)
async def greet(
    request: Request[Any, Any, Any], hub: NamedDependency[Hub], integration_id: FromPath[str]
) -> Response[bytes]:
    """A vendor's question whether somebody is here, as some ask before they call."""
    result = await in_pool(request, hub, integration_id, called(request, b""))
    return Response(result.answer, media_type=result.media_type)


@get(
    "/connections/{connection_id:str}/webhook",
    sync_to_thread=True,
    operation_id="getWebhookAddress",
    tags=TAGS,
    opt=reads(),
)
def address(
    request: Request[Any, Any, Any], hub: NamedDependency[Hub], connection_id: FromPath[str]
) -> webhooks.Address:
    """The address to give to a vendor, for connections whose plugin takes calls."""
    base = hub.config.url or str(request.base_url)
    return webhooks.address(hub, current_user(request), connection_id, base)


def called(request: Request[Any, Any, Any], body: bytes) -> WebhookRequest:
    return WebhookRequest(
        method=request.method,
        query={name: str(value) for name, value in request.query_params.items()},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )


async def in_pool(
    request: Request[Any, Any, Any], hub: Hub, ending: str, call: WebhookRequest
) -> WebhookResult:
    def work() -> WebhookResult:
        with Hosts(hub) as hosts:
            return webhooks.receive(hub, hosts, ending, call)

    return await asyncio.get_running_loop().run_in_executor(request.app.state.pool, work)
