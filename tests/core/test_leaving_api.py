"""The way out over HTTP: exports, deletions, backups, tasks."""

import asyncio
import csv
import io
import random
import signal
import zipfile

import pytest
from openfit.errors import HubError
from openfit.hub import owner_id
from openfit.leaving import outside, scheduled, tasks
from openfit.leaving import plan as plans
from openfit.leaving.child import Order
from openfit.leaving.plan import Kept, Plan
from openfit.leaving.restore import verify
from openfit.leaving.sealed import Secret
from openfit_sdk.schema import Device
from support.asking import asking
from support.leaving import (
    a_day,
    activity_ids,
    deliver,
    lines,
    members,
    newcomer,
    plain_hub,
    settle,
)

API = "/api/v1"


@pytest.fixture
def hub(tmp_path):
    made = plain_hub(tmp_path / "data")
    for n in range(2):
        deliver(made, owner_id(made), f"day-{n}", a_day(n))
    settle(made)
    return made


@pytest.fixture
def me(hub):
    return owner_id(hub)


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


def test_everything_comes_as_one_zip(client, tmp_path):
    found = client.get(f"{API}/export")
    assert found.headers["content-type"] == "application/zip"
    assert "attachment" in found.headers["content-disposition"]
    (tmp_path / "out.zip").write_bytes(found.content)
    parts = members(tmp_path / "out.zip")
    assert len(lines(parts, "entities")) > 4
    assert any(name.startswith("raw/") for name in parts)


def test_no_more_exports_are_written_at_once_than_have_a_place(hub, me):
    """However slowly they are read: a place is held until its process has ended."""
    others = [newcomer(hub, name) for name in ("Bob", "Cy")]
    for one in (me, others[0]):
        noise = random.Random(one).randbytes(1_500_000).hex()
        deliver(hub, one, "large", [Device(key="x", type="watch", name=noise)])

    def asked_by(user_id, places):
        return outside.written(hub, Order(user_id=user_id, what="everything"), places)

    async def three_slow_readers():
        places = outside.Places(patience=0.3)
        mine, other = await asked_by(me, places), await asked_by(others[0], places)
        refusals = []
        for user_id in (me, others[1]):
            with pytest.raises(HubError) as refused:
                await asked_by(user_id, places)
            refusals.append((refused.value.status, refused.value.headers["retry-after"]))
        assert refusals == [(429, "30"), (503, "30")]
        assert [one.process.returncode for one in (mine, other)] == [None, None]
        places.patience, gone = 30, mine.process
        del mine  # as when a line breaks
        third = b"".join([piece async for piece in await asked_by(others[1], places)])
        assert gone.returncode == -signal.SIGKILL
        assert third.startswith(b"PK")
        assert len(b"".join([piece async for piece in other])) > 1_000_000
        assert len(b"".join([piece async for piece in await asked_by(me, places)])) > 1_000_000

    asyncio.run(three_slow_readers())


def test_parts_of_it_and_what_is_no_part(client):
    found = client.get(f"{API}/export?include=daily&from=2026-03-30&to=2026-03-30")
    with zipfile.ZipFile(io.BytesIO(found.content)) as archive:
        assert "daily.jsonl" in archive.namelist()
        assert "entities.jsonl" not in archive.namelist()
    refused = client.get(f"{API}/export?include=sleepy")
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_part")


