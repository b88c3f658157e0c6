"""Files in pieces: by tus 1.0 and by JSON, over restarts, with checksums, quota and expiry."""

import asyncio
import base64
import hashlib
import random

import pytest
from openfit.cli import importing_now
from openfit.hub import now_ms, owner_id
from openfit.intake import uploads
from openfit.store import uploads as rows
from openfit.store.engine import write
from openfit.store.tables import uploads as table
from sqlalchemy import update
from support.asking import API, asking, hub_on, newcomer
from support.files import gpx, zipped

TUS = {"tus-resumable": "1.0.0"}
PIECE = TUS | {"content-type": "application/offset+octet-stream"}


@pytest.fixture
def hub(tmp_path, database_url):
    return hub_on(tmp_path / "data", database_url)


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


def begin(client, size, name="run.gpx", **more):
    answer = client.post(f"{API}/uploads", json={"name": name, "size": size} | more)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def send(client, place, offset, piece, **more):
    headers = PIECE | {"upload-offset": str(offset)} | more
    return client.patch(place, content=piece, headers=headers)


def said(client, place):
    answer = client.head(place, headers=TUS)
    assert (answer.status_code, answer.headers["tus-resumable"]) == (200, "1.0.0")
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"]), int(answer.headers["upload-length"])


def read(hub, client, import_id):
    importing_now.read_all(hub, owner_id(hub), import_id)
    return client.get(f"{API}/imports/{import_id}").json()


def test_a_file_in_pieces_is_read_like_any_other(hub, client):
    body = gpx(3)
    place, at = begin(client, len(body)), 0
    for piece in (body[:100], body[100:5000], body[5000:]):
        answer = send(client, place, at, piece)
        at += len(piece)
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(at))
    import_id, _, number = answer.headers["upload-import"].partition("/")
    [file] = read(hub, client, import_id)["files"]
    assert (file["number"], file["name"], file["status"]) == (int(number), "run.gpx", "imported")
    assert client.get(f"{API}/raw/{file['receipt']}").content == body
    assert not list(uploads.folder(hub).iterdir())


def test_a_tus_client_begins_with_headers_alone(hub, client):
    body = zipped({"a.gpx": gpx(1), "b.gpx": gpx(2)}) + b""
    name = base64.b64encode("Läufe 2026.zip".encode()).decode()
    told = {"upload-length": str(len(body)), "upload-metadata": f"filename {name},filetype eA=="}
    answer = client.post(f"{API}/uploads", headers=TUS | told)
    assert (answer.status_code, answer.headers["tus-resumable"]) == (201, "1.0.0")
    place = answer.headers["location"]
    assert said(client, place) == (0, len(body))
    done = send(client, place, 0, body)
    import_id = done.headers["upload-import"].partition("/")[0]
    [file] = read(hub, client, import_id)["files"]
    assert (file["name"], file["counts"]["activity"]) == ("Läufe 2026.zip", 2)


def test_files_of_one_import_arrive_together(hub, client):
    bodies = [gpx(1), gpx(2)]
    import_id = client.get(begin(client, len(bodies[0]))).json()["import_id"]
    places = [
        begin(client, len(body), f"{n}.gpx", import_id=import_id) for n, body in enumerate(bodies)
    ]
    for place, body in zip(places, bodies, strict=True):
        send(client, place, 0, body)
    assert read(hub, client, import_id)["total"] == 2


def test_what_is_unfinished_is_listed_with_how_much_of_it_is_here(hub, client):
    body = gpx(3)
    places = [begin(client, len(body), f"{n}.gpx") for n in range(3)]
    for at, place in enumerate(places):
        assert send(client, place, 0, body[: 100 * at] or b"").status_code == 204
        with write(hub.engine) as conn:  # as if an hour lay between them
            rows.change(conn, owner_id(hub), place.rpartition("/")[2], used_at=now_ms() + at)
    first = client.get(f"{API}/uploads", params={"limit": 2}).json()
    then = client.get(f"{API}/uploads", params={"cursor": first["next_cursor"]}).json()
    assert then["next_cursor"] is None
    known = [(one["name"], one["offset"], one["size"]) for one in first["items"] + then["items"]]
    assert known == [(f"{n}.gpx", 100 * n, len(body)) for n in (2, 1, 0)]
    assert [f"{API}/uploads/{one['upload_id']}" for one in first["items"]] == places[:0:-1]
    one = first["items"][0]["import_id"]
    of_one = client.get(f"{API}/uploads", params={"import_id": one}).json()["items"]
    assert [found["name"] for found in of_one] == ["2.gpx"]
    client.headers["authorization"] = f"Bearer {newcomer(hub)}"
    assert client.get(f"{API}/uploads").json()["items"] == []


