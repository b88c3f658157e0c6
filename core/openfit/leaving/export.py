"""Everything of one person in one zip, as it was at one moment, written straight through."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import msgspec
from openfit_schema import SCHEMA_VERSION
from sqlalchemy import Connection

from openfit.errors import Refused
from openfit.hub import Hub
from openfit.leaving.contents import EVERYTHING, Choice, members
from openfit.leaving.zips import Member, Zip
from openfit.store import holding, outgoing, raw
from openfit.store.engine import HEAD
from openfit.store.raw import disk_errors

ENDING = re.compile(r"(?<=.)\.[A-Za-z0-9]{1,8}(\.(gz|zst|zip))?\Z", re.ASCII)
ENDINGS = {"application/json": ".json", "text/csv": ".csv", "text/plain": ".txt"}
BATCH = 256 * 1024  # bytes of lines compressed at a time
ABOUT = """\
This is everything that an OpenFit hub held of one person (docs/export.md describes each member).

*.jsonl        one JSON object a line; entities and samples by the schema, times in UTC
raw/*          originals, byte for byte, by their SHA-256; originals.jsonl says what each of them is
manifest.json  what was written, with the SHA-256, bytes and lines of every member
"""

Write = Callable[[bytes], object]


def export_all(hub: Hub, user_id: int, output: Path, choice: Choice = EVERYTHING) -> dict[str, Any]:
    """Write the zip beside its place and move it there when it is whole."""
    if not output.parent.is_dir():
        raise Refused(
            f"There is no folder {output.parent} to write to.",
            code="no_folder",
            next_step="Make it, or name another place with --to.",
        )
    with disk_errors(f"{output} was not written"):
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=".openfit-export-")
        try:
            with os.fdopen(handle, "wb") as file:
                counts = export_to(hub, user_id, file.write, choice)
            Path(name).replace(output)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return {"counts": counts}


def export_to(hub: Hub, user_id: int, write: Write, choice: Choice = EVERYTHING) -> dict[str, int]:
    """Write the zip to whoever takes its bytes; answers how much of what is in it."""
    now = datetime.now(UTC)
    target = Zip(write, now)
    counts: dict[str, int] = {}
    with (
        holding.held(hub.raw),
        outgoing.snapshot(hub.engine) as conn,
        tempfile.SpooledTemporaryFile(BATCH) as listed,
    ):
        note(listed, target.add("README.txt", [ABOUT.encode()]))
        for name, lines in members(hub, conn, user_id, choice, counts):
            count = Counted(lines)
            note(listed, target.add(name, batches(count)), lines=count.n)
        if "originals" in choice.include:
            for member in originals(hub, conn, user_id, choice, target):
                note(listed, member)
                counts["originals"] = counts.get("originals", 0) + 1
        target.add("manifest.json", manifest(listed, now, choice, counts))
    target.close()
    return counts


class Counted:
    """Lines, and how many of them there were."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.lines, self.n = lines, 0

    def __iter__(self) -> Iterator[bytes]:
        for one in self.lines:
            self.n += 1
            yield one


def batches(lines: Counted) -> Iterator[bytes]:
    some: list[bytes] = []
    size = 0
    for one in lines:
        some += (one, b"\n")
        size += len(one)
        if size >= BATCH:
            yield b"".join(some)
            some, size = [], 0
    yield b"".join(some)


def originals(
    hub: Hub, conn: Connection, user_id: int, choice: Choice, target: Zip
) -> Iterator[Member]:
    for row in outgoing.bodies(conn, user_id, choice.span):
        pieces = holding.pieces(hub.raw, row)
        first = next(pieces, b"")
        packed = first.startswith(raw.PACKED)
        name = f"raw/{row.sha256}{ending(row.name, row.media_type)}"
        yield target.add(name, chained(first, pieces), packed=packed)


def ending(name: str | None, media_type: str | None) -> str:
    """By which other programs know what to do with a file: `.fit`, `.gpx.gz`, `.json`."""
    if name and (found := ENDING.search(name)):
        return found[0].lower()
    return ENDINGS.get(media_type or "", "")


def chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def note(listed: IO[bytes], member: Member, *, lines: int | None = None) -> None:
    """A line of the manifest, on disk: there may be a member for every record of a life."""
    said: dict[str, Any] = {"bytes": member.size, "sha256": member.sha256}
    if lines is not None:
        said["lines"] = lines
    entry = b"%s: %s" % (msgspec.json.encode(member.name), msgspec.json.encode(said))
    listed.write((b",\n    " if listed.tell() else b"    ") + entry)


def manifest(
    listed: IO[bytes], now: datetime, choice: Choice, counts: dict[str, int]
) -> Iterator[bytes]:
    head = {
        "hub": version("openfit"),
        "database": HEAD,
        "schema": SCHEMA_VERSION,
        "written_at": now.isoformat(timespec="seconds"),
        "include": choice.include,
        "from": choice.start,
        "to": choice.end,
        "counts": dict(sorted(counts.items())),
    }
    said = msgspec.json.format(msgspec.json.encode(head), indent=2)
    yield said.removesuffix(b"\n}") + b',\n  "members": {\n'
    listed.seek(0)
    yield from holding.chunks(listed)
    yield b"\n  }\n}\n"