def table(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def test_a_metric_as_csv(client):
    found = client.get(f"{API}/export/metrics/heart_rate.csv?to=2026-03-30")
    rows = table(found.content)
    assert list(rows[0]) == ["time", "heart_rate [/min]", "source", "method", "activity"]
    assert rows[0]["time"] == "2026-03-30T00:00:00.000+00:00"
    assert len(rows) == 240 + 180
    by_hour = table(client.get(f"{API}/export/metrics/steps.csv?resolution=hour").content)
    assert {"time", "steps [1]", "n"} <= {*by_hour[0]} or {"time", "n"} <= {*by_hour[0]}
    assert sum(float(row["n"]) for row in by_hour) == 120


def test_days_and_an_activity_as_csv(client, hub, me):
    days = table(client.get(f"{API}/export/daily.csv").content)
    assert [row["day"] for row in days] == ["2026-03-30", "2026-03-31"]
    assert [row["resting_heart_rate [/min]"] for row in days] == ["50.0", "51.0"]
    [activity, *_] = activity_ids(hub, me)
    rows = table(client.get(f"{API}/export/activities/{activity}.csv").content)
    assert len(rows) == 180
    assert list(rows[0]) == ["time", "heart_rate [/min]"]


def test_parquet_holds_the_same(client):
    pq = pytest.importorskip("pyarrow.parquet")
    plain = table(client.get(f"{API}/export/metrics/heart_rate.csv").content)
    body = client.get(f"{API}/export/metrics/heart_rate.parquet").content
    found = pq.read_table(io.BytesIO(body)).to_pydict()
    assert found["heart_rate [/min]"] == [float(row["heart_rate [/min]"]) for row in plain]
    shown = [one.isoformat(timespec="milliseconds") for one in found["time"]]
    assert shown == [row["time"] for row in plain]


@pytest.mark.parametrize(
    "path", ["metrics/nothing.csv", "metrics/heart_rate.xls", "activities/none.csv", "daily.xls"]
)
def test_what_is_not_there_is_404(client, path):
    assert client.get(f"{API}/export/{path}").status_code == 404


def test_a_deletion_is_counted_confirmed_and_done(client, hub, me):
    wish = {"from": "2026-03-31T00:00:00Z", "to": "2026-04-01T00:00:00Z"}
    counted = client.post(f"{API}/deletions", json=wish).json()
    assert counted["counts"]["activities"] == 1
    assert counted["task"] is None
    done = client.post(
        f"{API}/deletions", json=wish | {"dry_run": False, "confirm": counted["confirm"]}
    ).json()
    settle(hub)
    task = client.get(f"{API}/tasks/{done['task']}").json()
    assert (task["kind"], task["state"]) == ("deletion", "done")
    assert len(activity_ids(hub, me)) == 1
    again = client.post(
        f"{API}/deletions", json=wish | {"dry_run": False, "confirm": counted["confirm"]}
    )
    assert (again.status_code, again.json()["code"]) == (409, "counts_changed")
    assert [one["id"] for one in client.get(f"{API}/tasks").json()["items"]] == [done["task"]]
    lifted = client.post(f"{API}/deletions/{done['task']}/lift")
    assert lifted.status_code == 200
    settle(hub)
    assert len(activity_ids(hub, me)) == 2


def test_a_deletion_that_nobody_confirmed_is_refused(client, hub, me):
    for wish in ({"metric": "steps"}, {"everything": True}):
        answer = client.post(f"{API}/deletions", json=wish | {"dry_run": False})
        told = answer.json()
        assert (answer.status_code, told["code"]) == (422, "confirm_needed")
        assert "dry_run" in told["next_step"]
    settle(hub)
    assert tasks.listed(hub, me) == []
    assert len(activity_ids(hub, me)) == 2


def test_what_is_not_there_cannot_be_deleted(client, hub, me):
    [hidden, *_] = activity_ids(hub, me)
    client.delete(f"{API}/activities/{hidden}")
    for wish, code in [
        ({"metric": "setps"}, "no_metric"),
        ({"activity": "none"}, "no_activity"),
        ({"source": "999"}, "no_source"),
        ({"connection": "none"}, "no_connection"),
    ]:
        for dry_run in (True, False):
            body = wish | {"dry_run": dry_run, "confirm": "0123"}
            answer = client.post(f"{API}/deletions", json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, code), wish
    for wish in ({"metric": "weight"}, {"activity": hidden}):
        assert client.post(f"{API}/deletions", json=wish).status_code == 200


def test_a_word_that_is_unknown_is_refused(client):
    assert client.post(f"{API}/deletions", json={"metrics": "steps"}).status_code == 400
    assert client.post(f"{API}/deletions", json={}).json()["code"] == "nothing_named"


def test_a_backup_is_made_and_listed(client, hub):
    plan = {"every": "day", "encryption": "passphrase"}
    missing = client.put(f"{API}/backups/plan", json={"plan": plan})
    assert (missing.status_code, missing.json()["code"]) == (400, "no_passphrase")
    body = {"plan": plan, "passphrase": "correct horse"}
    assert client.put(f"{API}/backups/plan", json=body).json()["every"] == "day"
    made = client.post(f"{API}/backups")
    assert made.status_code == 202
    settle(hub)
    task = client.get(f"{API}/tasks/{made.json()['task']}").json()
    assert task["state"] == "done", task
    [listed] = client.get(f"{API}/backups").json()["items"]
    assert listed["name"] == task["outcome"]["name"]
    path = plans.default_folder(hub.config.data) / listed["name"]
    assert verify(path, Secret(passphrase="correct horse")).users == 1


def test_the_plan_asks_for_a_backup_once(hub, me):
    scheduled.change_plan(hub, Plan(every="day"), None)
    for _ in range(3):
        scheduled.ask_if_wanted(hub)
    assert [one.kind for one in tasks.listed(hub, me)] == ["backup"]
    settle(hub)
    scheduled.ask_if_wanted(hub)
    assert [one.state for one in tasks.listed(hub, me)] == ["done"]


def test_of_old_backups_the_newest_of_days_weeks_and_months_stay():
    def kept(day: str) -> Kept:
        return Kept(day, plans.made_at(f"{day}T030000Z"), 1, False)

    every = [kept(f"2026{month:02}{day:02}") for month in range(1, 7) for day in range(1, 29)]
    plan = Plan(every="day", keep_days=3, keep_weeks=2, keep_months=4)
    gone = {one.name for one in plans.outlived(plan, every)}
    stay = sorted({one.name for one in every} - gone)
    assert stay == ["20260328", "20260428", "20260528", "20260621", "20260626", "20260627", "20260628"]  # fmt: skip # noqa: E501
    assert plans.outlived(Plan(keep_days=0, keep_weeks=0, keep_months=0), every[:1]) == []
