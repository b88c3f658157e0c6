"""Files a person hands over: taken in one by one, set aside when he wishes, taken up again."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from openfit_sdk import RawItem
from sqlalchemy import ColumnElement, and_, func, insert, select

from openfit.errors import HubError, NotFound
from openfit.hub import Hub, now_ms
from openfit.intake.import_reports import Failure
from openfit.intake.ingest import accept
from openfit.store import connections, raw, waiting
from openfit.store.engine import retrying, write
from openfit.store.raw import Spooled
from openfit.store.tables import imports, raw_items

INTEGRATION = "fileimport"
CHUNK = 1024 * 1024
SKIP_NAMES = {".DS_Store", "Thumbs.db", "desktop.ini"}


def connection_of(hub: Hub, user_id: int) -> str:
    """Every user has one connection for files; all of them end up in the same sources."""

    def ensure() -> str:
        with write(hub.engine) as conn:
            return str(connections.ensure(conn, user_id, INTEGRATION, now_ms()).connection_id)

    return retrying(ensure)


def new_import() -> str:
    return str(uuid.uuid4())


def take_file(hub: Hub, user_id: int, import_id: str, name: str, spooled: Spooled) -> int:
    """Accept one file and note it in the import; answers its number there."""
    connection_id = connection_of(hub, user_id)
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
    return take_file(hub, user_id, import_id, path.name, spooled)


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
