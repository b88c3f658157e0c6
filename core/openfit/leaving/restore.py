"""A backup into an empty hub, on either kind of database; or only looked at, to the last byte.

Rows go in within one transaction that ends once the whole file was read and found whole. Until
then a mark in the data folder says that a restore is unfinished, and the hub does not start.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec
from msgspec import Struct
from sqlalchemy import Engine

from openfit.config import Config
from openfit.errors import Refused
from openfit.hub import prepare
from openfit.leaving import checking, in_use, pack, sealed
from openfit.leaving.backup import FORMAT
from openfit.leaving.pack import Entry, Unpacker
from openfit.leaving.sealed import Secret, damaged
from openfit.leaving.unfinished import marked
from openfit.store import copying, engine, raw
from openfit.store.engine import HEAD
from openfit.store.raw import disk_errors
from openfit.store.zstd import decompress, zstd_error

START = 16


class Restored(Struct, frozen=True, kw_only=True):
    """What a backup held."""

    made_at: str
    hub: str
    revision: str
    rows: int
    users: int
    originals: int
    original_bytes: int
    missing: int
    key_id: str | None = None


def verify(path: Path, secret: Secret) -> Restored:
    """Whether a backup is whole and this version can read it: every hash, every row, every
    original and block of samples. Nothing is written."""
    from openfit.store.migrate import revisions

    checks = checking.Checks(path.name)
    whole(path, secret)
    with reading(path, secret) as unpacker:
        head, tallies = None, dict[str, copying.Tally]()
        for entry in unpacker.entries():
            if head is None:
                head = checked(pack.read_head(entry, path.name), revisions(), path.name)
            elif entry.name.startswith("tables/"):
                part = rows_in(entry, path.name)
                tallies.setdefault(part.table, copying.Tally()).take(part)
                checks.rows(part)
            else:
                checks.original(entry)
        return compared(unpacker, head, tallies, checks.on_disk)


def restore(config: Config, path: Path, secret: Secret) -> Restored:
    """Everything of a backup, into a hub that holds nothing yet."""
    from openfit.store.migrate import migrate, revisions

    prepare(config.data)
    refuse_if_full(config)
    whole(path, secret)
    store = raw.Store(config.data)
    with reading(path, secret) as unpacker, disk_errors("the backup was not restored"):
        entries = unpacker.entries()
        first = next(entries, None)
        if first is None:
            raise damaged(path.name, "at its start")
        head = checked(pack.read_head(first, path.name), revisions(), path.name)
        with in_use.alone(config.data), marked(config.data, path):
            tables_at(config.database_url, head.revision)
            opened = engine.create(config.database_url)
            try:
                found = load(opened, store, unpacker, entries, head)
            finally:
                opened.dispose()
            migrate(config.database_url)
    return found


def load(
    opened: Engine, store: raw.Store, unpacker: Unpacker, entries: Iterator[Entry], head: pack.Head
) -> Restored:
    tallies: dict[str, copying.Tally] = {}
    originals = set[str]()
    with engine.write(opened) as conn:
        copying.clear(conn)
        known = {table.name: {c.name for c in table.columns} for table in copying.tables_of(conn)}
        for entry in entries:
            if entry.name.startswith("tables/"):
                part = rows_in(entry, unpacker.what)
                if not {*part.columns} <= known.get(part.table, set()):
                    raise damaged(unpacker.what, f"in {entry.name}")
                tallies.setdefault(part.table, copying.Tally()).take(part)
                copying.write(conn, part)
            else:
                originals.add(place_original(store, entry, unpacker.what))
        found = compared(unpacker, head, tallies, originals)
        os.sync()  # the originals are on disk before the rows that name them
    return found


def place_original(store: raw.Store, entry: Entry, what: str) -> str:
    """An original goes where its hash says. Its name can lead nowhere else."""
    folder, _, name = entry.name.partition("/")
    sha256, dot, packed = name.partition(".")
    sound = folder == "raw" and len(sha256) == 64 and {*sha256} <= {*"0123456789abcdef"}
    if not sound or (dot and packed != "zst"):
        raise damaged(what, f"in {entry.name!r}")
    target = store.path(sha256)
    target = target.with_suffix(".zst") if dot else target
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{secrets.token_hex(8)}")
    try:
        with beside.open("wb") as file:
            for piece in entry.pieces:
                file.write(piece)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return sha256


# What a file must be -----------------------------------------------------------------------------


@contextmanager
def reading(path: Path, secret: Secret) -> Iterator[Unpacker]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise Refused(
            f"{path} cannot be read: {os.strerror(error.errno or 0)}.",
            code="unreadable",
            next_step="Check its name and who may read it.",
        ) from error
    with closing(file):
        yield Unpacker(plain(file, secret, path.name), path.name)


def whole(path: Path, secret: Secret) -> None:
    """Read it through for its hash alone, so that nothing is made of bytes that are not what was
    written. What is sealed needs no such look: it does not open where it was changed."""
    with reading(path, secret) as unpacker:
        if not isinstance(unpacker.source, sealed.Opened):
            for _ in unpacker.entries():
                pass


def needs_passphrase(path: Path) -> bool:
    with path.open("rb") as file:
        if not sealed.is_sealed(file.read(START)):
            return False
        file.seek(0)
        return sealed.read_head(file, path.name)[1].key == "passphrase"


def plain(file: IO[bytes], secret: Secret, what: str) -> pack.Source:
    start = file.read(START)
    file.seek(0)
    return sealed.Opened(file, secret, what) if sealed.is_sealed(start) else file


def checked(head: pack.Head, revisions: list[str], what: str) -> pack.Head:
    if head.format > FORMAT or head.revision not in revisions:
        raise Refused(
            f"{what} was made by a newer OpenFit ({head.hub}, tables {head.revision}); this one "
            f"knows tables up to {HEAD}.",
            code="newer",
            next_step=f"Install OpenFit {head.hub} or later, then restore it there.",
        )
    return head


def rows_in(entry: Entry, what: str) -> copying.Rows:
    _, _, name = entry.name.partition("/")
    if entry.size > 4 * copying.PART + raw.IN_DATABASE * copying.WIDE:
        raise damaged(what, f"in {entry.name}")
    try:
        body = decompress(entry.body())
        columns, rows = msgspec.msgpack.decode(
            body, type=tuple[tuple[str, ...], list[tuple[Any, ...]]]
        )
    except (zstd_error, msgspec.DecodeError) as error:
        raise damaged(what, f"in {entry.name}") from error
    return copying.Rows(name.partition("/")[0], columns, rows)


def compared(
    unpacker: Unpacker,
    head: pack.Head | None,
    tallies: dict[str, copying.Tally],
    originals: set[str],
) -> Restored:
    """What was read against what the manifest says that there must be."""
    manifest = unpacker.manifest
    assert manifest is not None and head is not None  # entries were read to their end
    read = {name: pack.Rows(t.rows, t.digest.hexdigest()) for name, t in tallies.items()}
    said = {name: rows for name, rows in manifest.tables.items() if rows.rows}
    if read != said or len(originals) != manifest.originals:
        raise damaged(unpacker.what, "or was made wrongly: it does not hold what it says")
    return Restored(
        made_at=head.made_at,
        hub=head.hub,
        revision=head.revision,
        rows=sum(table.rows for table in said.values()),
        users=said["users"].rows if "users" in said else 0,
        originals=manifest.originals,
        original_bytes=manifest.original_bytes,
        missing=len(manifest.missing),
        key_id=head.key_id,
    )


# The hub that it goes to -------------------------------------------------------------------------


def refuse_if_full(config: Config) -> None:
    opened = engine.create(config.database_url)
    try:
        with opened.connect() as conn:
            full = copying.holding(conn)
    finally:
        opened.dispose()
    if full:
        raise Refused(
            f"This hub is not empty: there are rows in {', '.join(full[:5])}.",
            code="not_empty",
            next_step="Restore into a new data folder (OPENFIT_DATA) and, on PostgreSQL, a new "
            "database (OPENFIT_DATABASE_URL). What is here stays as it is.",
        )


def tables_at(url: str, revision: str) -> None:
    """Empty tables as they were when the backup was made; later migrations follow once the rows
    are in."""
    from openfit.store.migrate import migrate

    found = engine.revision(url)
    if found == revision:
        return
    if found is not None:
        opened = engine.create(url)
        try:
            copying.drop_all(opened)
        finally:
            opened.dispose()
    migrate(url, revision)
