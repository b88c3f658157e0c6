"""How long originals are kept, by connection. Nothing is let go unless a person chose so."""

from typing import Annotated, Any

from litestar import Controller, Request, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct
from openfit.api.auth import current_user
from openfit.api.scopes import reads, writes
from openfit.hub import Hub
from openfit.leaving import expiring

Days = Annotated[int, Meta(ge=1, le=36_500)]


class Retention(Struct, forbid_unknown_fields=True, kw_only=True):
    """`days` null keeps originals for ever. A dry run tells what would go and changes nothing."""

    days: Days | None
    dry_run: bool = True


class RetentionList(Struct):
    items: list[expiring.Kept]


class RetentionRoutes(Controller):
    path = "/retention"
    tags = ["sources"]

    @get(sync_to_thread=True, operation_id="listRetention", opt=reads())
    def listed(self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> RetentionList:
        """How many originals each connection keeps, and for how long."""
        return RetentionList(expiring.kept(hub, current_user(request)))

    @put("/{connection_id:str}", sync_to_thread=True, operation_id="setRetention", opt=writes())
    def choose(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        connection_id: FromPath[str],
        data: JSONBody[Retention],
    ) -> expiring.Kept:
        """Keep a connection's originals so many days. It holds a day later: until then it can be
        taken back and nothing is lost. What follows from an original always stays."""
        user_id = current_user(request)
        return expiring.choose(hub, user_id, connection_id, data.days, dry_run=data.dry_run)
