"""Letting others see: by whom, what, until when, and written down."""

import re
from datetime import UTC, date, datetime

import pytest
from openfit.store import engine, keys
from openfit.store.access_log import HOUR
from openfit.store.tables import daily_resolved
from openfit_sdk.schema import Device, Metric, Wellness
from sqlalchemy import insert
from support.access import house_on
from support.persons import Asker


@pytest.fixture
def house(tmp_path, database_url):
    with house_on(tmp_path / "data", database_url) as house:
        house.ann = house.set_up()["access_token"]
        house.bob_id = house.add("Bob")
        house.bob = house.token("bob")
        yield house


def give(house, *families, token=None, email="bob@example.org", **more):
    wish = {"families": list(families), "email": email} | more
    answer = house.post("/grants", wish, token=token or house.ann)
    assert answer.status_code == 201, answer.text
    return answer.json()


def looks(house, token=None):
    items = house.get("/grants/access-log", token=token or house.ann).json()["items"]
    return [(row["route"], row["person"], row["n"]) for row in items]


def test_a_grant_opens_its_families_for_reading_and_nothing_else(house):
    assert house.get("/activities?person=1", token=house.bob).json()["code"] == "no_grant"
    give(house, "workout", role="coach")
    assert house.get("/activities?person=1", token=house.bob).status_code == 200
    for method, path, code in (
        ("get", "/profile?person=1", "no_grant"),
        ("get", "/metrics/weight?person=1", "no_grant"),
        ("get", "/metrics/no_such_metric?person=1", "no_grant"),
        ("get", "/integrations?person=1", "own"),
        ("get", "/people?person=1", "own"),
        ("get", "/account?person=1", "own"),
        ("put", "/profile/max_heart_rate?person=1", "own"),
        ("post", "/activities/import?person=1&name=a.gpx", "own"),
    ):
        refused = house.call(method, path, token=house.bob)
        assert (refused.status_code, refused.json()["code"]) == (403, code), path


def test_a_grant_opens_the_tables_of_its_metrics(house):
    give(house, "heart")
    for file in ("heart_rate.csv", "resting_heart_rate.csv"):
        answer = house.get(f"/export/metrics/{file}?person=1", token=house.bob)
        assert answer.status_code == 200, (file, answer.text)
    for file in ("weight.csv", "weight.heart_rate.csv", "heart_rate", "no_such_metric.csv"):
        refused = house.get(f"/export/metrics/{file}?person=1", token=house.bob)
        assert (refused.status_code, refused.json()["code"]) == (403, "no_grant"), file


def test_a_table_of_days_holds_the_columns_and_days_of_granted_families_alone(house):
    me = Asker(house.client, house.hub, 1, house.ann)
    pulse, both = date(2026, 3, 2), date(2026, 3, 3)
    me.store(
        Device(key="watch", type="watch"),
        Wellness(key="a", device="watch", day=pulse, values={"resting_heart_rate": 52.0}),
        Wellness(key="b", device="watch", day=both, values={"resting_heart_rate": 51.0}),
        Metric(key="w", type="weight", start=datetime(2026, 3, 3, 8, tzinfo=UTC), t=[0], v=[71.5]),
    )
    with engine.write(house.hub.engine) as conn:  # of a plugin that is not installed any more
        gone = {"metric": "gone.mood", "day": "2026-03-03", "value": 5, "n": 1}
        conn.execute(insert(daily_resolved).values(user_id=1, method="manual", ladder="", **gone))

    def rows(*families):
        given = give(house, *families)
        answer = house.get("/export/daily.csv?person=1", token=house.bob)
        assert answer.status_code == 200, answer.text
        house.call("delete", f"/grants/{given['id']}", token=house.ann)
        return answer.text.splitlines()

    assert rows("body") == ["day,weight [kg]", "2026-03-03,71.5"]
    assert rows("heart")[1:] == ["2026-03-02,52.0", "2026-03-03,51.0"]
    assert rows("journal") == ["day"]
    assert rows("all")[0] == "day,gone.mood [1],resting_heart_rate [/min],weight [kg]"
    assert "gone" not in "".join(rows("training", "heart"))
    assert house.get("/export/daily.csv?person=1", token=house.bob).status_code == 403
    assert ("GET /api/v1/export/daily.csv", "Bob", 5) in looks(house)


