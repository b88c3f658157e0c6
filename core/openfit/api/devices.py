"""Devices, and whose word counts where several measure the same."""

from typing import Any

from litestar import Controller, Request, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct
from openfit.api.auth import current_user
from openfit.api.scopes import reads, writes
from openfit.hub import Hub
from openfit.person import ladders
from openfit.views import devices


class Ranking(Struct, forbid_unknown_fields=True):
    """Source ids and device types, best first. Those left out follow, by the default order."""

    ranking: list[str]


class Devices(Controller):
    tags = ["sources"]

    @get("/devices", sync_to_thread=True, operation_id="listDevices", opt=reads("device"))
    def listed(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]
    ) -> devices.DeviceList:
        """Every source: which device of which connection, what it gives and since when, when it
        was last heard of, battery and firmware where they are known."""
        with hub.engine.connect() as conn:
            return devices.devices(hub, conn, current_user(request))

    @get("/ladders", sync_to_thread=True, operation_id="listLadders", opt=reads())
    def rankings(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]
    ) -> ladders.Ladders:
        """Whose value of a day counts: rankings by metric, `*` for all others, and the order of
        device types that holds without any."""
        with hub.engine.connect() as conn:
            return ladders.read(hub, conn, current_user(request))

    @put("/ladders/{metric:str}", sync_to_thread=True, operation_id="setLadder", opt=writes())
    def rank(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        metric: FromPath[str],
        data: JSONBody[Ranking],
    ) -> ladders.Ladders:
        """Rank the sources of a metric, or with `*` of all. Days are resolved again at once."""
        user_id = current_user(request)
        ladders.put(hub, user_id, metric, data.ranking)
        request.app.state.worker.wake()
        with hub.engine.connect() as conn:
            return ladders.read(hub, conn, user_id)

    @delete(
        "/ladders/{metric:str}",
        status_code=200,
        sync_to_thread=True,
        operation_id="dropLadder",
        opt=writes(),
    )
    def drop(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], metric: FromPath[str]
    ) -> ladders.Ladders:
        """Go back to the ranking of all metrics, or for `*` to the default order."""
        user_id = current_user(request)
        ladders.drop(hub, user_id, metric)
        request.app.state.worker.wake()
        with hub.engine.connect() as conn:
            return ladders.read(hub, conn, user_id)