def test_what_is_whole_is_not_listed_as_unfinished(hub, client):
    body = gpx(3)
    send(client, begin(client, len(body)), 0, body)
    client.delete(begin(client, 10))
    assert client.get(f"{API}/uploads").json() == {"items": [], "next_cursor": None}


def test_finishing_says_what_became_of_it_again_and_again(hub, client):
    body = gpx(4)
    place = begin(client, len(body))
    early = client.post(f"{place}/finish")
    assert (early.status_code, early.json()["code"]) == (422, "unfinished")
    send(client, place, 0, body)
    first, second = client.post(f"{place}/finish"), client.post(f"{place}/finish")
    assert first.json() == second.json() == client.get(place).json()
    assert first.json()["number"] == 0
    assert client.get(f"{API}/imports/{first.json()['import_id']}").json()["total"] == 1


def test_a_piece_for_another_place_is_refused_and_the_offset_told(client):
    place = begin(client, 100)
    assert send(client, place, 0, b"x" * 40).status_code == 204
    for offset in (0, 39, 41):
        answer = send(client, place, offset, b"y" * 10)
        assert (answer.status_code, answer.json()["code"]) == (409, "offset")
    assert said(client, place) == (40, 100)


def test_more_than_was_announced_is_refused_and_not_kept(hub, client):
    place = begin(client, 10)
    answer = send(client, place, 0, b"x" * 11)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_long")
    offset, _ = said(client, place)
    assert offset == uploads.path_of(hub, place.rpartition("/")[2]).stat().st_size == 0


@pytest.mark.parametrize("algorithm", uploads.ALGORITHMS)
def test_a_piece_that_is_not_what_its_checksum_says_is_not_kept(client, algorithm):
    place, piece = begin(client, 100), b"x" * 50
    good = base64.b64encode(hashlib.new(algorithm, piece).digest()).decode()
    wrong = send(client, place, 0, b"y" * 50, **{"upload-checksum": f"{algorithm} {good}"})
    assert (wrong.status_code, wrong.json()["code"]) == (460, "checksum")
    assert said(client, place) == (0, 100)
    right = send(client, place, 0, piece, **{"upload-checksum": f"{algorithm} {good}"})
    assert right.status_code == 204


@pytest.mark.parametrize("text", ["crc9 eA==", "sha256 not-base64!"])
def test_a_checksum_that_cannot_be_checked_is_refused(client, text):
    assert send(client, begin(client, 9), 0, b"x", **{"upload-checksum": text}).status_code == 400