def test_a_grant_of_all_opens_every_family_but_never_what_is_only_ones_own(house):
    give(house, "all")
    for path in ("/activities", "/profile", "/metrics/weight", "/metrics", "/analytics/records"):
        assert house.get(f"{path}?person=1", token=house.bob).status_code == 200, path
    for path in ("/integrations", "/jobs", "/imports", "/account", "/grants", "/people"):
        assert house.get(f"{path}?person=1", token=house.bob).status_code == 403, path


def test_the_families_of_several_grants_add_up(house):
    give(house, "workout")
    give(house, "profile", "body")
    for path in ("/activities", "/profile", "/metrics/weight"):
        assert house.get(f"{path}?person=1", token=house.bob).status_code == 200, path
    assert house.get("/metrics/heart_rate?person=1", token=house.bob).status_code == 403


def test_a_grant_ends_when_it_was_said_to_and_when_it_is_revoked(house):
    until = datetime.fromtimestamp(house.clock.ms() / 1000 + 3600, UTC).isoformat()
    give(house, "workout", expires_at=until)
    second = give(house, "profile")
    assert house.get("/activities?person=1", token=house.bob).status_code == 200
    house.clock.pass_by(minutes=59)
    house.bob = house.token("bob")
    assert house.get("/activities?person=1", token=house.bob).status_code == 200
    house.clock.pass_by(minutes=1)
    assert house.get("/activities?person=1", token=house.bob).status_code == 403
    assert house.get("/profile?person=1", token=house.bob).status_code == 200
    house.ann = house.token("ann")
    assert house.call("delete", f"/grants/{second['id']}", token=house.ann).status_code == 204
    assert house.get("/profile?person=1", token=house.bob).status_code == 403
    assert house.call("delete", f"/grants/{second['id']}", token=house.ann).status_code == 404
    states = [row["state"] for row in house.get("/grants", token=house.ann).json()["items"]]
    assert sorted(states) == ["expired", "revoked"]


def test_a_grant_ends_with_the_account_of_either(house):
    give(house, "workout")
    give(house, "workout", token=house.bob, email="ann@example.org")
    assert house.get(f"/activities?person={house.bob_id}", token=house.ann).status_code == 200
    house.call("patch", f"/users/{house.bob_id}", {"disabled": True}, token=house.ann)
    assert house.get(f"/activities?person={house.bob_id}", token=house.ann).status_code == 403
    assert house.get("/activities?person=1", token=house.bob).status_code == 401


def test_a_grant_does_not_pass_on(house):
    """Who may see Ann's does not see what Ann may see, nor lets others see Ann's."""
    house.add("Eve")
    eve = house.token("eve")
    give(house, "all", token=house.bob, email="ann@example.org")
    give(house, "all", email="eve@example.org")
    assert house.get(f"/activities?person={house.bob_id}", token=eve).status_code == 403
    seen = house.get("/people", token=eve).json()["items"]
    assert [(row["name"], row["role"]) for row in seen] == [("Eve", "self"), ("Ann", "viewer")]


def test_people_lists_whose_data_i_may_see(house):
    give(house, "sleep", "workout", role="coach")
    assert house.get("/people", token=house.bob).json()["items"] == [
        {"id": house.bob_id, "name": "Bob", "role": "self", "families": ["all"],
         "expires_at": None},
        {"id": 1, "name": "Ann", "role": "coach", "families": ["sleep", "workout"],
         "expires_at": None},
    ]  # fmt: skip
    [given] = house.get("/grants", token=house.ann).json()["items"]
    assert (given["person"], given["person_id"], given["state"]) == ("Bob", house.bob_id, "live")


def test_a_grant_by_link_belongs_to_who_takes_it(house):
    made = give(house, "workout", email=None)
    token = made["link"].partition("/grants#")[2]
    [offered] = house.get("/grants", token=house.ann).json()["items"]
    assert (offered["state"], offered["person_id"]) == ("offered", None)
    own = house.post("/grants/accept", {"token": token}, token=house.ann)
    assert own.json()["code"] == "own_grant"
    assert house.post("/auth/setup", {"token": token}).json()["code"] == "link"  # no way in
    taken = house.post("/grants/accept", {"token": token}, token=house.bob)
    assert taken.json() == {"person_id": 1}
    assert house.get("/activities?person=1", token=house.bob).status_code == 200
    house.add("Eve")
    late = house.post("/grants/accept", {"token": token}, token=house.token("eve"))
    assert late.json()["code"] == "link"


