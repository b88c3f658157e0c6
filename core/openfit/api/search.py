"""Search over what people wrote."""

from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from openfit.api.auth import current_caller
from openfit.api.paging import read_place, write_cursor
from openfit.api.scopes import EACH, reads
from openfit.hub import Hub
from openfit.views import searching


@get("/search", sync_to_thread=True, operation_id="search", tags=["search"], opt=reads(EACH))
def search(
    request: Request[Any, Any, Any],
    hub: NamedDependency[Hub],
    q: Annotated[str, QueryParameter(max_length=200, description="Words; the last may go on")],
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 30,
    cursor: FromQuery[str | None] = None,
) -> searching.SearchPage:
    """Activities and days of the journal whose words hold all that was asked for, the latest
    first. Case and accents do not matter."""
    caller = current_caller(request)
    with hub.engine.connect() as conn:
        words, found, more = searching.search(
            conn,
            caller.user_id,
            q,
            days=caller.may_see("journal"),
            activities=caller.may_see("workout"),
            before=read_place(cursor, tuple[str, str]),
            limit=limit,
        )
    return searching.SearchPage(words, found, more and write_cursor(more))
