"""What this hub is. Open to all: it says nothing about anyone."""

from importlib.metadata import version
from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from msgspec import Struct
from openfit.api.scopes import OPEN
from openfit.hub import Hub
from openfit_schema import SCHEMA_VERSION


class Meta(Struct, omit_defaults=True):
    version: str
    schema_version: str
    demo: bool = False
    url: str | None = None  # its own address, where its owner named one
    token: str | None = None  # of a demo, whose data is nobody's


@get("/meta", opt=OPEN, sync_to_thread=False, operation_id="getMeta", tags=["meta"])
def meta(request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> Meta:
    """Version of the hub and of the schema. A demo hands a key to its own page on this machine:
    the data is made up, and the key ends with the process."""
    token = None
    if request.headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        token = request.app.state.access.ways.demo_key or None
    return Meta(version("openfit"), SCHEMA_VERSION, hub.config.demo, hub.config.url, token)
