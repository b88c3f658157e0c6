"""Activities out of the hub as files, each written by the plugin that knows the format."""

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

import numpy as np
from msgspec.structs import replace
from openfit_schema import offset_minutes
from openfit_sdk import BadInput, Blob, IntegrationError, wire
from openfit_sdk.items import ExportPart
from openfit_sdk.schema import Activity, Device, Metric, Source
from sqlalchemy import Connection, Row

from openfit.errors import HubError, NotFound, Refused
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub
from openfit.store import connections, days, entities, series
from openfit.store.raw import disk_errors
from openfit.views import reading
from openfit.views.streams import rounded

IN_MEMORY = 4 * 1024 * 1024  # bytes of a file before it goes to disk
CHUNK = 256 * 1024
PAGE = 100
NEXT_STEPS = {
    "no_positions": "Write it as FIT or TCX, which do without positions.",
    "no_samples": "Write it as FIT or TCX, which do without samples.",
    "dates": "Write it as GPX or TCX.",
}


@dataclass(frozen=True)
class Written:
    """A file that a plugin wrote; its bytes are gone once `body` is closed."""

    name: str
    media_type: str
    body: IO[bytes]


def formats(hub: Hub) -> dict[str, list[str]]:
    """Plugins that write each format, in order of name."""
    found: dict[str, list[str]] = {}
    for name, plugin in sorted(hub.plugins.plugins.items()):
        for format in plugin.manifest.exports if plugin.manifest else ():
            found.setdefault(format, []).append(name)
    return found


def writer(hub: Hub, format: str, integration: str = "") -> str:
    """The plugin that writes a format; an activity's own goes first."""
    known = formats(hub)
    if format not in known:
        raise Refused(
            f"No installed plugin writes {format or 'nothing'!r}.",
            code="unknown_format",
            next_step=f"Ask for one of: {', '.join(sorted(known)) or 'none is there'}.",
        )
    return integration if integration in known[format] else known[format][0]


def write_activity(hub: Hub, hosts: Hosts, user_id: int, activity_id: str, format: str) -> Written:
    """One activity with its samples, as the user has corrected it."""
    writer(hub, format)
    with hub.engine.connect() as conn:
        row = reading.found(conn, user_id, activity_id)
        activity = corrected(hub, conn, user_id, row)
        assert activity.source is not None
        plugin = writer(hub, format, activity.source.integration)
        samples, devices = recorded(conn, user_id, row)
        name = f"{stem(conn, user_id, activity)}.{format}"
    with tempfile.TemporaryFile() as spool:
        size = spool.write(wire.encode(samples))
        spool.flush()
        parts = hosts.host(user_id, plugin).pages(
            "export",
            entity=activity,
            samples=Blob(sha256="", size=size, fd=spool.fileno()),
            devices=devices,
            format=format,
        )
        return Written(name, *collected(parts))


def corrected(hub: Hub, conn: Connection, user_id: int, row: Row[object]) -> Activity:
    changes = entities.edits_of(conn, user_id, [row.entity_id]).get(row.entity_id, [])
    activity = entities.decode(row, changes)
    assert isinstance(activity, Activity)
    connection = connections.get(conn, user_id, row.connection_id)
    plugin = hub.plugins.plugins.get(connection.integration)
    source = Source(
        integration=connection.integration,
        version=plugin.version if plugin else "",
        connection=row.connection_id,
        raw=row.sha256,
        member=row.member,
    )
    return replace(activity, source=source)


def recorded(conn: Connection, user_id: int, row: Row[object]) -> tuple[list[Metric], list[Device]]:
    """All samples of an activity, and what recorded it and them."""
    of = [one for one, _ in series.of_activity(conn, user_id, row.entity_id)]
    sources = sorted({row.source_id, *(one.source_id for one in of)})
    keys = entities.device_keys(conn, user_id, sources)
    known = entities.devices_of(conn, user_id)
    devices = [known[source] for source in sources if source in known]
    samples = [columns(conn, user_id, one, row.key, keys.get(one.source_id)) for one in of]
    return samples, [device for device in devices if isinstance(device, Device)]


