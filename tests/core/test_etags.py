"""Unchanged answers cost no body, and no changed answer is ever said to be unchanged."""

import random

import pytest
from openfit.api.conditional import STEADY, matches
from openfit.cli import importing_now
from openfit.deriving import derive
from openfit.hub import owner_id
from openfit.person import editing
from openfit.store import people, versions
from openfit.store.engine import write
from openfit.store.tables import users
from sqlalchemy import update
from support.asking import API, activity_in, asking, hub_on, newcomer, read_in
from support.files import gpx, zipped


@pytest.fixture
def hub(tmp_path, database_url):
    return hub_on(tmp_path / "data", database_url)


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


def again(client, path, answer):
    return client.get(path, headers={"if-none-match": answer.headers["etag"]})


def test_an_unchanged_answer_is_304_without_a_body(hub, client):
    path = f"{API}/activities/{activity_in(hub, client, gpx(2))}/streams"
    first = client.get(path)
    second = again(client, path, first)
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["etag"] == first.headers["etag"]
    assert first.headers["etag"].startswith('W/"')
    assert first.headers["cache-control"] == "private, no-cache"


def test_while_nothing_was_committed_nothing_is_read_again(hub, client, monkeypatch):
    path = f"{API}/activities/{activity_in(hub, client, gpx(2))}/streams"
    first = client.get(path)
    monkeypatch.setattr("openfit.views.streams.streams", None)  # would fail if it were asked
    assert again(client, path, first).status_code == 304


def test_each_persons_answers_have_their_own_validators(hub, client):
    path = f"{API}/activities"
    activity_in(hub, client, gpx(2))
    mine = client.get(path)
    client.headers["authorization"] = f"Bearer {newcomer(hub)}"
    theirs = again(client, path, mine)
    assert (theirs.status_code, theirs.json()["items"]) == (200, [])
    assert again(client, path, theirs).status_code == 304


def test_what_is_called_steady_is_a_route(client):
    assert set(client.get(f"{API}/meta/capabilities").json()["routes"]) >= STEADY


@pytest.mark.parametrize(
    ("wanted", "tag", "fits"),
    [
        ('W/"a"', 'W/"a"', True),
        ('"a"', 'W/"a"', True),
        ('"b", W/"a"', 'W/"a"', True),
        ("*", 'W/"a"', True),
        ('W/"ab"', 'W/"a"', False),
        ("", 'W/"a"', False),
        ("*", "", False),
    ],
)
def test_tags_are_compared_weakly(wanted, tag, fits):
    assert matches(wanted, tag) is fits


# Everything that changes answers, in any order ---------------------------------------------------


def everything(client, activity):
    """Paths whose answers follow from the database."""
    lists = ["activities", "activities?twins=all", "metrics", "profile", "imports", "integrations"]
    of_one = ["", "/streams", "/track", "/results"]
    return [
        *(f"{API}/{path}" for path in lists),
        *(f"{API}/activities/{activity}{part}" for part in of_one),
        f"{API}/metrics/heart_rate",
        f"{API}/analytics/records",
        f"{API}/analytics/training-load",
        f"{API}/jobs",
    ]


def changes(hub, client, activity, chance):
    """One change of each kind that a person, a source or the worker makes."""
    user_id, n = owner_id(hub), chance.randrange(1_000_000)
    path = f"{API}/activities/{activity}"
    return [
        lambda: client.patch(path, json={"name": f"Name {n}"}),
        lambda: client.patch(path, json={"sport": chance.choice(["running", "hiking"])}),
        lambda: client.put(
            f"{API}/profile/max_heart_rate",
            json={"value": 180 + n % 20, "since": f"2026-01-{1 + n % 28:02}"},
        ),
        lambda: read_in(hub, client, f"{n}.gpx", gpx(10 + n % 50)),
        lambda: read_in(hub, client, f"{n}.zip", zipped({"a.gpx": gpx(60 + n % 20)})),
        lambda: client.post(f"{API}/activities/import?name=later.txt", content=f"{n}".encode()),
        lambda: importing_now.read_all(hub, user_id, None),
        lambda: derive.run(hub, user_id),
        lambda: editing.rank_sources(hub, user_id, "heart_rate", [f"type:{n}"]),
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_changed_answer_is_ever_304(hub, client, seed):
    """Random histories: after every change, an answer is 304 exactly if it is byte for byte what
    it was."""
    chance = random.Random(seed)
    activity = activity_in(hub, client, gpx(1))
    paths = everything(client, activity)
    before = {path: client.get(path) for path in paths}
    assert {answer.status_code for answer in before.values()} == {200}
    same = different = 0
    for _ in range(9):
        change = chance.choice(
            changes(hub, client, activity, chance)[:6] * 2
            + changes(hub, client, activity, chance)[7:]
        )
        change()
        for path in paths:
            conditional, plain = again(client, path, before[path]), client.get(path)
            unchanged = plain.content == before[path].content
            assert (conditional.status_code == 304) is unchanged, path
            same, different = same + unchanged, different + (not unchanged)
            before[path] = plain
    assert same > 20 and different > 20


# The database's own word -------------------------------------------------------------------------


def test_the_database_says_whether_anything_was_committed(hub):
    asked = versions.Versions(hub.engine)
    first = asked.now()
    assert asked.now() == first
    with hub.engine.connect() as conn:
        people.all_users(conn)
    assert asked.now() == first
    with write(hub.engine) as conn:
        conn.execute(update(users).values(name="Somebody"))
    second = asked.now()
    assert second != first
    with write(hub.engine) as conn:
        conn.execute(update(users).values(name="Anybody"))
    assert asked.now() not in (first, second)
    asked.close()


def test_what_is_not_committed_yet_is_not_seen_and_then_it_is(hub):
    asked = versions.Versions(hub.engine)
    with write(hub.engine) as conn:
        conn.execute(update(users).values(name="Slow"))
        during = asked.now()
        assert asked.now() == during
    assert asked.now() != during
    asked.close()


# If-Match ----------------------------------------------------------------------------------------


def test_a_change_for_a_state_that_has_passed_is_refused(hub, client):
    path = f"{API}/activities/{activity_in(hub, client, gpx(2))}"
    tag = client.get(path).headers["etag"]
    first = client.patch(path, json={"name": "One"}, headers={"if-match": tag})
    second = client.patch(path, json={"name": "Two"}, headers={"if-match": tag})
    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json()["code"] == "changed"
    assert client.get(path).json()["activity"]["name"] == "One"
    now = client.get(path).headers["etag"]
    assert client.patch(path, json={"name": "Two"}, headers={"if-match": now}).status_code == 200
    assert client.patch(path, json={"name": "Six"}, headers={"if-match": "*"}).status_code == 200


def test_one_change_for_a_state_at_a_time(hub, client):
    """Ten at once, all for the same state: one gets its way."""
    from concurrent.futures import ThreadPoolExecutor

    path = f"{API}/activities/{activity_in(hub, client, gpx(2))}"
    tag = {"if-match": client.get(path).headers["etag"]}
    with ThreadPoolExecutor(10) as threads:
        answers = threads.map(
            lambda n: client.patch(path, json={"name": f"Name {n}"}, headers=tag), range(10)
        )
        statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [412] * 9


def test_a_match_of_what_is_not_there_fails(client):
    answer = client.patch(f"{API}/activities/none", json={}, headers={"if-match": "*"})
    assert answer.status_code == 412
