"""Files in and originals out."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream
from msgspec import Struct
from openfit.api.auth import current_user
from openfit.api.paging import read_cursor, write_cursor
from openfit.api.scopes import reads, writes
from openfit.errors import Refused
from openfit.hub import Hub, now_ms
from openfit.intake import import_reports, importing
from openfit.intake.import_reports import ImportReport
from openfit.store import raw
from openfit.store.raw import Spool

CHUNK = 256 * 1024
ORIGINAL = {200: ResponseSpec(bytes, media_type="application/octet-stream", description="The file")}


class Taken(Struct):
    """A file was taken in; its reading is followed under /imports."""

    import_id: FromPath[str]
    number: int


class ImportPage(Struct):
    items: list[ImportReport]
    next_cursor: str | None = None


class Imports(Controller):
    tags = ["import"]

    @post(
        "/activities/import",
        status_code=202,
        operation_id="importFile",
        request_max_body_size=None,
        opt=writes(),
    )
    async def take(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        name: Annotated[str, QueryParameter(min_length=1, max_length=1000, pattern="^[^\\x00]+$")],
        import_id: Annotated[
            str | None, QueryParameter(pattern="^[0-9a-f-]{36}$", description="To add to an import")
        ] = None,
        connection_id: Annotated[
            str | None,
            QueryParameter(
                pattern="^[0-9a-f-]{36}$", description="Of which device, where there are several"
            ),
        ] = None,
    ) -> Taken:
        """Take in one file, as the body of the request: FIT, GPX, TCX, gzipped or in a zip, or
        what a device's plugin takes, as lines of hex of an OpenStrap band.

        The answer comes when the file is safe on disk; reading it goes on in the background.
        """
        in_pool: Callable[..., Any] = partial(
            asyncio.get_running_loop().run_in_executor, request.app.state.pool
        )
        spool = Spool(hub.raw, name)
        try:
            async for chunk in request.stream():
                await in_pool(spool.write, chunk)
            if spool.size == 0:
                raise Refused(
                    f"{name} came without any bytes.",
                    code="empty",
                    next_step="Send the file's bytes as the body of the request.",
                )
            spooled = await in_pool(spool.finish)
        except BaseException:
            spool.discard()
            raise
        import_id = import_id or importing.new_import()
        user_id = current_user(request)
        take = partial(importing.take_file, connection_id=connection_id)
        number = await in_pool(take, hub, user_id, import_id, name, spooled)
        request.app.state.worker.wake()
        return Taken(import_id, number)

    @get("/imports", sync_to_thread=True, operation_id="listImports", opt=reads())
    def recent(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        limit: Annotated[int, QueryParameter(ge=1, le=200)] = 20,
        files: Annotated[int, QueryParameter(ge=0, le=1000)] = 100,
        cursor: FromQuery[str | None] = None,
    ) -> ImportPage:
        """Imports, the latest first, each with its progress and the first of its files."""
        with hub.engine.connect() as conn:
            found = import_reports.recent(
                hub,
                conn,
                current_user(request),
                now_ms(),
                limit=limit,
                before=read_cursor(cursor),
                files=files,
            )
        last = found[-1] if len(found) == limit else None
        place = write_cursor((last.received_at, last.import_id)) if last is not None else None
        return ImportPage(found, place)

    @get("/imports/{import_id:str}", sync_to_thread=True, operation_id="getImport", opt=reads())
    def one(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        import_id: FromPath[str],
        start: Annotated[int, QueryParameter(ge=0, description="The first file's number")] = 0,
    ) -> ImportReport:
        """Progress and result of one import, file by file. `next_number` tells where more are."""
        return reported(hub, current_user(request), import_id, start)

    @post(
        "/imports/{import_id:str}/cancel",
        sync_to_thread=True,
        status_code=200,
        operation_id="cancelImport",
        opt=writes(),
    )
    def cancel(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], import_id: FromPath[str]
    ) -> ImportReport:
        """Set aside what is not read yet. Files that were read to their end stay. A file in the
        middle of its reading is taken away again as a whole. Originals are kept, for resuming."""
        user_id = current_user(request)
        found = reported(hub, user_id, import_id)
        if found.state == "running":
            importing.cancel(hub, user_id, import_id)
        request.app.state.worker.wake()
        return reported(hub, user_id, import_id)

    @post(
        "/imports/{import_id:str}/resume",
        sync_to_thread=True,
        status_code=200,
        operation_id="resumeImport",
        opt=writes(),
    )
    def resume(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], import_id: FromPath[str]
    ) -> ImportReport:
        """Read what was set aside, each file from its start."""
        user_id = current_user(request)
        reported(hub, user_id, import_id)
        importing.resume(hub, user_id, import_id)
        request.app.state.worker.wake()
        return reported(hub, user_id, import_id)

    @get(
        "/raw/{receipt:int}",
        sync_to_thread=True,
        operation_id="getOriginal",
        responses=ORIGINAL,
        opt=reads(),
    )
    def original(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], receipt: FromPath[int]
    ) -> Stream | Response[bytes]:
        """The original, byte for byte as it came."""
        user_id = current_user(request)
        with hub.engine.connect() as conn:
            row = raw.item(conn, user_id, receipt)
        name = quote(row.name or "original", safe="")
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{name}",
            "x-content-type-options": "nosniff",
        }
        return Stream(
            pieces(hub, user_id, row.sha256),
            media_type="application/octet-stream",
            headers=headers,
        )


def reported(hub: Hub, user_id: int, import_id: str, start: int = 0) -> ImportReport:
    with hub.engine.connect() as conn:
        return import_reports.report(hub, conn, user_id, import_id, now_ms(), start=start)


def pieces(hub: Hub, user_id: int, sha256: str) -> Any:
    with raw.open_body(hub.engine, hub.raw, user_id, sha256) as body:
        while chunk := body.read(CHUNK):
            yield chunk
