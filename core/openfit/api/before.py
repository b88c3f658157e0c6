"""What happens to a request once it is known whose it is, before it is answered."""

from typing import Any

from litestar import Request, Response
from openfit.api import replay
from openfit.api.conditional import Validators
from openfit.api.exchange import Exchange
from openfit.api.headers import header
from openfit.errors import TooOften
from openfit.rates import Rates, Verdict

HEAVY = ("/api/v1/export", "/api/v1/backups", "/api/v1/metrics/correlate")
UPLOADS = ("/api/v1/uploads", "/api/v1/activities/import")
READS = frozenset({"GET", "HEAD"})


async def before(request: Request[Any, Any, Any]) -> Response[Any] | None:
    state: dict[str, Any] = request.scope["state"]
    caller = state.get("caller")
    if caller is None:
        return None
    exchange: Exchange = state["exchange"]
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
