"""What is over goes by itself, and nothing that is not."""

import pytest
from openfit.app import tidy
from openfit.store import audit, codes, connections, grants, links, outlived, people, sessions
from openfit.store.engine import insert, write
from openfit.store.tables import metadata
from sqlalchemy import func, select
from support.asking import hub_on

NOW = 1_800_000_000_000
DAY = 86_400_000


@pytest.fixture
def hub(tmp_path, database_url):
    return hub_on(tmp_path / "data", database_url)


def rows(hub, *names):
    with hub.engine.connect() as conn:
        tables = [metadata.tables[name] for name in names]
        return [conn.execute(select(func.count()).select_from(t)).scalar_one() for t in tables]


def sign_ins(conn, user_id, name, ends):
    row = {"created_at": 0, "used_at": 0, "expires_at": ends, "how": "code"}
    sessions.begin(conn, row | {"user_id": user_id, "session_id": name})
    sessions.add_token(conn, user_id, name, name * 64, 0, ends)
    links.put(conn, user_id, "sign_in", name * 64, 0, ends)
    more = {"code_hash": "x", "made_at": 0, "tries": 1, "sent": 1, "counted_from": ends}
    codes.put(conn, user_id, name, expires_at=ends, **more)


def test_sign_ins_links_and_codes_go_a_day_after_their_end(hub):
    with write(hub.engine) as conn:
        mine = people.owner(conn)
        for name, ends in (("a", NOW - DAY), ("b", NOW - DAY + 1), ("c", NOW + DAY)):
            sign_ins(conn, mine, name, ends)
    kinds = ("sessions", "refresh_tokens", "links", "codes")
    assert rows(hub, *kinds) == [3, 3, 3, 3]
    tidy(hub, NOW)
    assert rows(hub, *kinds) == [2, 2, 2, 2]


def registered(conn, name, at=NOW - 8 * DAY, **more):
    user_id = people.add(conn, name, at, email=f"{name}@example.org")
    if more:
        people.change(conn, user_id, **more)
    return user_id


def left(hub):
    with hub.engine.connect() as conn:
        return {row.name for row in people.rows(conn)}


def test_who_never_proved_an_address_is_forgotten_after_a_week(hub):
    with write(hub.engine) as conn:
        sign_ins(conn, registered(conn, "squatter"), "s", NOW - 8 * DAY)
        audit.note(conn, registered(conn, "tried"), "sign_in_failed", NOW)
        registered(conn, "young", NOW - 6 * DAY)
        more = {"made_at": NOW, "expires_at": NOW + 1, "counted_from": NOW}
        codes.put(conn, registered(conn, "tries again"), "sign_in", **more)
        registered(conn, "worded", password="hash")
        registered(conn, "known elsewhere", subject="issuer subject")
        audit.note(conn, registered(conn, "was here"), "sign_in", NOW)
        audit.note(conn, registered(conn, "invited"), "invited", NOW)
        connections.ensure(conn, registered(conn, "has data"), "fileimport", 0)
        people.add(conn, "by hand", 0)
        links.put(conn, registered(conn, "linked"), "invite", "l" * 64, 0, NOW + DAY)
        conn.execute(
            insert(conn, grants.grants).values(
                user_id=people.owner(conn),
                grant_id="g",
                grantee_id=registered(conn, "trusted"),
                role="viewer",
                families="all",
                made_at=0,
            )
        )
    before = left(hub)
    tidy(hub, NOW)
    assert before - left(hub) == {"squatter", "tried"}
    with write(hub.engine) as conn:
        assert outlived.drop_unproven(conn, NOW) == []
