"""The whole hub in one file: every row of every user, every original, as of one moment.

Not in it: the key that seals credentials (`secret-key`), sessions and links that are open, and
what plugins keep in their folders. API keys and passwords are in it as the hashes they are kept as.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Engine, Row, select

from openfit import crypto
from openfit.config import Config
from openfit.errors import Refused
from openfit.leaving import pack
from openfit.leaving.pack import Packer
from openfit.leaving.sealed import Sealer, Secret
from openfit.store import copying, engine, holding, outgoing, raw
from openfit.store.raw import disk_errors
from openfit.store.zstd import compress

FORMAT = 1
NAME = "openfit-{at:%Y%m%dT%H%M%SZ}.tar"
SEALED = ".sealed"
PREFIX = ".openfit-backup-"  # of what is being written

Progress = Callable[[int, int], None]  # bytes written, of about how many


class Made(Struct, frozen=True, kw_only=True):
    """A backup that was made."""

    path: Path
    size: int
    rows: int
    originals: int
    missing: list[str] = []


class Hoard(Struct, frozen=True):
    """What there is to back up: a database of any revision, and the originals beside it."""

    engine: Engine
    raw: raw.Store
    key: bytes | None = None


def silent(done: int, total: int) -> None:
    """Nobody watches."""


def create(
    hoard: Hoard,
    folder: Path,
    *,
    secret: Secret | None = None,
    at: datetime | None = None,
    progress: Progress = silent,
) -> Made:
    """Write a backup into a folder, under the time's name, once it is whole and on disk."""
    at = at or datetime.now(UTC)
    target = folder / (NAME.format(at=at) + (SEALED if secret else ""))
    if not folder.is_dir():
        raise Refused(
            f"There is no folder {folder} to write to.",
            code="no_folder",
            next_step="Make it, or name another place.",
        )
    with disk_errors(f"{target} was not written"):
        handle, name = tempfile.mkstemp(dir=folder, prefix=PREFIX)
        try:
            with os.fdopen(handle, "wb") as file:
                sealer = Sealer(file.write, secret) if secret else None
                made = write_to(hoard, (sealer or file).write, at, progress)
                if sealer:
                    sealer.close()
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
            Path(name).replace(target)
            raw.sync(folder)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    rows = sum(table.rows for table in made.tables.values())
    return Made(path=target, size=size, rows=rows, originals=made.originals, missing=made.missing)


def write_to(
    hoard: Hoard, write: Callable[[bytes], object], at: datetime, progress: Progress = silent
) -> pack.Manifest:
    packer = Packer(write)
    with holding.held(hoard.raw), outgoing.snapshot(hoard.engine) as conn:
        head = pack.Head(
            format=FORMAT,
            hub=version("openfit"),
            revision=engine.revision_of(conn) or "",
            made_at=at.isoformat(timespec="seconds"),
            key_id=crypto.key_id(hoard.key).hex() if hoard.key else None,
        )
        packer.add_bytes(pack.HEAD, pack.encoded_json(head))
        total = about(hoard, conn)
        tables: dict[str, pack.Rows] = {}
        for table in copying.tables_of(conn):
            tally = copying.Tally()
            for number, part in enumerate(copying.parts_of(conn, table)):
                tally.take(part)
                body = compress(pack.encoded([part.columns, part.rows]))
                packer.add_bytes(f"tables/{table.name}/{number:06}", body)
                progress(packer.size, total)
            tables[table.name] = pack.Rows(tally.rows, tally.digest.hexdigest())
        manifest = add_originals(hoard, conn, packer, tables, lambda: progress(packer.size, total))
    packer.close(manifest)
    return manifest


def add_originals(
    hoard: Hoard,
    conn: Connection,
    packer: Packer,
    tables: dict[str, pack.Rows],
    step: Callable[[], None],
) -> pack.Manifest:
    """Those that lie on disk, as they lie there; small ones are in their rows."""
    count = size = 0
    missing: list[str] = []
    for row in on_disk(conn):
        path = holding.place(hoard.raw, row)
        if not path.exists():
            missing.append(row.sha256)
            continue
        with path.open("rb") as body:
            length = os.fstat(body.fileno()).st_size
            packer.add(f"raw/{path.name}", length, holding.chunks(body))
        count, size = count + 1, size + length
        step()
    return pack.Manifest(
        sha256="", tables=tables, originals=count, original_bytes=size, missing=missing
    )


def on_disk(conn: Connection) -> Iterator[Row[Any]]:
    """Bodies that are not in the database; two people may have the same."""
    found = {table.name: table for table in copying.tables_of(conn)}
    if (bodies := found.get("raw_bodies")) is None:
        return
    query = select(bodies.c.sha256, bodies.c.encoding, bodies.c.body).where(bodies.c.body.is_(None))
    before = ""
    for row in outgoing.streamed(conn, query.order_by(bodies.c.sha256)):
        if row.sha256 != before:
            yield row
        before = row.sha256


def about(hoard: Hoard, conn: Connection) -> int:
    """About how many bytes will be written, for those who watch."""
    if conn.dialect.name == "sqlite":
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        database = pages * conn.exec_driver_sql("PRAGMA page_size").scalar_one() * 3 // 4
    else:
        query = "SELECT pg_database_size(current_database()) / 2"
        database = conn.exec_driver_sql(query).scalar_one()
    on_disk_bytes = sum(
        holding.place(hoard.raw, row).stat().st_size
        for row in on_disk(conn)
        if holding.place(hoard.raw, row).exists()
    )
    return int(database) + on_disk_bytes


def secret_of(config: Config, passphrase: str | None, *, hub_key: bool = False) -> Secret | None:
    """What a backup is sealed with; None where it is not."""
    if passphrase:
        return Secret(passphrase=passphrase)
    return Secret(hub_key=crypto.load_key(config.data, config.secret_key)) if hub_key else None


def before_upgrade(config: Config) -> Made | None:
    """A backup of a database that is about to be migrated, into <data>/backups; None where there
    is nothing yet. Called before any migration, so it looks at the tables as they are."""
    opened = engine.create(config.database_url)
    try:
        with opened.connect() as conn:
            if engine.revision_of(conn) is None:
                return None
        folder = config.data / "backups"
        folder.mkdir(mode=0o700, exist_ok=True)
        return create(Hoard(opened, raw.Store(config.data)), folder)
    finally:
        opened.dispose()


backup_before_upgrade = before_upgrade
