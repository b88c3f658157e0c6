"""Analyses over a real hub: what a change makes due, and that nothing else moves."""

import json
import zipfile
from datetime import date

import pytest
from openfit.background import work
from openfit.cli import importing_now
from openfit.config import Config
from openfit.deriving import analyzing
from openfit.errors import NotFound, Refused
from openfit.hosting.hosts import Hosts
from openfit.hub import now_ms, open_hub, owner_id
from openfit.intake import importing
from openfit.leaving.export import export_all
from openfit.person import editing, profile
from openfit.store import keys, results
from openfit.store.engine import write
from openfit.store.tables import users
from openfit.views import training_view
from sqlalchemy import update
from support.asking import asking
from support.files import folder

SINCE = date(2020, 1, 1)


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def me(hub):
    return owner_id(hub)


@pytest.fixture
def outings(tmp_path):
    return folder(tmp_path / "files", 4)


def take_in(hub, user_id, files):
    assert {report.status for _, report in importing_now.run(hub, user_id, files)} == {"imported"}


def work_off(hub):
    with Hosts(hub) as hosts:
        work.drain(hub, hosts)


def found(hub, user_id) -> dict[tuple[str, str], float | None]:
    """Values of activities' results by (result, activity)."""
    with hub.engine.connect() as conn:
        rows = training_view.reading.activities(conn, user_id, limit=100)[0]
        return {
            (one.id, row.id): one.value
            for row in rows
            for one in results.of_activity(conn, user_id, row.id)
        }


def know(hub, user_id, since=SINCE, **values):
    for field, value in values.items():
        profile.state(hub, user_id, field, value, since)


def test_an_import_ends_in_results_and_says_what_is_missing(hub, me, outings):
    take_in(hub, me, outings)
    first = found(hub, me)
    assert {value for (id, _), value in first.items() if id == "heart_rate_zones"} == {None}
    assert all(value for (id, _), value in first.items() if id == "total_distance")
    know(hub, me, max_heart_rate=190, resting_heart_rate=50)
    work_off(hub)
    now = found(hub, me)
    assert all(value > 0 for (id, _), value in now.items() if id == "trimp")
    assert not any(id == "heart_rate_zones" for id, _ in now)


