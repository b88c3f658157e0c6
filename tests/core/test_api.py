"""The API, in process, over a real hub with real files on both databases."""

import re
from uuid import UUID

import pytest
from openfit.cli import importing_now
from openfit.config import Config
from openfit.hub import now_ms, open_hub, owner_id
from openfit.store import people
from openfit.store.engine import write
from support.asking import asking
from support.files import gpx, zipped


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


def send(client, name, body, import_id=None):
    query = {"name": name} | ({"import_id": import_id} if import_id else {})
    return client.post("/api/v1/activities/import", params=query, content=body)


def read_in(hub, client, name, body):
    """Send a file and read it, as the worker does."""
    taken = send(client, name, body).json()
    importing_now.read_all(hub, owner_id(hub), taken["import_id"])
    return client.get(f"/api/v1/imports/{taken['import_id']}").json()


OPEN = {
    "/meta", "/meta/capabilities", "/health", "/ready", "/auth/methods", "/auth/link",
    "/auth/setup", "/auth/register", "/auth/login", "/auth/request-otp", "/auth/verify-otp",
    "/auth/refresh", "/auth/token/refresh", "/auth/logout", "/auth/oidc/start",
    "/auth/oidc/callback", "/app/status",
    "/export/tickets/{ticket}",  # itself the word that opens
    "/webhooks/{integration_id}",  # of vendors, who sign what they send
}  # fmt: skip


def test_only_meta_health_sign_in_and_the_page_are_open_to_all(hub, client):
    del client.headers["authorization"]
    assert client.get("/api/v1/meta").json()["schema_version"] == "1.0"
    assert client.get("/api/v1/health").json() == {"status": "ok"}
    document = client.get("/api/v1/openapi/openapi.json").json()
    found_open = set()
    for path, operations in document["paths"].items():
        for method in set(operations) & {"get", "post", "put", "patch", "delete"}:
            url = filled(path, operations[method])
            answer = client.request(method, url, params={"name": "x"})
            if answer.status_code != 401 or answer.json()["code"] != "no_token":
                found_open.add(path.removeprefix("/api/v1"))
    assert found_open <= OPEN


def filled(path, operation):
    """The path with something in it that is of the right kind."""
    kinds = {one["name"]: one["schema"] for one in operation.get("parameters", [])}

    def one(found):
        schema = kinds.get(found[1], {})
        usual = "1" if schema.get("type") == "integer" else str(UUID(int=1))
        return "2026-03-01" if schema.get("format") == "date" else usual

    return re.sub(r"{(\w+)}", one, path)


def test_a_made_up_token_is_refused(client):
    client.headers["authorization"] = "Bearer of_made-up"
    answer = client.get("/api/v1/activities")
    assert answer.status_code == 401
    assert "sign in" in answer.json()["next_step"].lower()


def test_a_file_goes_from_upload_to_streams(hub, client):
    report = read_in(hub, client, "run.gpx", gpx(3))
    [file] = report["files"]
    assert (report["state"], file["status"]) == ("done", "imported")
    [activity_id] = file["activities"]
    [listed] = client.get("/api/v1/activities").json()["items"]
    assert (listed["id"], listed["sport"], listed["name"]) == (activity_id, "running", "Outing 3")
    detail = client.get(f"/api/v1/activities/{activity_id}").json()
    assert detail["activity"]["start"] == listed["start"]
    assert {s["metric"] for s in detail["streams"]} >= {"heart_rate", "altitude", "latitude"}
    assert detail["files"][0]["name"] == "run.gpx"
    streams = client.get(
        f"/api/v1/activities/{activity_id}/streams", params={"metrics": "heart_rate"}
    ).json()
    [heart] = streams["streams"]
    assert (heart["n"], len(heart["t"]), heart["resolution"]) == (120, 120, "raw")
    assert heart["t"][:3] == [0, 1000, 2000]
    track = client.get(f"/api/v1/activities/{activity_id}/track", params={"points": 10}).json()
    assert (track["n"], len(track["latitude"])) == (120, 10)


def test_streams_are_asked_for_by_the_words_that_people_use(hub, client):
    [activity] = read_in(hub, client, "run.gpx", gpx(3))["files"][0]["activities"]

    def asked(**query):
        return client.get(f"/api/v1/activities/{activity}/streams", params=query).json()

    found = asked(metrics="hr,pace, gps,power,steps,nonsense")
    assert {one["metric"] for one in found["streams"]} == {
        "heart_rate", "speed", "latitude", "longitude",
    }  # fmt: skip
    assert [(one["name"], one["metrics"], one["reason"]) for one in found["asked"]] == [
        ("hr", ["heart_rate"], None),
        ("pace", ["speed"], None),
        ("gps", ["latitude", "longitude"], None),
        ("power", [], "not_recorded"),
        ("steps", [], "not_recorded"),
        ("nonsense", [], "unknown_metric"),
    ]
    later = asked(metrics="heart_rate", start="2031-01-01T00:00:00Z")
    assert (later["asked"][0]["reason"], later["streams"][0]["v"]) == ("nothing_in_span", [])
    assert asked()["asked"] == []


