"""What happens to a request once it is known whose it is, if anybody's, before it is answered."""

from typing import Any

from litestar import Request, Response
from openfit.api import parameters, replay
from openfit.api.conditional import Validators
from openfit.api.exchange import Exchange
from openfit.api.headers import header
from openfit.errors import TooOften
from openfit.rates import Rates, Verdict, nearby

HEAVY = ("/api/v1/export", "/api/v1/backups", "/api/v1/metrics/correlate")
UPLOADS = ("/api/v1/uploads", "/api/v1/activities/import")
WEBHOOKS = "/api/v1/webhooks/"
READS = frozenset({"GET", "HEAD"})


async def before(request: Request[Any, Any, Any]) -> Response[Any] | None:
    parameters.consider(request)
    state: dict[str, Any] = request.scope["state"]
    caller = state.get("caller")
    exchange: Exchange = state["exchange"]
    if caller is None:
        limit_stranger(request, exchange)
        return None
    exchange.user_id = caller.actor_id
    limit(request, exchange, caller.actor_id)
    validators: Validators = request.app.state.validators
    if request.method in READS:
        return await validators.consider(request)
    if wanted := header(request.scope["headers"], b"if-match"):
        await validators.demand(request, wanted)
    return await replay.consider(request, caller.actor_id)


def limit(request: Request[Any, Any, Any], exchange: Exchange, actor_id: int) -> None:
    rates: Rates = request.app.state.rates
    kind = kind_of(request)
    said(exchange, kind, rates.take(kind, actor_id))
    connection = request.scope["path_params"].get("connection_id")
    if connection and request.method == "POST" and exchange.route.endswith("/sync"):
        said(exchange, "syncs", rates.take("syncs", (actor_id, connection)))


def limit_stranger(request: Request[Any, Any, Any], exchange: Exchange) -> None:
    """By where they are, and what they call: a vendor's call starts a plugin's process."""
    rates: Rates = request.app.state.rates
    place = nearby(request.client.host if request.client else "")
    if not request.scope["path"].startswith(WEBHOOKS):
        said(exchange, "open", rates.take("open", place))
        return
    for whose in (place, request.scope["path"]):
        said(exchange, "webhooks", rates.take("webhooks", whose))


def kind_of(request: Request[Any, Any, Any]) -> str:
    stated = request.route_handler.opt.get("rate")
    if stated:
        return str(stated)
    path = request.scope["path"]
    if path.startswith(HEAVY):
        return "heavy"
    if path.startswith(UPLOADS):
        return "uploads"
    return "reads" if request.method in READS else "writes"


def said(exchange: Exchange, kind: str, verdict: Verdict) -> None:
    """In the words of the RateLimit header fields."""
    told = f'"{kind}";r={verdict.remaining};t={verdict.reset}'
    exchange.extra.append((b"ratelimit", told.encode()))
    if not verdict.allowed:
        raise TooOften(
            f"Too many requests of one kind ({kind}) at once.",
            next_step=f"Ask again in {verdict.retry_after} s. OPENFIT_RATES sets how many.",
            retry_after=verdict.retry_after,
        )
