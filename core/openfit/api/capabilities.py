"""What this hub can do, for clients that are older or newer than it."""

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from msgspec import Struct
from openfit import rates
from openfit.api.scopes import SCOPES, reads
from openfit.hub import Hub
from openfit.intake import uploads
from openfit_schema import SCHEMA_VERSION

FEATURES = (
    "conditional_requests",
    "device_actions",
    "idempotency_keys",
    "live_events",
    "resumable_uploads",
)
OPTIONAL = {"parquet": "pyarrow", "postgresql": "psycopg"}


class Format(Struct):
    """A kind of file, and by which plugin it is read or written."""

    name: str
    integration: str


class Analysis(Struct):
    id: str
    version: int
    plugin: str


class Catalogue(Struct):
    """Equal versions have equal metrics, whichever plugins they came with."""

    version: str
    metrics: int


class RateLimit(Struct):
    per_second: float
    at_once: int


class Limits(Struct):
    body_bytes: int
    upload_bytes: int
    page_items: int
    points: int
    rates: dict[str, RateLimit]


class Capabilities(Struct, kw_only=True):
    version: str
    api: str
    schema_version: str
    features: list[str]
    routes: list[str]  # operation ids of the document
    reads: list[str]
    writes: list[Format]
    integrations: list[str]
    analyses: list[Analysis]
    catalogue: Catalogue
    limits: Limits
    scopes: list[str]
    optional: dict[str, bool]


@get(
    "/meta/capabilities",
    opt=reads(),
    sync_to_thread=True,
    operation_id="getCapabilities",
    tags=["meta"],
)
def capabilities(request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> Capabilities:
    """What this hub can do: features, formats, analyses, limits. Ask here instead of comparing
    version numbers."""
    manifests = [one.manifest for one in hub.plugins.plugins.values() if one.manifest is not None]
    return Capabilities(
        version=version("openfit"),
        api="v1",
        schema_version=SCHEMA_VERSION,
        features=list(FEATURES),
        routes=operation_ids(request.app),
        reads=sorted({kind for found in manifests for kind in found.data_types}),
        writes=[Format(name, found.id) for found in manifests for name in found.exports],
        integrations=sorted(found.name for found in hub.plugins.sources()),
        analyses=analyses(hub),
        catalogue=catalogue(hub),
        limits=limits(hub),
        scopes=list(SCOPES),
        optional={name: find_spec(module) is not None for name, module in OPTIONAL.items()},
    )


@cache
def operation_ids(app: Any) -> list[str]:
    return sorted(
        str(handler.operation_id)
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if route.path.startswith("/api/v1/") and handler.operation_id
    )


def analyses(hub: Hub) -> list[Analysis]:
    return sorted(
        (
            Analysis(id, number, name)
            for name, plugin in hub.plugins.plugins.items()
            if plugin.manifest is not None
            for id, number in plugin.manifest.analyses.items()
        ),
        key=lambda found: found.id,
    )


def catalogue(hub: Hub) -> Catalogue:
    found = hub.plugins.catalogue
    whole = msgspec.json.encode(sorted(found.items()))
    return Catalogue(hashlib.sha256(whole).hexdigest()[:12], len(found))


def limits(hub: Hub) -> Limits:
    from openfit.app import LARGEST_BODY

    return Limits(
        body_bytes=LARGEST_BODY,
        upload_bytes=uploads.MOST_BYTES,
        page_items=500,
        points=20_000,
        rates={
            name: RateLimit(found.per_second, found.burst)
            for name, found in {**rates.DEFAULTS, **hub.config.rates}.items()
        },
    )
