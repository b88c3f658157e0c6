"""One code path for two databases: transactions, races, and what a bad disk says."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from openfit.errors import Refused
from openfit.store import engine
from openfit.store.tables import entities, sources, users
from sqlalchemy import delete, insert, select, text, update


@pytest.fixture
def database(database_url):
    made = engine.create(database_url)
    with engine.write(made) as conn:
        conn.execute(insert(users).values(user_id=1, name="A", created_at=0))
    yield made
    made.dispose()


@pytest.mark.parametrize("url", ["postgres://u:p@h/d", "postgresql://u:p@h/d"])
def test_any_spelling_of_postgresql_means_the_driver_that_is_there(url):
    assert engine.create(url).url.drivername == "postgresql+psycopg"


def test_sqlite_keeps_what_was_acknowledged(tmp_path):
    with engine.create(f"sqlite:///{tmp_path / 'a.db'}").connect() as conn:
        found = [conn.execute(text(f"PRAGMA {name}")).scalar() for name in PRAGMAS]
    assert dict(zip(PRAGMAS, found, strict=True)) == PRAGMAS


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_upsert_inserts_then_overwrites(database):
    row = {"user_id": 1, "source_id": 7, "connection_id": "c", "device": "old"}
    with engine.write(database) as conn:
        engine.upsert(conn, sources, [row, row | {"source_id": 8}])
        engine.upsert(conn, sources, [row | {"device": "new"}])
        engine.upsert(conn, sources, [])
        found = conn.execute(select(sources.c.source_id, sources.c.device)).all()
    assert sorted(found) == [(7, "new"), (8, "old")]


def test_many_rows_are_written_as_few_are(database, monkeypatch):
    """Past the look at each value that SQLAlchemy takes: bytes, truth, nothing, a percent sign."""
    rows = [
        {
            "user_id": 1,
            "entity_id": f"e{n}",
            "receipt": 2**40 + n,
            "lead": n % 2 == 0,
            "kind": "activity",
            "key": f"100 % %s ' {n}",
            "connection_id": "c",
            "source_id": -n,
            "member": None if n % 3 else "a/b.fit",
            "body": bytes([n, 0, 255]),
        }
        for n in range(engine.MANY + 7)
    ]
    found = []
    for many in (engine.MANY, len(rows) + 1):
        monkeypatch.setattr(engine, "MANY", many)
        with engine.write(database) as conn:
            conn.execute(delete(entities))
            engine.upsert(conn, entities, [row | {"body": b"old", "lead": True} for row in rows])
            engine.upsert(conn, entities, rows)
            found.append(conn.execute(select(entities).order_by(entities.c.receipt)).all())
    assert found[0] == found[1]
    assert [(row.lead, row.key, row.body, row.member) for row in found[0]] == [
        (row["lead"], row["key"], row["body"], row["member"]) for row in rows
    ]


def test_a_failed_transaction_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError), engine.write(database) as conn:
        conn.execute(insert(users).values(user_id=2, name="B", created_at=0))
        raise ZeroDivisionError
    with database.connect() as conn:
        assert conn.execute(select(users.c.user_id)).scalars().all() == [1]


def test_readers_are_not_held_up_by_a_writer(database):
    with engine.write(database) as conn:
        conn.execute(update(users).values(name="B"))
        with database.connect() as reader:
            assert reader.execute(select(users.c.name)).scalar() == "A"


def test_a_race_is_run_again(database):
    tries = []

    def add_once():
        tries.append(1)
        with engine.write(database) as conn:
            taken = 1 if len(tries) == 1 else 2  # the first time somebody else was quicker
            conn.execute(insert(users).values(user_id=taken, name="B", created_at=0))
        return len(tries)

    assert engine.retrying(add_once) == 2


def test_what_is_no_race_fails_at_once(database):
    tries = []

    def misspelt():
        tries.append(1)
        with database.connect() as conn:
            conn.execute(text("SELEKT 1"))

    with pytest.raises(Exception, match="SELEKT"):
        engine.retrying(misspelt)
    assert len(tries) == 1


def test_many_counters_at_once_lose_no_step(database):
    def step(_):
        with engine.write(database) as conn:
            before = conn.execute(select(users.c.sequence).with_for_update()).scalar_one()
            conn.execute(update(users).values(sequence=before + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(step, range(40)))
    with database.connect() as conn:
        assert conn.execute(select(users.c.sequence)).scalar() == 40


def test_a_full_disk_is_said_in_words(tmp_path):
    made = engine.create(f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(Refused, match="disk is full") as refused, engine.write(made) as conn:
        conn.execute(text("PRAGMA max_page_count = 4"))
        conn.execute(text("CREATE TABLE a AS SELECT zeroblob(100000)"))
    assert refused.value.code == "disk_full"


def test_a_database_that_cannot_be_written_is_said_in_words(tmp_path):
    made = engine.create(f"sqlite:///{tmp_path / 'missing' / 'a.db'}")
    with pytest.raises(Refused) as refused, engine.write(made):
        pass
    assert refused.value.code == "read_only"
