"""Taking data out: everything as one zip, tables as CSV or Parquet, activities as files."""

from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import quote

from litestar import Controller, Request, get
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream
from openfit.api.answers import files, says
from openfit.api.auth import current_caller, current_user
from openfit.api.scopes import BY_METRIC, EACH, reads
from openfit.errors import NotFound
from openfit.hub import Hub
from openfit.leaving import writing
from openfit.leaving.child import Order
from openfit.leaving.contents import choice
from openfit.leaving.outside import written
from openfit.views import reading

From = Annotated[date | None, QueryParameter(name="from", description="The first day, of UTC")]
To = Annotated[date | None, QueryParameter(name="to", description="The last day, itself included")]
Include = Annotated[
    str | None, QueryParameter(description="Parts with commas between; all without it")
]
Resolution = Literal["raw", "minute", "hour", "day"]
Requested = Request[Any, Any, Any]
TABLES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


BUSY = says(503)  # where as many as can be are being written
ZIP = files("application/zip")
TABLE = files(*TABLES.values())
RECORDING = files(
    "application/vnd.ant.fit",
    "application/gpx+xml",
    "application/vnd.garmin.tcx+xml",
    "application/octet-stream",
)


def attachment(name: str) -> dict[str, str]:
    return {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "cache-control": "no-store",
    }


def split(file: str) -> tuple[str, Any]:
    """`heart_rate.csv` as its two halves."""
    name, _, format = file.rpartition(".")
    if format not in TABLES:
        raise NotFound(
            f"There is no table of the kind {format or 'none'!r}.",
            code="unknown_format",
            next_step="Ask for .csv or .parquet.",
        )
    return name, format


async def table(request: Requested, hub: Hub, order: Order, name: str) -> Stream:
    body = await written(hub, order, request.app.state.exports)
    return Stream(body, media_type=TABLES[order.format], headers=attachment(name))


async def daily(
    request: Requested, hub: Hub, format: Any, first: date | None, last: date | None
) -> Stream:
    wanted, caller = choice(None, first, last), current_caller(request)
    order = Order(
        user_id=caller.user_id,
        what="daily",
        format=format,
        start=wanted.start,
        end=wanted.end,
        families=None if caller.families is None else tuple(sorted(caller.families)),
    )
    return await table(request, hub, order, f"daily.{format}")


class Export(Controller):
    path = "/export"
    tags = ["export"]

    @get(operation_id="exportEverything", operation_class=ZIP, opt=reads() | BUSY)
    async def everything(
        self,
        request: Requested,
        hub: NamedDependency[Hub],
        include: Include = None,
        first: From = None,
        last: To = None,
    ) -> Stream:
        """Everything of the caller as one zip (docs/export.md), as of one moment, streamed."""
        wanted = choice(include, first, last)
        order = Order(
            user_id=current_user(request),
            what="everything",
            include=wanted.include,
            start=wanted.start,
            end=wanted.end,
        )
        body = await written(hub, order, request.app.state.exports)
        return Stream(body, media_type="application/zip", headers=attachment("openfit.zip"))

    @get(
        "/metrics/{metric:str}",
        operation_id="exportMetric",
        operation_class=TABLE,
        opt=reads(BY_METRIC) | BUSY,
    )
    async def metric(
        self,
        request: Requested,
        hub: NamedDependency[Hub],
        metric: FromPath[str],
        first: From = None,
        last: To = None,
        resolution: FromQuery[Resolution] = "raw",
    ) -> Stream:
        """Samples of a metric from every source: its type, a dot and csv or parquet."""
        type, format = split(metric)
        if hub.plugins.metric(type) is None:
            raise NotFound(f"There is no metric {type}.", code="no_metric")
        wanted = choice(None, first, last)
        order = Order(
            user_id=current_user(request),
            what="metric",
            format=format,
            name=type,
            start=wanted.start,
            end=wanted.end,
            resolution=resolution,
        )
        return await table(request, hub, order, metric)

    @get("/daily.csv", operation_id="exportDailyCsv", operation_class=TABLE, opt=reads(EACH) | BUSY)
    async def daily_csv(
        self,
        request: Requested,
        hub: NamedDependency[Hub],
        first: From = None,
        last: To = None,
    ) -> Stream:
        """The value of each metric and day, a row a day."""
        return await daily(request, hub, "csv", first, last)

    @get(
        "/daily.parquet",
        operation_id="exportDailyParquet",
        operation_class=TABLE,
        opt=reads(EACH) | BUSY,
    )
    async def daily_parquet(
        self,
        request: Requested,
        hub: NamedDependency[Hub],
        first: From = None,
        last: To = None,
    ) -> Stream:
        """The value of each metric and day, a row a day, as Parquet."""
        return await daily(request, hub, "parquet", first, last)

    @get(
        "/activities/{file:str}",
        operation_id="exportActivity",
        operation_class=RECORDING,
        opt=reads("workout") | BUSY,
    )
    async def activity(
        self, request: Requested, hub: NamedDependency[Hub], file: FromPath[str]
    ) -> Stream:
        """An activity as a file: its id, a dot and a format, as in `<id>.fit`; csv, parquet too."""
        activity_id, _, format = file.rpartition(".")
        user_id = current_user(request)
        if format in TABLES:
            await sync_to_thread(known, hub, user_id, activity_id)
            order = Order(user_id=user_id, what="activity", format=split(file)[1], name=activity_id)
            return await table(request, hub, order, file)
        one = await sync_to_thread(writing.write_one, hub, user_id, activity_id, format)
        return Stream(writing.pieces(one), media_type=one.media_type, headers=attachment(one.name))


def known(hub: Hub, user_id: int, activity_id: str) -> None:
    with hub.engine.connect() as conn:
        reading.found(conn, user_id, activity_id)
