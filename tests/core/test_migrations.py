"""A migrated database is the one that tables.py describes, on both kinds."""

import os
import re
import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from openfit.store import engine
from openfit.store.migrate import described, migrate, scripts
from openfit.store.tables import metadata
from sqlalchemy import text


@pytest.fixture
def blank(blank_database_url):
    made = engine.create(blank_database_url)
    yield blank_database_url, made
    made.dispose()


def test_head_is_the_newest_packaged_migration():
    assert ScriptDirectory.from_config(scripts("")).get_current_head() == engine.HEAD


def test_migrations_end_in_what_tables_describe(blank):
    url, made = blank
    assert engine.revision(url) is None
    migrate(url)
    assert engine.revision(url) == engine.HEAD
    with made.connect() as conn:
        defaults = conn.dialect.name != "sqlite"  # there, alembic takes '' for something else
        opts = {"compare_server_default": defaults, "include_object": described}
        context = MigrationContext.configure(conn, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(blank):
    url, made = blank
    migrate(url)
    with engine.write(made) as conn:
        conn.execute(text("INSERT INTO users (user_id, name, created_at) VALUES (1, 'A', 0)"))
    migrate(url)
    with made.connect() as conn:
        assert conn.execute(text("SELECT name FROM users")).scalars().all() == ["A"]


def test_a_hub_of_the_first_release_keeps_what_it_has(blank):
    """Its items stay as they were read, its waiting ones wait, and nothing counts as begun."""
    url, made = blank
    command.upgrade(scripts(url), "0001")
    with engine.write(made) as conn:
        for statement in FIRST_RELEASE:
            conn.execute(text(statement))
    migrate(url)
    with made.connect() as conn:
        query = "SELECT receipt, state, lease_owner, at_byte, members FROM raw_items"
        items = [tuple(row) for row in conn.execute(text(f"{query} ORDER BY receipt"))]
        query = "SELECT rebuild, rebuild_at, rebuild_paused, history_paused FROM connections"
        [connection] = conn.execute(text(query))
        [role] = conn.execute(text("SELECT role FROM users")).scalars()
    assert role == "owner"
    assert items == [(1, "done", None, None, 0), (2, "pending", None, None, 0)]
    assert tuple(connection) == ("all", None, False, False)


ITEM = (
    "INSERT INTO raw_items (user_id, receipt, connection_id, kind, item_id, sha256, media_type,"
    " received_at, state) VALUES (1, {0}, 'c', 'file', '{0}', '{0}', 'x', 0, '{1}')"
)
FIRST_RELEASE = (
    "INSERT INTO users (user_id, name, created_at) VALUES (1, 'A', 0)",
    "INSERT INTO connections (user_id, connection_id, integration, name, created_at, rebuild)"
    " VALUES (1, 'c', 'fileimport', 'files', 0, 'all')",
    ITEM.format(1, "done"),
    ITEM.format(2, "pending"),
)


def test_two_that_migrate_at_once_do_not_meet(blank_database_url, tmp_path):
    bring_up = [sys.executable, "-m", "openfit.store.migrate"]
    own = {"OPENFIT_DATABASE_URL": blank_database_url, "OPENFIT_DATA": str(tmp_path)}
    both = [subprocess.Popen(bring_up, env=os.environ | own) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert engine.revision(blank_database_url) == engine.HEAD


def test_on_sqlite_they_are_the_same_to_the_letter(tmp_path):
    """Defaults too, and which tables are clustered by their key, which no comparison sees."""
    migrated, described = (f"sqlite:///{tmp_path / name}" for name in ("a.db", "b.db"))
    migrate(migrated)
    metadata.create_all(engine.create(described))
    found, wanted = written(migrated), written(described)
    found.pop("alembic_version")
    assert found == wanted


def written(url: str) -> dict[str, list[str]]:
    """What each table and index is made of; a column that was added later stands behind others."""
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    with engine.create(url).connect() as conn:
        return {name: parts("".join(sql.split())) for name, sql in conn.execute(text(query))}


def parts(sql: str) -> list[str]:
    head, _, rest = sql.partition("(")
    body, _, tail = rest.rpartition(")")
    inside = re.sub(r"\([^()]*\)", lambda found: found.group().replace(",", ";"), body)
    return [head, *sorted(inside.split(",")), tail]


def test_postgresql_does_not_compress_what_is_compressed(postgres_url):
    migrate(postgres_url)
    query = "SELECT attrelid::regclass::text FROM pg_attribute WHERE attname IN ('payload', 'body')"
    with engine.create(postgres_url).connect() as conn:
        found = set(conn.execute(text(f"{query} AND attstorage = 'e'")).scalars())
    assert found == {"block", "minute_block", "raw_bodies"}
