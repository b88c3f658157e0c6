"""Back again: into an empty hub of either kind, equal to the last byte, or not at all."""

import signal
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openfit.config import Config
from openfit.errors import Refused, SetupError
from openfit.hub import open_hub, owner_id
from openfit.leaving import pack, restore
from openfit.leaving.backup import Hoard, create
from openfit.leaving.sealed import Secret
from openfit.leaving.unfinished import MARK
from openfit.store import engine, people
from openfit.store.engine import write
from support import hubs
from support.leaving import a_day, deliver, filled, newcomer, picture, plain_hub, settle

OPEN = Secret()


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """Two people's; nobody changes it."""
    made = plain_hub(tmp_path_factory.mktemp("first"))
    filled(made, owner_id(made), days=3)
    filled(made, newcomer(made), days=3)
    return made


@pytest.fixture
def target(tmp_path, blank_database_url):
    return Config(data=tmp_path / "second", database_url=blank_database_url)


def backup(hub, tmp_path, **more):
    return create(Hoard(hub.engine, hub.raw), tmp_path, **more).path


def pictures(hub, tmp_path):
    with hub.engine.connect() as conn:
        users = people.all_users(conn)
    return {user: picture(hub, user, tmp_path) for user in users}


def test_what_comes_back_is_equal_on_either_database(hub, target, tmp_path):
    found = restore.restore(target, backup(hub, tmp_path), OPEN)
    again = plain_hub(target.data, target.database_url)
    assert pictures(again, tmp_path) == pictures(hub, tmp_path)
    assert found.users == 2


def test_a_backup_of_what_came_back_is_the_same_backup(hub, target, tmp_path):
    first = manifest(backup(hub, tmp_path))
    restore.restore(target, backup(hub, tmp_path), OPEN)
    again = plain_hub(target.data, target.database_url)
    second = manifest(backup(again, target.data))
    assert (second.tables, second.originals) == (first.tables, first.originals)


def manifest(path):
    with path.open("rb") as file:
        unpacker = pack.Unpacker(file, path.name)
        for _ in unpacker.entries():
            pass
    return unpacker.manifest


def test_a_hub_that_came_back_goes_on(hub, target, tmp_path):
    """New things come in, days are derived, and old ones are not taken twice."""
    path = backup(hub, tmp_path)
    restore.restore(target, path, OPEN)
    again = plain_hub(target.data, target.database_url)
    there = Config(data=tmp_path / "third", database_url=f"sqlite:///{tmp_path / 'third.db'}")
    restore.restore(there, path, OPEN)
    other = plain_hub(there.data, there.database_url)
    for one in (other, again):
        deliver(one, 1, "day-0", a_day(0))
        deliver(one, 1, "day-9", a_day(9))
        settle(one)
    but = ("originals.jsonl",)  # when the new ones were received
    assert picture(again, 1, tmp_path, but=but) == picture(other, 1, tmp_path, but=but)


def test_sealed_it_comes_back_with_the_passphrase_alone(hub, target, tmp_path):
    path = backup(hub, tmp_path, secret=Secret(passphrase="x"))
    with pytest.raises(Refused, match="does not open"):
        restore.restore(target, path, Secret(passphrase="y"))
    restore.restore(target, path, Secret(passphrase="x"))
    assert pictures(plain_hub(target.data, target.database_url), tmp_path) == pictures(
        hub, tmp_path
    )


def test_a_hub_with_data_is_left_alone(hub, target, tmp_path):
    other = plain_hub(target.data, target.database_url)
    deliver(other, owner_id(other), "mine", a_day(1))
    settle(other)
    before = pictures(other, tmp_path)
    with pytest.raises(Refused, match="not empty"):
        restore.restore(target, backup(hub, tmp_path), OPEN)
    assert pictures(other, tmp_path) == before


def test_a_hub_that_was_only_started_counts_as_empty(hub, target, tmp_path):
    open_hub(target)
    restore.restore(target, backup(hub, tmp_path), OPEN)
    again = plain_hub(target.data, target.database_url)
    assert pictures(again, tmp_path) == pictures(hub, tmp_path)


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_cut_or_damaged_file_changes_nothing(hub, target, tmp_path, place):
    body = backup(hub, tmp_path).read_bytes()
    at = int(len(body) * place)
    path = tmp_path / "bad.tar"
    for bad in (body[:at], body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]):
        path.write_bytes(bad)
        with pytest.raises(Refused):
            restore.restore(target, path, OPEN)
    restore.restore(target, backup(hub, tmp_path), OPEN)
    assert not (target.data / MARK).exists()


def test_a_newer_backup_is_refused(target, tmp_path):
    newer = plain_hub(tmp_path / "newer")
    with write(newer.engine) as conn:
        conn.exec_driver_sql("update alembic_version set version_num = '9999'")
    path = backup(newer, tmp_path)
    with pytest.raises(Refused, match="made by a newer OpenFit"):
        restore.restore(target, path, OPEN)
    with pytest.raises(Refused, match="made by a newer OpenFit"):
        restore.verify(path, OPEN)