@pytest.mark.parametrize("how", ["revoked", "old"])
def test_an_offer_that_ended_cannot_be_taken(house, how):
    made = give(house, "workout", email=None)
    if how == "revoked":
        house.call("delete", f"/grants/{made['id']}", token=house.ann)
    else:
        house.clock.pass_by(days=8)
        house.bob = house.token("bob")
    token = made["link"].partition("#")[2]
    assert house.post("/grants/accept", {"token": token}, token=house.bob).json()["code"] == "link"


def test_a_grant_says_what_is_wrong_with_it(house):
    def code(**wish):
        full = {"families": ["workout"], "email": "bob@example.org"} | wish
        return house.post("/grants", full, token=house.ann).json()["code"]

    assert code(families=["nonsense"]) == "family"
    assert code(email="stranger@example.org") == "no_person"
    assert code(email="ann@example.org") == "own_grant"
    assert code(expires_at="2020-01-01T00:00:00Z") == "expires_at"
    assert code(families=[]) == "invalid"
    assert code(expires_at="2030-01-01T00:00:00") == "invalid"  # of which zone?
    assert code(role="owner") == "invalid"


@pytest.mark.parametrize("person", ["x", "-1", "1.5", "", "１", "1&person=2"])
def test_a_person_is_a_number(house, person):
    answer = house.get(f"/activities?person={person}", token=house.bob)
    assert (answer.status_code, answer.json()["code"]) == (400, "person")


@pytest.mark.parametrize("person", ["0", "999", "9" * 400])
def test_somebody_who_does_not_exist_is_like_somebody_who_lets_nobody_see(house, person):
    nobody = house.get(f"/activities?person={person}", token=house.bob)
    assert nobody.status_code == 403
    assert nobody.text == house.get("/activities?person=1", token=house.bob).text


def test_ones_own_number_changes_nothing(house):
    own = house.get(f"/people?person={house.bob_id}", token=house.bob)
    assert own.json() == house.get("/people", token=house.bob).json()
    assert house.get("/account?person=1", token=house.ann).status_code == 200
    assert looks(house) == []


# The access log ----------------------------------------------------------------------------------


def test_every_look_is_booked_for_the_owner_of_the_data(house):
    give(house, "workout", "profile")
    for _ in range(3):
        house.get("/activities?person=1", token=house.bob)
    house.get("/activities/nothing?person=1", token=house.bob)
    house.get("/metrics/weight?person=1", token=house.bob)  # refused: not a look
    house.get("/activities", token=house.bob)
    assert looks(house) == [
        ("GET /api/v1/activities", "Bob", 3),
        ("GET /api/v1/activities/{activity_id}", "Bob", 1),
    ]
    assert looks(house, house.bob) == []


