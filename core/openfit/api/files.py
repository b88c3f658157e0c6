"""Files in and originals out."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream
from msgspec import Struct
from openfit import importing
from openfit.api.auth import current_user
from openfit.errors import Refused
from openfit.hub import Hub
from openfit.store import raw
from openfit.store.raw import Spool

CHUNK = 256 * 1024


class Taken(Struct):
    """A file was taken in; its reading is followed under /imports."""

    import_id: FromPath[str]
    number: int


class ImportPage(Struct):
    items: list[importing.ImportReport]


class Imports(Controller):
    tags = ["import"]

    @post(
        "/activities/import",
        status_code=202,
        operation_id="importFile",
        request_max_body_size=None,
    )
    async def take(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        name: Annotated[str, QueryParameter(min_length=1, max_length=1000)],
        import_id: Annotated[
            str | None, QueryParameter(pattern="^[0-9a-f-]{36}$", description="To add to an import")
        ] = None,
    ) -> Taken:
        """Take in one file, as the body of the request: FIT, GPX, TCX, gzipped or in a zip.

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
        number = await in_pool(importing.take_file, hub, user_id, import_id, name, spooled)
        request.app.state.worker.wake()
        return Taken(import_id, number)

    @get("/imports", sync_to_thread=True, operation_id="listImports")
    def recent(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        limit: Annotated[int, QueryParameter(ge=1, le=200)] = 20,
    ) -> ImportPage:
        """The latest imports with what became of their files."""
        with hub.engine.connect() as conn:
            return ImportPage(importing.recent(conn, current_user(request), limit))

    @get("/imports/{import_id:str}", sync_to_thread=True, operation_id="getImport")
    def one(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], import_id: FromPath[str]
    ) -> importing.ImportReport:
        """Progress and result of one import, file by file."""
        with hub.engine.connect() as conn:
            return importing.report(conn, current_user(request), import_id)

    @get("/raw/{receipt:int}", sync_to_thread=True, operation_id="getOriginal")
    def original(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], receipt: FromPath[int]
    ) -> Stream | Response[bytes]:
        """The original, byte for byte as it came."""
        user_id = current_user(request)
        with hub.engine.connect() as conn:
            row = raw.item(conn, user_id, receipt)
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(row.name or 'original')}",
            "x-content-type-options": "nosniff",
        }
        return Stream(
            pieces(hub, user_id, row.sha256),
            media_type="application/octet-stream",
            headers=headers,
        )


def pieces(hub: Hub, user_id: int, sha256: str) -> Any:
    with raw.open_body(hub.engine, hub.raw, user_id, sha256) as body:
        while chunk := body.read(CHUNK):
            yield chunk
