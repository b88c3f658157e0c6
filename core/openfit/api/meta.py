"""What this hub is, and whether it is well. Open to all: it says nothing about anyone."""

from importlib.metadata import version
from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from msgspec import Struct
from openfit.api.scopes import OPEN
from openfit.hub import OWNER_TOKEN, Hub
from openfit_schema import SCHEMA_VERSION


class Meta(Struct, omit_defaults=True):
    version: str
    schema_version: str
    demo: bool = False
    token: str | None = None  # of a demo, whose data is nobody's


class Health(Struct):
    status: str


@get("/meta", opt=OPEN, sync_to_thread=False, operation_id="getMeta", tags=["meta"])
def meta(hub: NamedDependency[Hub]) -> Meta:
    """Version of the hub and of the schema. A demo hands its token to this machine: its data is
    made up."""
    token = None
    if hub.config.demo and hub.config.is_local:
        token = (hub.config.data / OWNER_TOKEN).read_text().strip()
    return Meta(version("openfit"), SCHEMA_VERSION, hub.config.demo, token)


@get("/health", opt=OPEN, sync_to_thread=True, operation_id="health", tags=["meta"])
def health(request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> Health:
    """Answers when the database does."""
    with hub.engine.connect() as conn:
        conn.exec_driver_sql("select 1")
    return Health("ok")
