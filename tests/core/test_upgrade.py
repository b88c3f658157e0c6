"""An upgrade copies first, is whole or nothing, and a hub never goes backwards unasked."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from importlib.metadata import version

import pytest
from alembic import command
from openfit import upgrade
from openfit.config import Config
from openfit.doctor import database
from openfit.errors import SetupError
from openfit.hub import open_hub
from openfit.store import engine, snapshot
from openfit.store.engine import HEAD
from openfit.store.migrate import scripts
from sqlalchemy import text

OLD = "0003"


@pytest.fixture
def config(tmp_path):
    return Config(data=tmp_path, database_url=f"sqlite:///{tmp_path}/openfit.db")


@pytest.fixture
def old(config):
    return aged(config)


def aged(config):
    """A hub of a release before this one, with a person in it."""
    command.upgrade(scripts(config.database_url), OLD)
    run(config, "INSERT INTO users (user_id, name, created_at) VALUES (1, 'Ada', 0)")
    return config


def run(config, *statements):
    made = engine.create(config.database_url)
    with engine.write(made) as conn:
        for statement in statements:
            conn.execute(text(statement))
    made.dispose()


def people(path):
    with closing(sqlite3.connect(path)) as conn:
        return [name for (name,) in conn.execute("SELECT name FROM users")]


def tables(config):
    made = engine.create(config.database_url)
    with made.connect() as conn:
        schema = "sqlite_master WHERE type = 'table'"
        if made.dialect.name == "postgresql":
            schema = "(SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public') t"
        found = set(conn.execute(text(f"SELECT name FROM {schema}")).scalars())
    made.dispose()
    return found


# A copy first ------------------------------------------------------------------------------------


def test_a_new_hub_has_nothing_to_copy(config):
    upgrade.bring_up(config)
    assert engine.revision(config.database_url) == HEAD
    assert upgrade.copies(config.data) == []


def test_before_an_upgrade_the_database_is_copied_as_it_was(old):
    upgrade.bring_up(old)
    [kept] = upgrade.copies(old.data)
    assert engine.revision(old.database_url) == HEAD
    assert engine.revision(f"sqlite:///{kept}") == OLD
    assert people(kept) == ["Ada"]
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_what_only_the_log_of_writes_holds_is_in_the_copy(old):
    writer = sqlite3.connect(old.data / "openfit.db")
    writer.execute("INSERT INTO users (user_id, name, created_at) VALUES (2, 'Ben', 0)")
    writer.commit()
    assert (old.data / "openfit.db-wal").stat().st_size > 0
    snapshot.take(old.data / "openfit.db", old.data / "copy.db")
    writer.close()
    assert people(old.data / "copy.db") == ["Ada", "Ben"]


def test_an_up_to_date_hub_is_not_copied_again(old):
    for _ in range(2):
        upgrade.bring_up(old)
    assert len(upgrade.copies(old.data)) == 1


def test_the_last_three_copies_are_kept(old):
    folder = old.data / upgrade.FOLDER
    folder.mkdir()
    earlier = [folder / f"before-000{n}-2026010{n}T000000Z.db" for n in (1, 2, 3)]
    others = [folder / "openfit-20260101T000000Z.tar", folder / "mine.db"]
    for path in [*earlier, *others]:
        path.write_bytes(b"x")
    upgrade.bring_up(old)
    assert upgrade.copies(old.data)[:-1] == earlier[1:]
    assert len(upgrade.copies(old.data)) == upgrade.KEPT
    assert all(path.exists() for path in others)


def test_without_room_nothing_begins(old, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 8, 2**20))
    with pytest.raises(SetupError, match=r"needs 6\d MiB of room.*has 1 MiB") as said:
        upgrade.bring_up(old)
    assert said.value.code == "no_room"
    assert engine.revision(old.database_url) == OLD


def test_without_a_copy_nothing_begins(old, monkeypatch):
    def damaged(path):
        raise sqlite3.DatabaseError("the copy is damaged: page 3")

    monkeypatch.setattr(snapshot, "verify", damaged)
    with pytest.raises(SetupError, match="not upgraded from revision 0003.*page 3"):
        upgrade.bring_up(old)
    assert engine.revision(old.database_url) == OLD
    assert list((old.data / upgrade.FOLDER).iterdir()) == []


def test_a_damaged_copy_is_found(old, tmp_path):
    copy = tmp_path / "copy.db"
    snapshot.take(old.data / "openfit.db", copy)
    body = bytearray(copy.read_bytes())
    body[5 * 4096 : 5 * 4096 + 64] = bytes(range(1, 65))
    copy.write_bytes(body)
    with pytest.raises(sqlite3.DatabaseError):
        snapshot.verify(copy)


def test_a_copy_does_not_make_a_database_that_is_not_there(tmp_path):
    with pytest.raises(sqlite3.OperationalError):
        snapshot.take(tmp_path / "none.db", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


# All or nothing ----------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from openfit.store.migrate import migrate

@event.listens_for(Engine, "before_cursor_execute")
def stop(conn, cursor, statement, *_):
    if "CREATE TABLE grants" in statement:
        os.kill(os.getpid(), signal.SIGKILL)

migrate(sys.argv[1])
"""


