"""From SQLite to PostgreSQL, and back, with every id."""

import pytest
from openfit.config import Config
from openfit.errors import Refused
from openfit.hub import owner_id
from openfit.leaving import in_use, moving
from openfit.store import copying, engine
from openfit.store.engine import write
from support import hubs
from support.leaving import a_day, deliver, filled, newcomer, picture, plain_hub, settle


@pytest.fixture
def hub(tmp_path):
    made = plain_hub(tmp_path / "data")
    filled(made, owner_id(made), days=3)
    filled(made, newcomer(made), days=3)
    return made


def everything(url):
    """All rows of all tables, as bytes that must be equal."""
    opened = engine.create(url)
    with opened.connect() as conn:
        found = {
            table.name: [
                row for part in copying.parts_of(conn, table, moving=True) for row in part.rows
            ]
            for table in copying.tables_of(conn)
        }
    opened.dispose()
    return found


def test_every_row_arrives_and_the_hub_goes_on(hub, postgres_url, tmp_path):
    before = everything(hub.config.database_url)
    found = moving.move(hub.config, postgres_url)
    assert everything(postgres_url) == before == everything(hub.config.database_url)
    assert found.rows == sum(map(len, before.values()))
    assert (found.users, found.tables) == (2, len(before))
    assert before["sessions"] and before["uploads"]  # a move takes along what a backup leaves
    there = plain_hub(hub.config.data, postgres_url)
    for one in (hub, there):
        deliver(one, 1, "day-9", a_day(9))
        settle(one)
    but = ("originals.jsonl",)  # when the new one was received
    assert picture(there, 1, tmp_path, but=but) == picture(hub, 1, tmp_path, but=but)


def test_and_back_again(hub, postgres_url, tmp_path):
    moving.move(hub.config, postgres_url)
    back = f"sqlite:///{tmp_path / 'back.db'}"
    moving.move(Config(data=hub.config.data, database_url=postgres_url), back)
    assert everything(back) == everything(hub.config.database_url)


def test_not_while_the_hub_serves(hub, tmp_path):
    with (
        in_use.shared(hub.config.data),
        in_use.shared(hub.config.data),
        pytest.raises(Refused, match="running on this data folder"),
    ):
        moving.move(hub.config, f"sqlite:///{tmp_path / 'other.db'}")
    moving.move(hub.config, f"sqlite:///{tmp_path / 'other.db'}")


def test_not_into_a_database_that_holds_something(hub, tmp_path):
    other = plain_hub(tmp_path / "other")
    deliver(other, owner_id(other), "day", a_day(0))
    with pytest.raises(Refused, match="not empty"):
        moving.move(hub.config, other.config.database_url)
    with pytest.raises(Refused, match="in use"):
        moving.move(hub.config, hub.config.database_url)


def test_what_arrives_changed_is_not_kept(hub, tmp_path, monkeypatch):
    real = copying.write

    def lossy(conn, part):
        real(conn, part._replace(rows=part.rows[1:]) if part.table == "daily" else part)

    monkeypatch.setattr(copying, "write", lossy)
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with pytest.raises(Refused, match="daily did not arrive as it was"):
        moving.move(hub.config, url)
    assert {name for name, rows in everything(url).items() if rows} == set()


def test_from_the_command_line(hub, tmp_path):
    with write(hub.engine) as conn:
        conn.exec_driver_sql("update users set name = 'Ada' where user_id = 1")
    url = f"sqlite:///{tmp_path / 'other.db'}"
    done = hubs.openfit("migrate-database", "--to", url, data=hub.config.data)
    assert "OPENFIT_DATABASE_URL" in done.stdout
    assert [row for row in everything(url)["users"] if "Ada" in row]
