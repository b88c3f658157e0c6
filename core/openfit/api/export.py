"""Activities as files: FIT, GPX, TCX."""

from typing import Any
from urllib.parse import quote

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream
from openfit import writing
from openfit.api.auth import current_user
from openfit.api.scopes import reads
from openfit.hub import Hub


class Export(Controller):
    path = "/export"
    tags = ["export"]

    @get(
        "/activities/{file:str}",
        sync_to_thread=True,
        operation_id="exportActivity",
        opt=reads("workout"),
    )
    def activity(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], file: FromPath[str]
    ) -> Stream:
        """An activity as a file: its id, a dot and a format, as in `<id>.fit`."""
        activity_id, _, format = file.rpartition(".")
        written = writing.write_one(hub, current_user(request), activity_id, format)
        return Stream(
            writing.pieces(written),
            media_type=written.media_type,
            headers={"content-disposition": f"attachment; filename*=UTF-8''{quote(written.name)}"},
        )