def test_an_older_backup_comes_back_and_is_migrated(tmp_path, target):
    from openfit.leaving.backup import before_upgrade
    from openfit.store.migrate import migrate

    old = Config(data=tmp_path / "old", database_url=f"sqlite:///{tmp_path / 'old.db'}")
    old.data.mkdir()
    migrate(old.database_url, "0003")
    opened = engine.create(old.database_url)
    with write(opened) as conn:
        conn.exec_driver_sql(
            "insert into users (user_id, name, created_at, sequence) values (1, 'Ada', 1, 5)"
        )
        conn.exec_driver_sql("insert into profile values (1, 'sex', '2026-01-01', '\"female\"')")
    made = before_upgrade(old)
    open_hub(target)  # it was started before: its tables are of now
    assert restore.restore(target, made.path, OPEN).revision == "0003"
    again = plain_hub(target.data, target.database_url)
    assert engine.revision(target.database_url) == engine.HEAD
    assert b"Ada" in picture(again, 1, tmp_path)["account.jsonl"]
    assert b"female" in picture(again, 1, tmp_path)["profile.jsonl"]


def test_a_hub_with_an_unfinished_restore_does_not_start(hub, target, tmp_path):
    path = backup(hub, tmp_path)
    open_hub(target)
    (target.data / MARK).write_text(f"{path}\n2026-01-01T00:00:00+00:00\n")
    with pytest.raises(SetupError, match="was not finished"):
        open_hub(target)
    restore.restore(target, path, OPEN)
    assert pictures(plain_hub(target.data, target.database_url), tmp_path) == pictures(
        hub, tmp_path
    )


@pytest.mark.parametrize("step", [1, 12, 20])
def test_killed_at_any_step_it_can_be_done_again(hub, target, tmp_path, step):
    path = backup(hub, tmp_path)
    code = (
        "import os, signal, sys\n"
        "from openfit.config import Config\n"
        "from openfit.leaving import restore\n"
        "from openfit.leaving.sealed import Secret\n"
        "from openfit.store import copying\n"
        "from pathlib import Path\n"
        "seen, real = [], copying.write\n"
        "def write(conn, part):\n"
        "    real(conn, part)\n"
        "    seen.append(part)\n"
        f"    if len(seen) == {step}: os.kill(os.getpid(), signal.SIGKILL)\n"
        "copying.write = write\n"
        "config = Config(data=Path(sys.argv[1]), database_url=sys.argv[2])\n"
        "restore.restore(config, Path(sys.argv[3]), Secret())\n"
    )
    command = [sys.executable, "-c", code, str(target.data), target.database_url, str(path)]
    done = subprocess.run(command, capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with pytest.raises(SetupError, match="was not finished"):
        open_hub(target)
    restore.restore(target, path, OPEN)
    assert pictures(plain_hub(target.data, target.database_url), tmp_path) == pictures(
        hub, tmp_path
    )


def test_from_the_command_line(hub, target, tmp_path):
    """Out of one hub, sealed, looked at, and into another, which then serves the same export."""
    (tmp_path / "words").write_text("correct horse\n")
    sealed = ("--passphrase-file", tmp_path / "words")
    done = hubs.openfit("backup", "--to", tmp_path, *sealed, data=hub.config.data)
    [path] = tmp_path.glob("*.tar.sealed")
    assert path.name in done.stdout
    done = hubs.openfit("restore", path, "--verify", *sealed, data=hub.config.data)
    assert "is whole" in done.stdout
    there = {"data": target.data, "url": target.database_url}
    done = hubs.openfit("restore", path, *sealed, **there)
    assert "2 users" in done.stdout
    done = hubs.openfit("restore", path, *sealed, check=False, **there)
    assert done.returncode == 65
    assert "not empty" in done.stderr
    hubs.openfit("export", "--to", tmp_path / "out.zip", **there)


things = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["home", "work"])), max_size=4)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(things=things, people_of=st.integers(1, 2))
def test_any_hub_comes_back_equal(tmp_path_factory, migrated_file, things, people_of):
    folder = tmp_path_factory.mktemp("any")
    first = plain_hub(folder / "first")
    users = [owner_id(first), *(newcomer(first) for _ in range(people_of - 1))]
    for number, (n, of) in enumerate(things):
        deliver(first, users[number % len(users)], f"day-{n}", a_day(n), of)
    settle(first)
    there = Config(data=folder / "second", database_url=f"sqlite:///{folder / 'second.db'}")
    restore.restore(there, backup(first, folder), OPEN)
    again = plain_hub(there.data, there.database_url)
    assert pictures(again, folder) == pictures(first, folder)