def test_a_threshold_changes_what_follows_its_day_alone(hub, me, outings):
    take_in(hub, me, outings)
    know(hub, me, max_heart_rate=190, resting_heart_rate=50)
    work_off(hub)
    before = found(hub, me)
    with hub.engine.connect() as conn:
        days = sorted({one.day for one in results.sessions(conn, me, "trimp")})
        day_of = {one.activity_id: one.day for one in results.sessions(conn, me, "trimp")}
    middle = days[len(days) // 2]
    know(hub, me, since=middle, max_heart_rate=180)
    work_off(hub)
    after = found(hub, me)
    for (id, activity), value in before.items():
        if id == "trimp":
            changed = day_of[activity] >= middle
            assert (after[id, activity] != value) == changed
    profile.withdraw(hub, me, "max_heart_rate", middle)
    work_off(hub)
    assert found(hub, me) == before


def test_what_is_deleted_has_no_results_and_no_record(hub, me, outings):
    take_in(hub, me, outings)
    with hub.engine.connect() as conn:
        [best] = [
            one for one in training_view.records(conn, me, None).items if one.id == "total_distance"
        ][:1]
    editing.hide(hub, me, best.holder.activity)
    work_off(hub)
    with hub.engine.connect() as conn:
        assert results.of_activity(conn, me, best.holder.activity) == []
        left = [r for r in training_view.records(conn, me, best.sport).items if r.id == best.id]
    assert left[0].value == best.before.value


def test_a_corrected_sport_moves_the_record(hub, me, outings):
    take_in(hub, me, outings)
    activity = next(id for name, id in found(hub, me) if name == "total_distance")
    editing.correct(hub, me, activity, {"sport": "rowing"})
    work_off(hub)
    with hub.engine.connect() as conn:
        [held] = [r for r in training_view.records(conn, me, "rowing").items
                  if r.id == "total_distance"]  # fmt: skip
    assert (held.holder.activity, held.before) == (activity, None)


def test_twins_are_one_load_and_no_second_best(hub, me, outings, tmp_path):
    take_in(hub, me, outings)
    know(hub, me, max_heart_rate=190, resting_heart_rate=50)
    work_off(hub)
    before = loads(hub, me)
    copy = tmp_path / "copy.gpx"
    copy.write_bytes(outings[0].read_bytes().replace(b"</gpx>", b"<!-- another --></gpx>"))
    take_in(hub, me, [copy])
    with hub.engine.connect() as conn:
        assert len(results.sessions(conn, me, "trimp")) == 5
    assert loads(hub, me) == before


def loads(hub, user_id):
    with hub.engine.connect() as conn:
        view = training_view.training_load(conn, user_id, SINCE, None)
    return {one.id: (view.days, one.values) for one in view.series}


def test_the_order_of_files_and_thresholds_does_not_matter(tmp_path, database_url, outings):
    hub = open_hub(Config(data=tmp_path / "a", database_url=database_url))
    other = open_hub(Config(data=tmp_path / "b", database_url=f"sqlite:///{tmp_path}/b.db"))
    take_in(hub, owner_id(hub), outings)
    know(hub, owner_id(hub), max_heart_rate=190, resting_heart_rate=50, sex="female")
    work_off(hub)
    know(other, owner_id(other), sex="female", resting_heart_rate=50, max_heart_rate=190)
    for file in reversed(outings):
        take_in(other, owner_id(other), [file])
    assert result_lines(other, tmp_path) == result_lines(hub, tmp_path)


def result_lines(hub, tmp_path) -> list[dict]:
    export_all(hub, owner_id(hub), tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        lines = archive.read("results.jsonl").splitlines()
    assert len(lines) > 40
    return [json.loads(line) for line in lines]


def test_a_new_version_of_an_analysis_runs_over_everything(hub, me, outings):
    take_in(hub, me, outings)
    before = found(hub, me)
    with write(hub.engine) as conn:
        conn.execute(update(users).values(analysed_by="other analyses"))
        conn.exec_driver_sql("update results set value = -1")
    with hub.engine.connect() as conn:
        assert analyzing.users_due(hub, conn) == [me]
    work_off(hub)
    assert found(hub, me) == before
    with hub.engine.connect() as conn:
        assert analyzing.users_due(hub, conn) == []


def test_a_new_day_is_due_by_itself(hub, me, outings, monkeypatch):
    take_in(hub, me, outings)
    with hub.engine.connect() as conn:
        to = date.fromisoformat(results.stamp(conn, me).analysed_to)
    tomorrow = now_ms() + 86_400_000
    monkeypatch.setattr(analyzing, "now_ms", lambda: tomorrow)
    work_off(hub)
    with hub.engine.connect() as conn:
        [last] = results.days_of(conn, me, "chronic_load", to, date(9999, 1, 1))[-1:]
    assert (last.day - to).days == 1
    assert last.value is not None or last.reason


def test_an_idle_hub_wakes_no_worker(hub, me, outings):
    assert not work.anything_due(hub)
    importing.import_path(hub, me, importing.new_import(), outings[0])
    assert work.anything_due(hub)
    work_off(hub)
    assert not work.anything_due(hub)


def test_many_activities_are_analysed_the_latest_first(hub, me, tmp_path):
    take_in(hub, me, folder(tmp_path / "many", 45))
    with write(hub.engine) as conn:
        analyzing.request(conn, me)
        conn.exec_driver_sql("delete from results")
    with Hosts(hub) as hosts:
        assert analyzing.run(hub, hosts, me)
        with hub.engine.connect() as conn:
            first = results.sessions(conn, me, "total_time")
        while analyzing.run(hub, hosts, me):
            pass
    with hub.engine.connect() as conn:
        everything = results.sessions(conn, me, "total_time")
    assert analyzing.SLICE <= len(first) < len(everything) == 45
    assert {one.activity_id for one in everything[-len(first) :]} == {
        one.activity_id for one in first
    }


# The profile -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("max_heart_rate", 400, "lies between 80 and 250"),
        ("max_heart_rate", "fast", "is a number"),
        ("max_heart_rate", True, "is a number"),
        ("heart_rate_zones", [100, 90, 120, 130, 140], "rise from each zone"),
        ("heart_rate_zones", [100], "five numbers"),
        ("sex", "yes", "one of: female, male"),
        ("birth_date", "23.5.1984", "written as 1984-05-23"),
        ("zone", "Mars/Olympus", "IANA name"),
        ("zone", "../../etc/passwd", "IANA name"),
    ],
)
def test_what_cannot_be_is_refused_in_words(hub, me, field, value, said):
    with pytest.raises(Refused, match=said):
        profile.state(hub, me, field, value, SINCE)