def test_the_original_comes_back_byte_for_byte(hub, client):
    body = gpx(4)
    report = read_in(hub, client, "rün.gpx", body)
    answer = client.get(f"/api/v1/raw/{report['files'][0]['receipt']}")
    assert answer.content == body
    assert "r%C3%BCn.gpx" in answer.headers["content-disposition"]


def test_the_same_file_again_is_a_duplicate(hub, client):
    read_in(hub, client, "run.gpx", gpx(5))
    assert read_in(hub, client, "copy.gpx", gpx(5))["files"][0]["status"] == "duplicate"
    assert len(client.get("/api/v1/activities").json()["items"]) == 1


def test_files_of_one_import_are_reported_together(hub, client):
    first = send(client, "a.gpx", gpx(1)).json()
    send(client, "nonsense.txt", b"hello there", first["import_id"])
    importing_now.read_all(hub, owner_id(hub), first["import_id"])
    report = client.get(f"/api/v1/imports/{first['import_id']}").json()
    assert (report["total"], report["done"]) == (2, 2)
    assert [f["status"] for f in report["files"]] == ["imported", "unsupported"]
    assert report["files"][1]["error"]["code"] == "unknown_format"
    assert client.get("/api/v1/imports").json()["items"][0]["import_id"] == first["import_id"]


def test_counts_are_of_all_files_also_of_those_that_are_not_in_the_answer(hub, client):
    read_in(hub, client, "before.gpx", gpx(0))
    first = send(client, "again.gpx", gpx(0)).json()["import_id"]
    for name, body in (("a.gpx", gpx(1)), ("b.gpx", gpx(2)), ("nonsense.txt", b"hello there")):
        send(client, name, body, first)
    waiting = client.get(f"/api/v1/imports/{first}").json()["counts"]
    assert waiting == {"duplicate": 1, "queued": 3}
    importing_now.read_all(hub, owner_id(hub), first)
    whole = {"duplicate": 1, "imported": 2, "unsupported": 1}
    assert client.get(f"/api/v1/imports/{first}?start=3").json()["counts"] == whole
    latest = client.get("/api/v1/imports", params={"files": 1}).json()["items"][0]
    assert (latest["counts"], len(latest["files"])) == (whole, 1)


def test_an_empty_upload_is_refused_with_a_next_step(client):
    answer = send(client, "empty.fit", b"")
    assert (answer.status_code, answer.json()["code"]) == (400, "empty")
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_members_of_a_zip_keep_their_names(hub, client):
    body = zipped({"2026/a.gpx": gpx(1), "2026/b.gpx": gpx(2), "notes.txt": b"hi"})
    [file] = read_in(hub, client, "rides.zip", body)["files"]
    assert file["counts"]["activity"] == 2
    members = {
        client.get(f"/api/v1/activities/{id}").json()["files"][0]["member"]
        for id in file["activities"]
    }
    assert members == {"2026/a.gpx", "2026/b.gpx"}


