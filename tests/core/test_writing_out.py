"""The doors through which activities leave as files: the API and the command."""

from pathlib import Path

import pytest
from openfit.cli import writing_now
from openfit.config import Config
from openfit.errors import NotFound, Refused
from openfit.hosting.hosts import Hosts
from openfit.hub import open_hub, owner_id
from openfit.leaving import writing
from support.asking import asking
from support.copies import detail, take
from support.files import gpx, gzipped


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    """One for all hubs: a plugin's process knows nothing of them."""
    data = tmp_path_factory.mktemp("hosts")
    with Hosts(open_hub(Config(data=data, database_url=f"sqlite:///{data / 'hosts.db'}"))) as hosts:
        yield hosts


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


# The API -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("format", "media_type", "begins"),
    [
        ("fit", "application/vnd.ant.fit", b"\x0e\x20"),
        ("gpx", "application/gpx+xml", b"<?xml"),
        ("tcx", "application/vnd.garmin.tcx+xml", b"<?xml"),
    ],
)
def test_the_api_gives_an_activity_as_a_file(hub, client, hosts, format, media_type, begins):
    [activity_id] = take(hub, hosts, gpx(3, offset="+02:00")).activities
    answer = client.get(f"/api/v1/export/activities/{activity_id}.{format}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    row = detail(hub, activity_id).activity
    local = f"{row.start.replace(hour=(row.start.hour + 2) % 24):%Y-%m-%d-%H%M}"
    assert f"{local}-running.{format}" in answer.headers["content-disposition"]
    assert answer.content.startswith(begins)


def test_what_cannot_be_written_is_said_with_a_way_out(hub, client, hosts):
    indoors = gpx(1).replace(b'lat="', b'lat="9').replace(b'lon="', b'lon="9')
    [activity_id] = take(hub, hosts, indoors).activities
    answers = {
        path: client.get(f"/api/v1/export/activities/{path}")
        for path in (f"{activity_id}.gpx", f"{activity_id}.xlsx", activity_id, "unknown.fit")
    }
    said = {path: (a.status_code, a.json()["code"]) for path, a in answers.items()}
    assert list(said.values()) == [
        (400, "no_positions"),
        (400, "unknown_format"),
        (400, "unknown_format"),
        (404, "no_activity"),
    ]
    assert "TCX" in answers[f"{activity_id}.gpx"].json()["next_step"]
    assert "fit" in answers[f"{activity_id}.xlsx"].json()["next_step"]
    assert client.get(f"/api/v1/export/activities/{activity_id}.tcx").status_code == 200


def test_the_list_collapses_twins_unless_asked_not_to(hub, client, hosts):
    body = gpx(1)
    take(hub, hosts, body)
    take(hub, hosts, body.replace(b"Outing", b"Phone"))
    [row] = client.get("/api/v1/activities").json()["items"]
    assert row["twins"] == 1
    assert len(client.get("/api/v1/activities", params={"twins": "all"}).json()["items"]) == 2
    assert client.get("/api/v1/activities", params={"twins": "some"}).status_code == 400


# The command line --------------------------------------------------------------------------------


def run(hub, **wish):
    asked = {"activity": None, "format": "fit", "output": None, "every": False, "force": False}
    return list(writing_now.run(hub, owner_id(hub), writing_now.Wish(**asked | wish)))


def test_the_command_writes_one_and_does_not_replace_what_is_there(hub, hosts, tmp_path):
    [activity_id] = take(hub, hosts, gpx(1)).activities
    [line] = run(hub, activity=activity_id, output=tmp_path)
    file = Path(line.text)
    assert file.parent == tmp_path and file.name.endswith("-running.fit")
    content = file.read_bytes()
    file.write_bytes(b"precious")
    with pytest.raises(Refused, match="there already"):
        run(hub, activity=activity_id, output=file)
    assert file.read_bytes() == b"precious"
    run(hub, activity=activity_id, output=file, force=True)
    assert file.read_bytes() == content
    with pytest.raises(NotFound):
        run(hub, activity=activity_id, output=tmp_path / "nowhere" / "x.fit")


def test_the_command_writes_all_and_says_which_it_could_not(hub, hosts, tmp_path):
    body = gpx(1)
    take(hub, hosts, body)
    take(hub, hosts, body.replace(b"Outing", b"Phone"))
    later = gpx(2).replace(b'lat="', b'lat="9').replace(b'lon="', b'lon="9')
    take(hub, hosts, gzipped(later))
    lines = run(hub, every=True, output=tmp_path, format="GPX")
    assert sorted(line.failed for line in lines) == [False, True]
    [said] = [line.text for line in lines if line.failed]
    assert "no positions" in said
    assert len(list(tmp_path.glob("*.gpx"))) == 1
    with pytest.raises(Refused, match="Name one"):
        run(hub)


def test_activities_of_one_minute_do_not_overwrite_each_other():
    taken = set()
    names = [writing.free("2026-03-01-0700-running.fit", taken) for _ in range(3)]
    assert names == [
        "2026-03-01-0700-running.fit",
        "2026-03-01-0700-running-2.fit",
        "2026-03-01-0700-running-3.fit",
    ]