def test_an_upgrade_that_is_killed_halfway_leaves_what_was(blank_database_url, tmp_path):
    config = aged(Config(data=tmp_path, database_url=blank_database_url))
    before = tables(config)
    killed = subprocess.run([sys.executable, "-c", KILLED, blank_database_url])
    assert killed.returncode == -signal.SIGKILL
    assert engine.revision(blank_database_url) == OLD
    assert tables(config) == before
    upgrade.bring_up(config)
    assert engine.revision(blank_database_url) == HEAD
    assert tables(config) > before


def test_a_failure_says_that_nothing_changed_and_where_the_copy_is(old):
    run(old, "CREATE TABLE grants (mine INTEGER)")
    with pytest.raises(SetupError, match="could not be brought up to date") as said:
        upgrade.bring_up(old)
    [kept] = upgrade.copies(old.data)
    assert str(kept) in said.value.next_step and "Nothing was changed" in said.value.next_step
    assert engine.revision(old.database_url) == OLD


def test_two_that_start_at_once_copy_and_upgrade_once(blank_database_url, tmp_path):
    config = aged(Config(data=tmp_path, database_url=blank_database_url))
    failed = []

    def start():
        try:
            upgrade.bring_up(config)
        except BaseException as error:
            failed.append(error)

    both = [threading.Thread(target=start) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert failed == []
    assert engine.revision(blank_database_url) == HEAD
    assert len(upgrade.copies(tmp_path)) <= 1


# Never backwards ---------------------------------------------------------------------------------


def newer(config):
    """As a later release leaves it: another revision, and its word on who was here."""
    open_hub(config).engine.dispose()
    run(
        config,
        "UPDATE alembic_version SET version_num = '9001'",
        "UPDATE settings SET value = '\"7.1.0\"' WHERE name = 'hub.version'",
    )


def test_a_hub_notes_which_release_opened_it(config):
    open_hub(config).engine.dispose()
    assert engine.last_version(config.database_url) == version("openfit")


def test_an_older_hub_refuses_and_names_both_and_the_way_back(config):
    newer(config)
    copy = config.data / upgrade.FOLDER / f"before-{HEAD}-20260101T000000Z.db"
    copy.parent.mkdir()
    copy.write_bytes(b"x")
    before = (config.data / "openfit.db").read_bytes()
    with pytest.raises(SetupError) as said:
        open_hub(config)
    assert said.value.code == "newer_database"
    assert f"revision 9001, which OpenFit {version('openfit')}" in said.value.message
    assert f"(revision {HEAD})" in said.value.message
    assert "OpenFit 7.1.0 opened it last" in said.value.message
    assert str(copy) in said.value.next_step
    assert (config.data / "openfit.db").read_bytes() == before


def test_without_a_copy_the_way_back_is_the_newer_release(config):
    newer(config)
    with pytest.raises(SetupError) as said:
        open_hub(config)
    assert "Install OpenFit 7.1.0 or newer again" in said.value.next_step


def test_a_database_that_does_not_say_who_opened_it_is_refused_all_the_same(old):
    run(old, "UPDATE alembic_version SET version_num = '9001'")
    assert engine.last_version(old.database_url) is None
    with pytest.raises(SetupError, match="revision 9001"):
        upgrade.bring_up(old)


def test_the_doctor_tells_of_newer_older_and_copies(config):
    [fresh] = database(config)
    aged(config)
    [before] = database(config)
    upgrade.bring_up(config)
    after, kept = database(config)
    run(config, "UPDATE alembic_version SET version_num = '9001'")
    beyond, _ = database(config)
    assert [fresh.ok, before.ok, after.ok, kept.ok, beyond.ok] == [True, False, True, True, False]
    assert "a copy is made first" in before.said
    assert kept.said.startswith("1 (") and "before-0003-" in kept.said
    assert "9001, newer than this release" in beyond.said


def test_every_packaged_revision_is_known():
    from alembic.script import ScriptDirectory

    packaged = ScriptDirectory.from_config(scripts("")).walk_revisions()
    assert sorted(one.revision for one in packaged) == upgrade.known()


# PostgreSQL --------------------------------------------------------------------------------------


def test_on_postgresql_it_is_said_that_no_copy_was_made(
    postgres_url, tmp_path, monkeypatch, caplog
):
    config = aged(Config(data=tmp_path, database_url=postgres_url))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    upgrade.bring_up(config)
    assert engine.revision(postgres_url) == HEAD
    assert "NOT copied before its upgrade: pg_dump is not installed here" in caplog.text
    assert "pg_dump --format=custom" in caplog.text


def test_pg_dump_is_used_and_is_given_no_password_to_show(postgres_url, tmp_path, monkeypatch):
    config = aged(Config(data=tmp_path, database_url=postgres_url))
    tool = tmp_path / "bin" / "pg_dump"
    tool.parent.mkdir()
    tool.write_text(
        '#!/bin/sh\nfor a; do case $a in --file=*) echo "$@" > "${a#--file=}";; esac; done\n'
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    address = engine.parse(postgres_url).set(password="hush-hush")
    made = upgrade.dump_postgresql(address, upgrade.target(tmp_path, OLD, ".dump"))
    assert made is not None and "hush-hush" not in made.read_text()
    assert "--format=custom" in made.read_text() and made.stat().st_mode & 0o077 == 0
    assert config.data == tmp_path