def test_pages_of_activities_hold_each_once(hub, client):
    read_in(hub, client, "all.zip", zipped({f"{n}.gpx": gpx(n, points=20) for n in range(7)}))
    seen, cursor = [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/v1/activities", params=query).json()
        seen += [item["start"] for item in page["items"]]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    assert len(seen) == 7
    assert seen == sorted(seen, reverse=True)
    assert client.get("/api/v1/activities", params={"cursor": "zzz"}).json()["code"] == "cursor"


def test_a_correction_lies_over_the_source_and_can_be_taken_back(hub, client):
    [file] = read_in(hub, client, "run.gpx", gpx(6))["files"]
    url = f"/api/v1/activities/{file['activities'][0]}"
    corrected = client.patch(url, json={"name": "Race", "notes": "wet"}).json()
    assert (corrected["activity"]["name"], corrected["activity"]["notes"]) == ("Race", "wet")
    read_in(hub, client, "copy.gpx", gpx(6))
    assert client.get(url).json()["activity"]["name"] == "Race"
    assert client.patch(url, json={"name": None}).json()["activity"]["name"] == "Outing 6"
    assert client.patch(url, json={"source": "x"}).status_code == 400


def test_a_deleted_activity_stays_away(hub, client):
    [file] = read_in(hub, client, "run.gpx", gpx(7))["files"]
    url = f"/api/v1/activities/{file['activities'][0]}"
    assert client.delete(url).status_code == 204
    assert client.get(url).json()["code"] == "no_activity"
    read_in(hub, client, "again.zip", zipped({"run.gpx": gpx(7)}))
    assert client.get("/api/v1/activities").json()["items"] == []


def test_another_user_sees_and_touches_nothing(hub, client):
    [file] = read_in(hub, client, "run.gpx", gpx(8))["files"]
    activity_id, receipt = file["activities"][0], file["receipt"]
    import_id = client.get("/api/v1/imports").json()["items"][0]["import_id"]
    with write(hub.engine) as conn:
        _, token = people.create_user(conn, "Other", now_ms())
    client.headers["authorization"] = f"Bearer {token}"
    for method, path in (
        ("get", f"/activities/{activity_id}"),
        ("get", f"/activities/{activity_id}/streams"),
        ("get", f"/activities/{activity_id}/track"),
        ("patch", f"/activities/{activity_id}"),
        ("delete", f"/activities/{activity_id}"),
        ("get", f"/imports/{import_id}"),
        ("get", f"/raw/{receipt}"),
    ):
        content = {"json": {"name": "mine"}} if method == "patch" else {}
        assert client.request(method, f"/api/v1{path}", **content).status_code == 404, path
    assert client.get("/api/v1/activities").json()["items"] == []
    assert client.get("/api/v1/metrics").json()["items"] == []


def test_metrics_show_every_source_and_say_their_resolution(hub, client):
    read_in(hub, client, "run.gpx", gpx(9))
    listed = client.get("/api/v1/metrics").json()["items"]
    assert "heart_rate" in {m["type"] for m in listed}
    view = client.get("/api/v1/metrics/heart_rate").json()
    assert view["unit"] == "/min"
    assert [len(s["t"]) for s in view["sources"]] == [120]
    years = {"start": "2020-01-01T00:00:00Z", "end": "2030-01-01T00:00:00Z"}
    [outings] = client.get("/api/v1/metrics/heart_rate", params=years).json()["sources"]
    assert (outings["resolution"], outings["t"]) == ("activity", view["sources"][0]["t"][:1])
    [mean] = outings["v"]
    assert mean == pytest.approx(sum(view["sources"][0]["v"]) / 120, abs=1)
    nothing = {"start": "2020-01-01T00:00:00Z", "end": "2021-01-01T00:00:00Z"}
    assert client.get("/api/v1/metrics/heart_rate", params=nothing).json()["sources"] == []
    assert client.get("/api/v1/metrics/nonsense").json()["code"] == "no_metric"


def test_integrations_are_listed_without_running_them(client):
    found = {i["id"]: i for i in client.get("/api/v1/integrations").json()["items"]}
    assert found["fileimport"]["sync_modes"] == ["push"]
    assert found["fileimport"].get("error") is None


def test_what_brings_no_data_is_no_source(client):
    """The hub's own analyses are a plugin like any other, but nobody gets data from them."""
    able = client.get("/api/v1/meta/capabilities").json()
    assert "analytics" in {one["plugin"] for one in able["analyses"]}
    listed = {one["id"] for one in client.get("/api/v1/integrations").json()["items"]}
    for found in (listed, set(able["integrations"])):
        assert {"fileimport", "manual"} <= found
        assert "analytics" not in found
    for path, body in (
        ("/integrations/analytics/connect", {}),
        ("/connections", {"integration": "analytics"}),
    ):
        refused = client.post(f"/api/v1{path}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (400, "no_source"), path


def test_errors_have_one_shape(client):
    for url in ("/api/v1/activities/none", "/api/v1/nowhere", "/api/v1/activities?limit=0"):
        answer = client.get(url)
        assert answer.headers["content-type"].startswith("application/problem+json"), url
        assert {"status", "code", "message"} <= answer.json().keys()


def test_the_page_may_load_nothing_from_elsewhere(client):
    answer = client.get("/activities/some-id")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", ["%2e%2e/config.py", "..%2f..%2fconfig.py", "%2e%2e/hub.py"])
def test_static_files_end_at_their_folder(client, path):
    assert client.get(f"/static/{path}").status_code == 404


def test_another_sites_name_is_not_answered(client):
    assert client.get("/api/v1/meta", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(("host", "given"), [("127.0.0.1", True), ("0.0.0.0", False)])
def test_a_demo_hands_its_token_to_this_machine_alone(tmp_path, host, given):
    url = f"sqlite:///{tmp_path / 'openfit.db'}"
    hub = open_hub(Config(data=tmp_path, database_url=url, host=host, demo=True))
    with asking(hub) as client:
        assert ("token" in client.get("/api/v1/meta").json()) is given
