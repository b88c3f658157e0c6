"""The members of an export, as lines. Their order depends on content alone, so two hubs that were
fed alike, or of which one was restored from the other, write the same lines."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
from msgspec import Struct
from openfit_schema import wire
from openfit_sdk.schema import Source
from sqlalchemy import Connection, Table, select

from openfit.errors import Refused
from openfit.hub import Hub
from openfit.leaving import samples
from openfit.store import connections, entities, outgoing
from openfit.store.outgoing import ALWAYS
from openfit.store.tables import (
    access_log,
    audit,
    coverage,
    daily,
    daily_resolved,
    edits,
    grants,
    imports,
    journal,
    ladders,
    profile,
    settings,
    sources,
    tombstones,
    twin_choices,
    users,
)

DAY_MS = 86_400_000
FIRST_DAY, LAST_DAY = "", "~"  # before and after every day, as texts compare
PARTS = ("entities", "samples", "daily", "results", "said", "account", "originals")
SAID = {
    "edits": edits,
    "journal": journal,
    "profile": profile,
    "settings": settings,
    "tombstones": tombstones,
    "twins": twin_choices,
    "ladders": ladders,
}
ACCOUNT = {
    "sources": sources,
    "coverage": coverage,
    "imports": imports,
    "grants": grants,
    "access": access_log,
    "audit": audit,
}
NUMBERS = {"source_id", "series_id"}  # of 63 bits: as text, for readers that know doubles alone
JSON = {"value", "ranking", "tags", "error"}  # columns that hold JSON
OF_CONNECTION = ("connection_id", "integration", "name", "account_id", "status", "created_at")
OF_USER = ("user_id", "name", "email", "role", "created_at")
OF_ITEM = (
    "connection_id", "kind", "item_id", "sha256", "size", "media_type", "name", "received_at",
    "deleted", "current", "state",
)  # fmt: skip

Lines = Iterator[bytes]


class Choice(Struct, frozen=True):
    """What of a person's data is wanted: which parts, and days of UTC from … to, both included."""

    include: tuple[str, ...] = PARTS
    start: date | None = None
    end: date | None = None

    @property
    def span(self) -> tuple[int, int]:
        epoch = date(1970, 1, 1)
        begin = ALWAYS[0] if self.start is None else (self.start - epoch).days * DAY_MS
        until = ALWAYS[1] if self.end is None else ((self.end - epoch).days + 1) * DAY_MS
        return begin, until

    @property
    def days(self) -> tuple[str, str]:
        """The first day, and a text behind the last."""
        first = FIRST_DAY if self.start is None else self.start.isoformat()
        return first, LAST_DAY if self.end is None else self.end.isoformat() + LAST_DAY


EVERYTHING = Choice()


def choice(include: str | None, start: date | None, end: date | None) -> Choice:
    """As a person asks for it: parts with commas between."""
    parts = PARTS if not include else tuple(part.strip() for part in include.split(","))
    unknown = sorted({*parts} - {*PARTS})
    if unknown:
        raise Refused(
            f"There is no part {', '.join(unknown)} of an export.",
            code="unknown_part",
            next_step=f"Ask for some of: {', '.join(PARTS)}.",
        )
    if start and end and end < start:
        raise Refused(
            "The last day lies before the first.",
            code="invalid",
            next_step="Give the earlier day as from and the later one as to.",
        )
    return Choice(parts, start, end)


def members(
    hub: Hub, conn: Connection, user_id: int, choice: Choice, counts: dict[str, int]
) -> Iterator[tuple[str, Lines]]:
    """Name and lines of every member that is wanted, but the originals themselves."""
    made = {
        "entities": lambda: {"entities": entity_lines(hub, conn, user_id, counts, choice)},
        "samples": lambda: {"samples": samples.lines(conn, user_id, choice.span, counts)},
        "daily": lambda: {
            "daily": dated(conn, daily, user_id, choice),
            "resolved": dated(conn, daily_resolved, user_id, choice),
        },
        "results": lambda: {"results": result_lines(conn, user_id, choice)},
        "said": lambda: {name: table_lines(conn, user_id, of) for name, of in SAID.items()},
        "account": lambda: {
            "account": account_lines(conn, user_id),
            "connections": connection_lines(conn, user_id),
            **{name: table_lines(conn, user_id, of) for name, of in ACCOUNT.items()},
        },
        "originals": lambda: {"originals": original_lines(conn, user_id, choice)},
    }
    for part in PARTS:
        if part in choice.include:
            yield from ((f"{name}.jsonl", lines) for name, lines in made[part]().items())


def entity_lines(
    hub: Hub,
    conn: Connection,
    user_id: int,
    counts: dict[str, int],
    choice: Choice = EVERYTHING,
) -> Lines:
    """Leading entities with their id and source, by kind and id."""
    integrations = {
        row.connection_id: row.integration for row in connections.of_user(conn, user_id)
    }
    for row in outgoing.seen(conn, user_id, choice.span, *choice.days):
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


def result_lines(conn: Connection, user_id: int, choice: Choice = EVERYTHING) -> Lines:
    """What analyses found, of an activity or of a day."""
    for row in outgoing.found(conn, user_id, *choice.days):
        yield b'{"activity_id":"%s","result":%s}' % (row.activity_id.encode(), bytes(row.body))


def dated(conn: Connection, table: Table, user_id: int, choice: Choice) -> Lines:
    return map(line, outgoing.between_days(conn, table, user_id, *choice.days))


def table_lines(conn: Connection, user_id: int, table: Table) -> Lines:
    return map(line, outgoing.rows_of(conn, table, user_id))


def line(row: Any, wanted: tuple[str, ...] | None = None) -> bytes:
    """A row as an object, without whose it is; instants are ms since 1970 UTC, as stored."""
    values = row._asdict()
    kept = wanted or tuple(name for name in values if name != "user_id")
    return msgspec.json.encode({name: shown(name, values[name]) for name in kept})


def shown(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in NUMBERS:
        return str(value)
    return msgspec.Raw(value.encode()) if name in JSON and isinstance(value, str) else value


def account_lines(conn: Connection, user_id: int) -> Lines:
    """Who it is. Passwords and keys are no data of anybody's."""
    for row in conn.execute(select(users).where(users.c.user_id == user_id)):
        yield line(row, OF_USER)


def connection_lines(conn: Connection, user_id: int) -> Lines:
    """Without credentials, and without settings, which may hold some."""
    for row in sorted(connections.of_user(conn, user_id), key=lambda one: one.connection_id):
        yield line(row, OF_CONNECTION)


def original_lines(conn: Connection, user_id: int, choice: Choice) -> Lines:
    """What each original is; its bytes are under raw/<sha256>."""
    for row in outgoing.items(conn, user_id, choice.span):
        yield line(row, OF_ITEM)