def test_an_unknown_field_names_those_there_are(hub, me):
    with pytest.raises(NotFound) as error:
        profile.state(hub, me, "shoe_size", 42, SINCE)
    assert "max_heart_rate" in error.value.next_step


# The API -----------------------------------------------------------------------------------------


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


def test_the_api_tells_results_load_records_and_profile(hub, me, client, outings):
    take_in(hub, me, outings)
    said = client.put(
        "/api/v1/profile/max_heart_rate", json={"value": 190, "since": "2020-01-01"}
    ).json()
    assert said["items"][0] == {
        "field": "max_heart_rate", "name": "Highest heart rate", "unit": "/min", "value": 190,
        "since": "2020-01-01",
    }  # fmt: skip
    client.put("/api/v1/profile/resting_heart_rate", json={"value": 50, "since": "2020-01-01"})
    activity = client.get("/api/v1/activities").json()["items"][0]["id"]
    assert client.get(f"/api/v1/activities/{activity}/results").json()["pending"] is True
    work_off(hub)
    answer = client.get(f"/api/v1/activities/{activity}/results").json()
    trimp = next(one for one in answer["items"] if one["id"] == "trimp")
    assert (answer["pending"], trimp["tier"], trimp["unit"]) == (False, "HIGH", "{score}")
    assert trimp["value"] > 0 < trimp["confidence"] <= 1
    load = client.get("/api/v1/analytics/training-load?from=2020-01-01").json()
    assert [one["id"] for one in load["series"]] == list(training_view.LOADS)
    assert all(len(one["values"]) == len(load["days"]) for one in load["series"])
    records = client.get("/api/v1/analytics/records").json()
    assert {"total_distance", "total_time"} <= {one["id"] for one in records["items"]}
    gone = client.delete("/api/v1/profile/max_heart_rate?since=2020-01-01")
    assert gone.status_code == 204
    assert client.delete("/api/v1/profile/max_heart_rate?since=2020-01-01").status_code == 404


def test_another_user_sees_none_of_it(hub, me, client, outings):
    take_in(hub, me, outings)
    know(hub, me, max_heart_rate=190)
    activity = client.get("/api/v1/activities").json()["items"][0]["id"]
    with write(hub.engine) as conn:
        conn.execute(users.insert().values(user_id=me + 1, name="B", created_at=0))
        token = keys.add(conn, me + 1, "b", 0)
    client.headers["authorization"] = f"Bearer {token}"
    assert client.get(f"/api/v1/activities/{activity}/results").status_code == 404
    assert client.get("/api/v1/analytics/records").json()["items"] == []
    assert client.get("/api/v1/analytics/training-load").json()["series"] == []
    assert client.get("/api/v1/profile").json()["items"] == []