def test_the_first_look_is_on_disk_before_it_is_answered(house):
    give(house, "workout")
    house.get("/activities?person=1", token=house.bob)
    with house.hub.engine.connect() as conn:
        [(n, hour, last)] = conn.exec_driver_sql("select n, hour, last_at from access_log").all()
    assert (n, hour, last) == (1, house.clock.ms() // HOUR * HOUR, house.clock.ms())


def test_looks_are_kept_by_the_hour_and_paged_by_it(house):
    give(house, "workout")
    for _ in range(3):
        house.get("/activities?person=1", token=house.bob)
        house.get("/activities?person=1", token=house.bob)
        house.clock.pass_by(minutes=60)
        house.bob, house.ann = house.token("bob"), house.token("ann")
    seen, cursor = [], ""
    while cursor is not None:
        page = house.get(f"/grants/access-log?hours=2{cursor}", token=house.ann).json()
        seen += [(row["hour"], row["n"]) for row in page["items"]]
        cursor = page.get("next_cursor")
        cursor = cursor and f"&cursor={cursor}"
    assert len(seen) == 3 and {n for _, n in seen} == {2}
    assert seen == sorted(seen, reverse=True)


def test_what_was_counted_is_written_soon_also_when_nothing_follows(house):
    give(house, "workout")
    house.get("/activities?person=1", token=house.bob)
    house.get("/activities?person=1", token=house.bob)
    timer = house.access.booking.timer
    assert (timer.is_alive(), timer.interval, timer.daemon) == (True, 10.0, True)
    timer.function()  # as it does when its time has come
    with house.hub.engine.connect() as conn:
        assert conn.exec_driver_sql("select n from access_log").scalars().all() == [2]


def test_counts_outlive_the_process(tmp_path, sqlite_url):
    with house_on(tmp_path, sqlite_url) as house:
        house.ann = house.set_up()["access_token"]
        house.add("Bob")
        give(house, "workout")
        bob = house.token("bob")
        for _ in range(4):
            house.get("/activities?person=1", token=bob)
    with house_on(tmp_path, sqlite_url) as again:
        assert looks(again, again.token("ann")) == [("GET /api/v1/activities", "Bob", 4)]


def test_the_key_of_a_grantee_may_look_as_far_as_its_scopes_go(house):
    give(house, "workout")
    with engine.write(house.hub.engine) as conn:
        reads = keys.add(conn, house.bob_id, "r", 0, scopes=["read"])
        writes = keys.add(conn, house.bob_id, "w", 0, scopes=["write"])
    assert house.get("/activities?person=1", token=reads).status_code == 200
    assert house.get("/activities?person=1", token=writes).json()["code"] == "scope"


def test_an_unchanged_answer_is_only_unchanged_for_the_same_eyes(house):
    """A validator learnt through a grant opens nothing when the grant is over."""
    made = give(house, "workout")
    first = house.get("/activities?person=1", token=house.bob)
    tag = {"if-none-match": first.headers["etag"]}
    again = house.get("/activities?person=1", token=house.bob, headers=tag)
    assert again.status_code in (200, 304)
    house.call("delete", f"/grants/{made['id']}", token=house.ann)
    assert house.get("/activities?person=1", token=house.bob, headers=tag).status_code == 403


# The household -----------------------------------------------------------------------------------


def test_the_owner_sees_everybody_and_a_member_does_not(house):
    listed = house.get("/users", token=house.ann).json()["items"]
    assert [(row["name"], row["role"], row["can_sign_in"]) for row in listed] == [
        ("Ann", "owner", True),
        ("Bob", "member", True),
    ]
    for method, path, body in (
        ("get", "/users", None),
        ("post", "/users", {"name": "x"}),
        ("patch", "/users/1", {"disabled": True}),
        ("post", "/users/1/link", {}),
    ):
        assert house.call(method, path, body, token=house.bob).json()["code"] == "scope", path


def test_somebody_who_runs_the_hub_always_remains(house):
    def change(who, **wish):
        return house.call("patch", f"/users/{who}", wish, token=house.ann)

    assert change(1, role="member").json()["code"] == "last_owner"
    assert change(1, disabled=True).json()["code"] == "last_owner"
    assert change(house.bob_id, role="owner").status_code == 200
    assert change(1, role="member").status_code == 200
    assert house.get("/users", token=house.ann).status_code == 403
    assert change(99, role="owner").status_code == 403


def test_a_link_from_the_owner_lets_somebody_back_in_and_is_written_down(house):
    made = house.post(f"/users/{house.bob_id}/link", token=house.ann)
    token = re.search(r"/setup#(\S+)", made.json()["link"])[1]
    assert house.post("/auth/link", {"token": token}).json()["purpose"] == "sign_in"
    renamed = house.post("/auth/setup", {"token": token, "name": "Robert"})
    assert renamed.json()["code"] == "link_purpose"
    back = house.post("/auth/setup", {"token": token, "password": "a new one for bob"})
    assert back.json()["user"]["id"] == house.bob_id
    assert house.get("/people", token=house.bob).status_code == 401  # sessions before it ended
    assert house.login("bob", "a new one for bob").status_code == 200
    events = house.get("/account/audit", token=back.json()["access_token"]).json()["items"]
    link = next(event for event in events if event["what"] == "link")
    assert link["actor_id"] == 1
    assert house.post("/users/99/link", token=house.ann).status_code == 404


def test_events_come_in_pages(house):
    for _ in range(4):
        house.token("bob")
    token, seen, cursor = house.token("bob"), [], ""
    while cursor is not None:
        page = house.get(f"/account/audit?limit=2{cursor}", token=token).json()
        seen += page["items"]
        cursor = page.get("next_cursor")
        cursor = cursor and f"&cursor={cursor}"
    assert [event["what"] for event in seen] == ["sign_in"] * 6
