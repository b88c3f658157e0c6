"""Files a person hands over: taken in one by one, set aside when he wishes, taken up again."""

import io
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from openfit_sdk import RawItem
from sqlalchemy import ColumnElement, Row, and_, func, insert, select

from openfit.errors import HubError, NotFound, Refused
from openfit.hosting.registry import Registry
from openfit.hub import Hub, now_ms
from openfit.intake.import_reports import Failure
from openfit.intake.ingest import accept
from openfit.store import connections, raw, waiting
from openfit.store.engine import retrying, write
from openfit.store.raw import Spooled
from openfit.store.tables import imports, raw_items

INTEGRATION = "fileimport"
CHUNK = 1024 * 1024
HEAD = 128 * 1024  # of a file, by which a plugin's own are known
SKIP_NAMES = {".DS_Store", "Thumbs.db", "desktop.ini"}


def connection_of(hub: Hub, user_id: int, integration: str = INTEGRATION) -> str:
    """Every user has one connection for files; all of them end up in the same sources. A file of
    a device's goes to that device's, where there is one alone."""

    def ensure() -> str:
        with write(hub.engine) as conn:
            known = connections.of_user(conn, user_id, integration)
            if integration != INTEGRATION and known:
                return only(known)
            return str(connections.ensure(conn, user_id, integration, now_ms()).connection_id)

    return retrying(ensure)


class Undecided(Refused):
    """A file that could be of several devices."""


def only(known: Sequence[Row[Any]]) -> str:
    if len(known) > 1:
        raise Undecided(
            f"There are {len(known)} connections of this kind, and the file does not say of which "
            "device it is.",
            code="several_devices",
            next_step="Send it again with connection_id: "
            + ", ".join(f"{row.connection_id} ({row.account_id or row.name})" for row in known),
        )
    return str(known[0].connection_id)


def owner_of(hub: Hub, user_id: int, spooled: Spooled, wanted: str | None) -> str:
    """The connection that a file goes to: by how it begins, or as it is said."""
    takers = takers_of(hub.plugins, head_of(spooled))
    if wanted is None and len(takers) == 1:
        return connection_of(hub, user_id, takers[0])
    if wanted is None:
        raise Undecided(
            f"Several plugins take files like this: {', '.join(takers)}.",
            code="several_plugins",
            next_step="Send it again with the connection_id of the device that it is of.",
        )
    with hub.engine.connect() as conn:
        row = connections.get(conn, user_id, wanted)
    if row.integration not in takers:
        raise Refused(
            f"This file is none of {row.name}.",
            code="other_file",
            next_step="Leave connection_id out: the hub knows by the file whose it is.",
        )
    return wanted


def takers_of(plugins: Registry, head: bytes) -> list[str]:
    """Plugins whose own files begin like this; of all others, file import."""
    manifests = {name: plugin.manifest for name, plugin in plugins.plugins.items()}
    found = [
        name
        for name, manifest in manifests.items()
        if manifest is not None and manifest.files is not None and manifest.files.fit(head)
    ]
    return found or [INTEGRATION]


def head_of(spooled: Spooled) -> bytes:
    """Its first lines, each whole."""
    if isinstance(spooled.body, bytes):
        return first_lines(io.BytesIO(spooled.body))
    with spooled.body.open("rb") as body:
        return first_lines(body)


def first_lines(body: BinaryIO) -> bytes:
    head = body.read(HEAD)
    return head if len(head) < HEAD else head[: head.rfind(b"\n") + 1]


def new_import() -> str:
    return str(uuid.uuid4())


def take_file(
    hub: Hub,
    user_id: int,
    import_id: str,
    name: str,
    spooled: Spooled,
    connection_id: str | None = None,
) -> int:
    """Accept one file and note it in the import; answers its number there."""
    connection_id = owner_of(hub, user_id, spooled, connection_id)
    item = RawItem(kind="file", id=spooled.sha256, media_type="application/octet-stream", name=name)
    [accepted] = accept(hub, user_id, connection_id, [(item, spooled)])
    again = accepted.duplicate and take_up(hub, user_id, raw_items.c.receipt == accepted.receipt)
    return note(
        hub,
        user_id,
        import_id,
        name=name,
        size=spooled.size,
        receipt=accepted.receipt,
        duplicate=accepted.duplicate and not again,
    )


def refuse_file(hub: Hub, user_id: int, import_id: str, name: str, error: HubError) -> int:
    """Note a file that could not even be taken in."""
    failure = Failure(error.code, error.message, error.next_step)
    encoded = msgspec.json.encode(failure).decode()
    return note(hub, user_id, import_id, name=name, size=0, error=encoded)


def note(hub: Hub, user_id: int, import_id: str, **values: Any) -> int:
    def commit() -> int:
        with write(hub.engine) as conn:
            mine = and_(imports.c.user_id == user_id, imports.c.import_id == import_id)
            last = conn.execute(select(func.max(imports.c.number)).where(mine)).scalar()
            number = 0 if last is None else int(last) + 1
            row = {"user_id": user_id, "import_id": import_id, "number": number}
            conn.execute(insert(imports).values(row | {"received_at": now_ms()} | values))
            return number

    return retrying(commit)


def walk(paths: list[Path]) -> Iterator[Path]:
    """The files of paths and folders, in a steady order; what systems leave behind is skipped."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for found in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
            if found.is_file() and not hidden and found.name not in SKIP_NAMES:
                yield found


def import_path(hub: Hub, user_id: int, import_id: str, path: Path) -> int:
    """Take in one file of this machine; a file that cannot be read is noted as failed."""
    try:
        with path.open("rb") as source:
            chunks = iter(lambda: source.read(CHUNK), b"")
            spooled = raw.spool_chunks(hub.raw, chunks, path.name)
    except OSError as error:
        refusal = NotFound(
            f"{path} cannot be read: {error.strerror}.",
            code="unreadable",
            next_step="Check the path and its permissions, then import it again.",
        )
        return refuse_file(hub, user_id, import_id, str(path), refusal)
    except HubError as error:
        return refuse_file(hub, user_id, import_id, str(path), error)
    try:
        return take_file(hub, user_id, import_id, path.name, spooled)
    except Undecided as error:
        return refuse_file(hub, user_id, import_id, str(path), error)


# Set aside, and taken up again -------------------------------------------------------------------


def cancel(hub: Hub, user_id: int, import_id: str) -> int:
    """Set aside what an import still waits for. Files that were read to their end stay; of one
    that is being read nothing does. Originals are kept."""

    def commit() -> int:
        with write(hub.engine) as conn:
            return waiting.cancel(conn, user_id, files_of(user_id, import_id))

    return retrying(commit)


def resume(hub: Hub, user_id: int, import_id: str) -> int:
    """Have what was set aside read after all."""
    return take_up(hub, user_id, files_of(user_id, import_id))


def take_up(hub: Hub, user_id: int, which: ColumnElement[bool]) -> int:
    def commit() -> int:
        with write(hub.engine) as conn:
            return waiting.resume(conn, user_id, which)

    return retrying(commit)


def files_of(user_id: int, import_id: str) -> ColumnElement[bool]:
    mine = and_(imports.c.user_id == user_id, imports.c.import_id == import_id)
    return raw_items.c.receipt.in_(
        select(imports.c.receipt).where(mine, imports.c.receipt.is_not(None))
    )