@pytest.mark.parametrize("seed", range(3))
def test_any_cut_into_pieces_over_restarts_gives_the_same_file(tmp_path, database_url, seed):
    chance, body = random.Random(seed), gpx(5) * 3
    hub = hub_on(tmp_path / "data", database_url)
    with asking(hub) as client:
        place = begin(client, len(body), "thrice.bin")
    at = 0
    while at < len(body):
        with asking(hub) as client:  # a new serving process each time
            for _ in range(chance.randrange(1, 4)):
                at, _ = said(client, place)
                piece = body[at : at + chance.randrange(1, len(body) // 3)]
                if piece:
                    send(client, place, at, piece)
            at, _ = said(client, place)
    with asking(hub) as client:
        import_id = client.get(place).json()["import_id"]
        [file] = read(hub, client, import_id)["files"]
        assert client.get(f"{API}/raw/{file['receipt']}").content == body


@pytest.mark.parametrize("checked", [False, True])
def test_what_came_of_a_piece_that_broke_off_is_kept_unless_it_was_to_be_checked(
    hub, client, checked
):
    body = gpx(6)
    place = begin(client, len(body))
    upload = uploads.find(hub, owner_id(hub), place.rpartition("/")[2])

    async def broken():
        yield body[:2000]
        raise ConnectionResetError

    async def run(work, *arguments):
        return work(*arguments)

    checksum = uploads.Checksum("sha256 eA==") if checked else None
    with pytest.raises(ConnectionResetError):
        asyncio.run(uploads.receive(hub, owner_id(hub), upload, 0, broken(), checksum, run))
    at, _ = said(client, place)
    assert at == (0 if checked else 2000)
    assert send(client, place, at, body[at:]).status_code == 204


def test_bytes_that_were_written_and_never_acknowledged_are_written_over(hub, client):
    """As after the power went: the file is longer than what the database knows of."""
    body = gpx(7)
    place = begin(client, len(body))
    send(client, place, 0, body[:1000])
    with uploads.path_of(hub, place.rpartition("/")[2]).open("ab") as file:
        file.write(b"unfinished")
    answer = send(client, place, 1000, body[1000:])
    import_id = answer.headers["upload-import"].partition("/")[0]
    assert read(hub, client, import_id)["files"][0]["status"] == "imported"


def test_an_upload_is_nobody_elses(hub, client):
    place = begin(client, 100)
    client.headers["authorization"] = f"Bearer {newcomer(hub)}"
    assert client.get(place).status_code == 404
    assert client.head(place).status_code == 404
    assert send(client, place, 0, b"x").status_code == 404
    assert client.post(f"{place}/finish").status_code == 404
    assert client.delete(place).status_code == 404


def test_an_upload_can_be_ended(hub, client):
    place = begin(client, 100)
    send(client, place, 0, b"x" * 10)
    assert client.delete(place).status_code == 204
    assert client.head(place).status_code == 404
    assert not list(uploads.folder(hub).iterdir())


def test_what_nobody_goes_on_with_for_a_day_is_swept(hub, client):
    old, young = begin(client, 100), begin(client, 100)
    send(client, old, 0, b"x" * 10)
    with write(hub.engine) as conn:
        rows.change(conn, owner_id(hub), old.rpartition("/")[2], used_at=now_ms() - rows.DAY_MS - 1)
    (uploads.folder(hub) / "stray").touch()
    assert uploads.sweep(hub, now_ms()) == 1
    assert client.head(old).status_code == 404
    assert said(client, young) == (0, 100)
    assert (uploads.folder(hub) / "stray").exists()  # it may have been begun this moment
    assert uploads.sweep(hub, now_ms() + 2 * 3600 * 1000) == 0
    assert not (uploads.folder(hub) / "stray").exists()


def test_there_is_a_quota_of_what_is_unfinished(hub, client, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 150)
    begin(client, 100)
    answer = client.post(f"{API}/uploads", json={"name": "b", "size": 51})
    assert (answer.status_code, answer.json()["code"]) == (413, "quota")
    begin(client, 50)


def test_a_file_for_which_there_is_no_room_is_not_begun(client, monkeypatch):
    monkeypatch.setattr(uploads, "free_bytes", lambda hub: uploads.KEPT_FREE + 10)
    answer = client.post(f"{API}/uploads", json={"name": "b", "size": 11})
    assert (answer.status_code, answer.json()["code"]) == (413, "disk_full")


def test_two_pieces_at_once_do_not_mix(client):
    place = begin(client, 100)
    with client.app.state.upload_turns(place.rpartition("/")[2]):
        answer = send(client, place, 0, b"x")
    assert (answer.status_code, answer.json()["code"]) == (409, "under_way")
    assert send(client, place, 0, b"x").status_code == 204


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"upload-length": "-1"}, 400),
        ({"upload-length": "9" * 40}, 400),
        ({"upload-length": "0"}, 400),
        ({}, 400),
        ({"upload-length": "5", "upload-metadata": "filename ???"}, 400),
        ({"upload-length": "5", "tus-resumable": "0.2.2"}, 412),
    ],
)
def test_a_beginning_that_makes_no_sense_is_refused(client, headers, status):
    answer = client.post(f"{API}/uploads", headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_piece_says_its_type(client):
    answer = client.patch(begin(client, 5), content=b"x", headers={"upload-offset": "0"})
    assert answer.status_code == 415


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b.fit", "\n", "COM1", "x" * 1000])
def test_a_name_is_only_ever_a_name(hub, client, name):
    body = gpx(8)
    place = begin(client, len(body), name)
    assert {path.name for path in uploads.folder(hub).iterdir()} == {place.rpartition("/")[2]}
    send(client, place, 0, body)
    import_id = client.get(place).json()["import_id"]
    [file] = read(hub, client, import_id)["files"]
    answer = client.get(f"{API}/raw/{file['receipt']}")
    assert answer.content == body
    assert "\n" not in answer.headers["content-disposition"]


def test_a_name_holds_no_nul_which_not_every_database_keeps(client):
    assert client.post(f"{API}/uploads", json={"name": "a\x00b", "size": 5}).status_code == 400
    answer = client.post(f"{API}/activities/import", params={"name": "a\x00b"}, content=b"x")
    assert answer.status_code == 400


def test_an_upload_whose_pieces_are_gone_says_so(hub, client):
    place = begin(client, 100)
    uploads.path_of(hub, place.rpartition("/")[2]).unlink()
    answer = send(client, place, 0, b"x")
    assert (answer.status_code, answer.json()["code"]) == (409, "lost")


def test_sizes_stand_in_the_row(hub, client):
    begin(client, 100)
    with hub.engine.connect() as conn:
        assert rows.unfinished(conn, owner_id(hub)) == (1, 100)
    with write(hub.engine) as conn:
        conn.execute(update(table).values(number=0))
        assert rows.unfinished(conn, owner_id(hub)) == (0, 0)
