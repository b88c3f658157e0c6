"""The wearer's clock: for whoever writes instants as they were lived."""

from datetime import timedelta
from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from openfit.api.auth import current_user
from openfit.api.scopes import reads
from openfit.api.spans import From, To, span
from openfit.errors import Refused
from openfit.hub import Hub
from openfit.views import clock

LONGEST = timedelta(days=50 * 366)


@get(
    "/profile/clock",
    sync_to_thread=True,
    operation_id="getClock",
    tags=["profile"],
    opt=reads("profile"),
)
def wearer_clock(
    request: Request[Any, Any, Any], hub: NamedDependency[Hub], first: From = None, last: To = None
) -> clock.Offsets:
    """Offsets from UTC that the wearer's clock stood at, from the first day to the last: a year
    back unless said otherwise. A flight is a change, and so is the end of summer time."""
    user_id = current_user(request)
    start, end = span(hub, user_id, first, last, None, 366)
    if end - start > LONGEST:
        raise Refused(
            f"From {start} to {end} is longer than 50 years.",
            code="span",
            next_step="Ask for a shorter span.",
        )
    with hub.engine.connect() as conn:
        return clock.offsets(conn, user_id, start, end)