def columns(
    conn: Connection, user_id: int, one: series.Series, activity: str, device: str | None
) -> Metric:
    parts = list(series.read_days(conn, user_id, one))
    t = np.concatenate([t for _, t, _, _ in parts])
    d = [part for *_, part in parts if part is not None]
    first = int(t[0])
    return Metric(
        key=f"{activity}:{one.metric}",
        type=one.metric,
        device=device or None,
        method=one.method,  # type: ignore[arg-type]
        start=entities.instant(first),
        t=t - first,  # type: ignore[arg-type]
        v=rounded(np.concatenate([v for _, _, v, _ in parts]), one.scale),  # type: ignore[arg-type]
        d=np.concatenate(d) if d else None,  # type: ignore[arg-type]
        activity=activity,
    )


def collected(parts: Iterator[list[ExportPart]]) -> tuple[str, IO[bytes]]:
    """A plugin's answer, put together; what it cannot write it says in a sentence."""
    body = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # the caller closes it
    media_type = "application/octet-stream"
    try:
        for page in parts:
            for part in page:
                media_type = part.media_type
                body.write(part.body)
        body.seek(0)
    except BadInput as error:
        body.close()
        step = NEXT_STEPS.get(error.code, "Ask for another format.")
        raise Refused(error.message, code=error.code, next_step=step) from error
    except IntegrationError as error:
        body.close()
        raise HubError(error.message, code="plugin", next_step="See the hub's log.") from error
    except BaseException:
        body.close()
        raise
    return media_type, body


def stem(conn: Connection, user_id: int, activity: Activity) -> str:
    """`2026-03-01-0700-running`, by the wearer's clock."""
    if activity.utc_offset is not None:
        ahead = timedelta(minutes=offset_minutes(activity.utc_offset))
    else:
        ahead = days.clock(conn, user_id).offset_at(activity.start)
    sport = re.sub(r"[^a-z0-9]+", "-", activity.sport.lower()).strip("-")[:40]
    return f"{activity.start + ahead:%Y-%m-%d-%H%M}-{sport or 'activity'}"


# Into files --------------------------------------------------------------------------------------


def save(written: Written, place: Path, *, force: bool) -> Path:
    """Write to a file, or into a folder under its own name; never half."""
    target = place / written.name if place.is_dir() else place
    if not target.parent.is_dir():
        raise NotFound(f"There is no folder {target.parent} to write to.", code="no_folder")
    if target.exists() and not force:
        raise Refused(
            f"{target} is there already.",
            code="exists",
            next_step="Name another place with --output, or replace it with --force.",
        )
    with disk_errors(f"{target} was not written"):
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".openfit-write-")
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces(written):
                    file.write(piece)
            Path(name).chmod(0o666 & ~umask())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return target


def umask() -> int:
    now = os.umask(0o077)
    os.umask(now)
    return now


def pieces(written: Written) -> Iterator[bytes]:
    with written.body as body:
        while chunk := body.read(CHUNK):
            yield chunk


def save_all(
    hub: Hub, user_id: int, format: str, folder: Path, *, force: bool
) -> Iterator[tuple[str, Path | HubError]]:
    """Every activity into a folder, what two sources recorded once; answers each activity's id
    with its file, or why there is none."""
    writer(hub, format)
    taken: set[str] = set()
    with Hosts(hub) as hosts:
        for activity_id in listed(hub, user_id):
            try:
                written = write_activity(hub, hosts, user_id, activity_id, format)
                name = free(written.name, taken)
                yield activity_id, save(written, folder / name, force=force)
            except HubError as error:
                yield activity_id, error


def listed(hub: Hub, user_id: int) -> Iterator[str]:
    before = None
    while True:
        with hub.engine.connect() as conn:
            rows, before = reading.activities(conn, user_id, limit=PAGE, before=before)
        yield from (row.id for row in rows)
        if before is None:
            return


def free(name: str, taken: set[str]) -> str:
    """The name, with a number where another activity of that minute and sport has it."""
    path, n, found = Path(name), 1, name
    while found in taken:
        n += 1
        found = f"{path.stem}-{n}{path.suffix}"
    taken.add(found)
    return found


def write_one(hub: Hub, user_id: int, activity_id: str, format: str) -> Written:
    """For a caller that writes one activity only."""
    with Hosts(hub) as hosts:
        return write_activity(hub, hosts, user_id, activity_id, format)
