"""What the hub wants to tell: from what is there anyway, unread first, gone when it is over."""

from datetime import UTC, datetime, timedelta

import pytest
from openfit.config import Config
from openfit.hub import now_ms, open_hub
from openfit.store import connections, tasks
from openfit.store.engine import write
from openfit.views import notices
from openfit_sdk.schema import Activity, Device, Totals, Wellness
from support.files import gpx
from support.persons import asking, person

NOW = datetime.now(UTC)


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def ada(hub):
    with asking(hub) as client:
        yield person(client, hub)


def connection(hub, ada, **values):
    with write(hub.engine) as conn:
        row = connections.ensure(conn, ada.user_id, "band", now_ms(), account="a")
        connections.change(conn, ada.user_id, row.connection_id, **values)
    return row.connection_id


def failed_task(hub, ada, days_ago=0):
    at = now_ms() - days_ago * 86_400_000
    with write(hub.engine) as conn:
        id = tasks.add(conn, ada.user_id, "backup", {}, at)
        tasks.change(
            conn, tasks.get(conn, ada.user_id, id), state="failed", message="No room.", ended_at=at
        )
    return id


def told(found):
    return [(one["kind"], one["about"], one["read"]) for one in found["items"]]


def test_nothing_is_told_where_all_is_well(ada):
    taken = ada.ask("POST", "/activities/import", params={"name": "a.gpx"}, content=gpx(1))
    ada.settle()
    assert ada.get(f"/imports/{taken['import_id']}")["state"] == "done"
    assert ada.get("/notifications") == {"items": [], "unread": 0}


def test_what_needs_somebody_comes_first_and_is_gone_once_it_is_put_right(hub, ada):
    taken = ada.ask("POST", "/activities/import", params={"name": "a.gpx"}, content=b"<gpx><trk")
    ada.settle()
    band = connection(hub, ada, status="reauth_required", message="Band asks for a new sign-in.")
    backup = failed_task(hub, ada)
    failed_task(hub, ada, days_ago=8)  # long over
    found = ada.get("/notifications")
    assert told(found) == [
        ("task_failed", backup, False),
        ("sign_in_again", band, False),
        ("import_failed", taken["import_id"], False),
    ]
    assert [one["priority"] for one in found["items"]] == [1, 1, 2]
    assert all(one["message"] and one["next_step"] for one in found["items"])
    assert "new sign-in" in found["items"][1]["message"]
    connection(hub, ada, status="ok", message=None)
    assert told(ada.get("/notifications"))[1:] == [("import_failed", taken["import_id"], False)]


def test_what_was_read_stays_read_until_it_is_told_anew(hub, ada):
    backup, band = failed_task(hub, ada), connection(hub, ada, status="failed", message="Broken.")
    first = ada.get("/notifications")["items"][0]["id"]
    found = ada.send("POST", "/notifications/read", {"ids": [first, "nothing"]})
    assert told(found) == [("source_failed", band, False), ("task_failed", backup, True)]
    assert found["unread"] == 1
    assert ada.send("POST", "/notifications/read", {})["unread"] == 0
    connection(hub, ada, status="ok")
    ada.send("POST", "/notifications/read", {})
    connection(hub, ada, status="failed")
    assert told(ada.get("/notifications"))[0] == ("source_failed", band, False)
    ada.send("POST", "/notifications/read", {"ids": ["x"] * 101}, 400)


def test_a_best_that_took_anothers_place_is_told(hub, ada):
    watch, days = Device(key="watch", type="watch"), 40
    first = NOW.date() - timedelta(days=days)

    def outing(key, ago, metres):
        start = NOW - timedelta(days=ago)
        return Activity(
            key=key, sport="running", start=start, end=start + timedelta(hours=1), device="watch",
            utc_offset="+00:00", reported=Totals(distance=metres, timer_seconds=3600),
        )  # fmt: skip

    def rest(n, value):
        day = first + timedelta(days=n)
        values = {"resting_heart_rate": value, "weight": 70.0 + n}
        return Wellness(key=f"{day}", device="watch", day=day, values=values)

    ada.store(watch, outing("a", 30, 5000), *(rest(n, 55.0) for n in range(days - 1)))
    assert ada.get("/notifications")["items"] == []
    ada.store(watch, outing("b", 1, 9000), rest(days - 1, 44.0))
    with hub.engine.connect() as conn:
        found = notices.notices(hub, conn, ada.user_id, NOW).items
        late = notices.notices(hub, conn, ada.user_id, NOW + timedelta(days=9)).items
    kinds = {(one.kind, one.about) for one in found}
    assert ("day_record", "resting_heart_rate") in kinds
    assert ("day_record", "weight") not in kinds  # neither more nor less of it is better
    told = [one.message for one in found if one.kind == "record"]
    assert [one for one in told if "total distance" in one] == [
        "A new record in running: total distance, 9000 m."
    ]
    assert late == []


def test_ones_notices_are_ones_own(hub, ada):
    failed_task(hub, ada)
    bob = person(ada.client, hub, "Bob")
    assert bob.get("/notifications")["items"] == []
    bob.send("POST", "/notifications/read", {"ids": [ada.get("/notifications")["items"][0]["id"]]})
    assert ada.get("/notifications")["unread"] == 1
