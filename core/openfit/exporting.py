"""Everything of one user in one zip: entities and samples as JSON Lines, originals as they came.

The order of lines depends on content alone, so two hubs that were fed alike write the same lines.
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec
from openfit_schema import SCHEMA_VERSION, wire
from openfit_sdk.schema import Covers, Metric, Source
from sqlalchemy import Connection, select

from openfit.errors import Refused
from openfit.hub import Hub
from openfit.store import connections, entities, raw, series
from openfit.store.raw import disk_errors
from openfit.store.tables import (
    daily,
    edits,
    profile,
    raw_items,
    results,
    tombstones,
    twin_choices,
)
from openfit.store.tables import entities as rows

CHUNK = 1024 * 1024
DAY_MS = 86_400_000
OVERLAYS = {"edits": edits, "tombstones": tombstones, "twins": twin_choices, "profile": profile}


def export_all(hub: Hub, user_id: int, output: Path) -> dict[str, Any]:
    """Write the zip beside its place and move it there when it is whole."""
    if not output.parent.is_dir():
        raise Refused(
            f"There is no folder {output.parent} to write to.",
            code="no_folder",
            next_step="Make it, or name another place with --output.",
        )
    with disk_errors(f"{output} was not written"):
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=".openfit-export-")
        try:
            with (
                os.fdopen(handle, "wb") as file,
                zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as target,
            ):
                manifest = write_all(hub, user_id, target)
            Path(name).replace(output)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return manifest


def write_all(hub: Hub, user_id: int, target: zipfile.ZipFile) -> dict[str, Any]:
    files: dict[str, str] = {}
    counts: dict[str, int] = {}
    with hub.engine.connect() as conn:
        parts: dict[str, Iterator[bytes]] = {
            "entities.jsonl": entity_lines(hub, conn, user_id, counts),
            "samples.jsonl": sample_lines(conn, user_id, counts),
            "daily.jsonl": daily_lines(conn, user_id),
            "results.jsonl": result_lines(conn, user_id),
            "originals.jsonl": original_lines(conn, user_id),
            **{f"{name}.jsonl": overlay_lines(conn, user_id, t) for name, t in OVERLAYS.items()},
        }
        for name, lines in parts.items():
            files[name] = write_lines(target, name, lines)
        for sha256 in originals(conn, user_id):
            name = f"originals/{sha256}"
            files[name] = write_original(hub, user_id, sha256, target, name)
    manifest = {
        "openfit": SCHEMA_VERSION,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "counts": counts,
        "sha256": files,
    }
    target.writestr("manifest.json", msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def write_lines(target: zipfile.ZipFile, name: str, lines: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    with target.open(name, "w", force_zip64=True) as part:
        for line in lines:
            digest.update(line + b"\n")
            part.write(line + b"\n")
    return digest.hexdigest()


def entity_lines(
    hub: Hub, conn: Connection, user_id: int, counts: dict[str, int]
) -> Iterator[bytes]:
    """Leading entities with their id and source, by kind and id."""
    integrations = {
        row.connection_id: row.integration for row in connections.of_user(conn, user_id)
    }
    query = select(rows).where(entities.visible(user_id)).order_by(rows.c.kind, rows.c.entity_id)
    for row in conn.execution_options(yield_per=500).execute(query):
        counts[row.kind] = counts.get(row.kind, 0) + 1
        integration = integrations.get(row.connection_id, "")
        plugin = hub.plugins.plugins.get(integration)
        source = Source(
            integration=integration,
            version=plugin.version if plugin else "",
            connection=row.connection_id,
            raw=row.sha256,
            member=row.member,
        )
        entity = msgspec.structs.replace(entities.decode(row), source=source)
        yield b'{"id":"%s","entity":%s}' % (row.entity_id.encode(), wire.encode_json(entity))


def sample_lines(conn: Connection, user_id: int, counts: dict[str, int]) -> Iterator[bytes]:
    """Samples as Metric entities, one a series and day of UTC."""
    counts["samples"] = 0
    for one in series.all_live(conn, user_id):
        for start, t, v, d in series.read_days(conn, user_id, one):
            counts["samples"] += len(v)
            metric = Metric(
                key=f"{one.activity_id or one.source_id}:{one.metric}:{one.method}:{start}",
                type=one.metric,
                method=one.method,  # type: ignore[arg-type]
                start=entities.instant(start),
                t=t - start,  # type: ignore[arg-type]
                v=v,  # type: ignore[arg-type]
                d=d,  # type: ignore[arg-type]
                activity=one.activity_id or None,
                covers=Covers(start=entities.instant(start), end=entities.instant(start + DAY_MS)),
                ext={"openfit.source": str(one.source_id)},
            )
            yield wire.encode_json(metric)


def daily_lines(conn: Connection, user_id: int) -> Iterator[bytes]:
    query = (
        select(daily.c.metric, daily.c.day, daily.c.source_id, daily.c.method, daily.c.value)
        .where(daily.c.user_id == user_id)
        .order_by(daily.c.metric, daily.c.day, daily.c.source_id, daily.c.method)
    )
    for row in conn.execution_options(yield_per=1000).execute(query):
        yield msgspec.json.encode(row._asdict() | {"source_id": str(row.source_id)})


def result_lines(conn: Connection, user_id: int) -> Iterator[bytes]:
    """What analyses found, of an activity or of a day."""
    query = (
        select(results.c.activity_id, results.c.body)
        .where(results.c.user_id == user_id)
        .order_by(results.c.activity_id, results.c.result_id, results.c.day)
    )
    for row in conn.execution_options(yield_per=1000).execute(query):
        yield b'{"activity_id":"%s","result":%s}' % (row.activity_id.encode(), bytes(row.body))


def original_lines(conn: Connection, user_id: int) -> Iterator[bytes]:
    """What each original is; its bytes are under originals/<sha256>."""
    query = (
        select(raw_items)
        .where(raw_items.c.user_id == user_id)
        .order_by(raw_items.c.sha256, raw_items.c.kind, raw_items.c.item_id)
    )
    wanted = ("connection_id", "kind", "item_id", "sha256", "media_type", "name", "deleted")
    for row in conn.execution_options(yield_per=500).execute(query):
        values = row._asdict()
        yield msgspec.json.encode({name: values[name] for name in wanted})


def overlay_lines(conn: Connection, user_id: int, table: Any) -> Iterator[bytes]:
    """What the person said: corrections, deletions, twins, profile."""
    keys = list(table.primary_key.columns)
    for row in conn.execute(select(table).where(table.c.user_id == user_id).order_by(*keys)):
        values = row._asdict()
        values.pop("user_id")
        yield msgspec.json.encode(values)


def originals(conn: Connection, user_id: int) -> list[str]:
    query = select(raw_items.c.sha256).where(raw_items.c.user_id == user_id).distinct()
    return list(conn.execute(query.order_by(raw_items.c.sha256)).scalars())


def write_original(hub: Hub, user_id: int, sha256: str, target: zipfile.ZipFile, name: str) -> str:
    with (
        raw.open_body(hub.engine, hub.raw, user_id, sha256) as body,
        target.open(name, "w", force_zip64=True) as part,
    ):
        copy(body, part)
    return sha256


def copy(source: IO[bytes], target: IO[bytes]) -> None:
    while chunk := source.read(CHUNK):
        target.write(chunk)
