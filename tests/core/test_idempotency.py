"""A write that is sent twice is done once."""

import threading

import pytest
from openfit.api import replay
from openfit.hub import now_ms
from openfit.store import replays
from openfit.store.engine import write
from openfit.store.tables import replays as rows
from sqlalchemy import select, update
from support.asking import API, activity_in, asking, hub_on, newcomer
from support.files import gpx

KEY = {"idempotency-key": "key-0123456789"}


@pytest.fixture
def hub(tmp_path, database_url):
    return hub_on(tmp_path / "data", database_url)


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


def kept(hub):
    with hub.engine.connect() as conn:
        return conn.execute(select(rows)).all()


def begin(client, name="a.fit", key=KEY, **more):
    return client.post(f"{API}/uploads", json={"name": name, "size": 10} | more, headers=key)


def test_the_second_answer_is_the_first_one_again(hub, client):
    first, second = begin(client), begin(client)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second.headers["location"] == first.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert begin(client, key={}).json()["upload_id"] != first.json()["upload_id"]


def test_another_body_with_the_same_key_is_refused(client):
    assert begin(client).status_code == 201
    answer = begin(client, name="b.fit")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["short", "x" * 129, "tab\tin it 12345"])
def test_a_key_has_eight_to_128_printable_characters(client, key):
    answer = begin(client, key={"idempotency-key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")
    assert begin(client, key={"idempotency-key": "x" * 128}).status_code == 201


def test_a_key_is_one_persons_one_methods_and_one_paths(hub, client):
    mine = begin(client).json()["upload_id"]
    client.headers["authorization"] = f"Bearer {newcomer(hub)}"
    theirs = begin(client)
    assert theirs.status_code == 201 and theirs.json()["upload_id"] != mine
    assert client.post(f"{API}/imports/none/cancel", headers=KEY).status_code == 404


def test_a_refusal_that_stands_is_replayed_and_one_that_passes_is_not(hub, client):
    assert client.delete(f"{API}/activities/none", headers=KEY).status_code == 404
    again = client.delete(f"{API}/activities/none", headers=KEY)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (404, "true")
    assert again.headers["content-type"] == "application/problem+json"
    for status in (401, 403, 408, 429, 500, 503):
        assert not replay.may_keep(status, [], b"{}")


@pytest.mark.parametrize(
    "body",
    [
        b'{"key":"of_' + b"a1B2" * 10 + b'"}',
        b'{"refresh_token":"r"}',
        b'{"access_token" : "eyJhbGciOi.eyJzdWIi.x"}',
        b'{"link":"https://hub.example/invite#' + b"a1B2" * 10 + b'"}',
        b'{"code":"123456"}',
        b'{"secret":"JBSWY3DPEHPK3PXP"}',
        b'{"url":"otpauth://totp/OpenFit"}',
        b'{"codes":["123456"]}',
    ],
)
def test_a_secret_that_was_just_made_is_never_kept(body):
    assert not replay.may_keep(201, [], body)
    assert not replay.may_keep(201, [(b"location", b"/x?key=of_" + b"a1B2" * 10)], b"{}")


def test_an_ordinary_answer_is_kept():
    assert replay.may_keep(200, [], b'{"items":[{"id":"x","name":"Morning run"}]}')
    assert replay.may_keep(404, [], b'{"status":404,"code":"no_activity"}')
    assert not replay.may_keep(200, [], b"x" * (replay.MOST_BODY + 1))


def test_a_write_that_the_hub_failed_on_can_be_sent_again(hub, client, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("openfit.intake.uploads.begin", None)
        assert begin(client).status_code == 500
    assert kept(hub) == []
    assert begin(client).status_code == 201


def test_while_the_first_is_under_way_the_second_is_told_so(hub, client, monkeypatch):
    from openfit.intake import uploads

    entered, go = threading.Event(), threading.Event()
    real = uploads.begin

    def slow(*args):
        entered.set()
        assert go.wait(10)
        return real(*args)

    monkeypatch.setattr("openfit.intake.uploads.begin", slow)
    answers = []
    first = threading.Thread(target=lambda: answers.append(begin(client)))
    first.start()
    assert entered.wait(10)
    second = begin(client)
    assert (second.status_code, second.json()["code"]) == (409, "under_way")
    assert second.headers["retry-after"] == "1"
    go.set()
    first.join()
    assert answers[0].status_code == 201
    assert begin(client).headers["idempotency-replayed"] == "true"


def test_after_a_day_a_key_is_new_and_one_left_by_a_dead_process_soon(hub, client):
    first = begin(client).json()["upload_id"]
    with write(hub.engine) as conn:
        conn.execute(update(rows).values(made_at=now_ms() - replays.DAY_MS - 1))
    assert begin(client).json()["upload_id"] != first
    with write(hub.engine) as conn:
        conn.execute(update(rows).values(status=0, made_at=now_ms() - replays.GIVEN_UP_MS - 1))
    assert begin(client).status_code == 201


def test_old_answers_are_swept(hub, client):
    begin(client)
    with write(hub.engine) as conn:
        assert replays.sweep(conn, now_ms()) == 0
        assert replays.sweep(conn, now_ms() + replays.DAY_MS + 1000) == 1
    assert kept(hub) == []


def test_a_change_that_is_replayed_is_not_done_again(hub, client):
    activity = activity_in(hub, client, gpx(1))
    path = f"{API}/activities/{activity}"
    first = client.patch(path, json={"name": "Morning"}, headers=KEY)
    client.patch(path, json={"name": "Evening"})
    again = client.patch(path, json={"name": "Morning"}, headers=KEY)
    assert again.json() == first.json()
    assert client.get(path).json()["activity"]["name"] == "Evening"


def test_a_file_in_one_piece_may_carry_a_key(hub, client):
    ask = {"params": {"name": "run.gpx"}, "content": gpx(1), "headers": KEY}
    first = client.post(f"{API}/activities/import", **ask)
    again = client.post(f"{API}/activities/import", **ask)
    assert again.json() == first.json()
    assert client.get(f"{API}/imports/{first.json()['import_id']}").json()["total"] == 1


def test_reading_needs_no_key(client):
    assert client.get(f"{API}/activities", headers={"idempotency-key": "x"}).status_code == 200
