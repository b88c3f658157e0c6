"""Downloads by an address of use once."""

import io
import zipfile

import pytest
from openfit.access.tickets import MOST_OF_ONE
from openfit.watching.redaction import redact
from support.access import house_on, owner_key
from support.files import gpx

TICKETS = "/export/tickets"


@pytest.fixture
def house(tmp_path, sqlite_url):
    with house_on(tmp_path / "data", sqlite_url) as house:
        yield house


@pytest.fixture
def ann(house):
    return house.set_up()["access_token"]


def asked(house, token, **wish):
    made = house.post(TICKETS, wish, token=token)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store"), made.text
    return made.json()["address"].removeprefix("/api/v1")


def refused(house, address):
    answer = house.get(address)
    return answer.status_code, answer.json().get("code")


def test_a_ticket_opens_the_export_without_a_token_and_once(house, ann):
    house.call("put", "/journal/2026-03-02", {"note": "okapi"}, token=ann)
    address = asked(house, ann, include="said")
    answer = house.get(address)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert b"okapi" in archive.read("journal.jsonl")
        assert "entities.jsonl" not in archive.namelist()
    assert refused(house, address) == (404, "no_ticket")


def test_a_ticket_lives_a_minute(house, ann):
    soon, late = asked(house, ann), asked(house, ann)
    house.clock.pass_by(seconds=59)
    assert house.get(soon).status_code == 200
    house.clock.pass_by(seconds=1)
    assert refused(house, late) == (404, "no_ticket")


def test_a_ticket_ends_with_what_asked_for_it(house, ann):
    """Signed out, revoked or locked out: what was begun before is not fetched after."""
    by_session = asked(house, ann)
    key = house.post("/account/keys", {"name": "k", "scopes": ["read"]}, token=ann).json()
    by_key = asked(house, key["key"])
    house.call("delete", f"/account/keys/{key['id']}", token=ann)
    assert refused(house, by_key) == (404, "no_ticket")
    house.call("delete", "/account/sessions", token=ann)
    assert refused(house, by_session) == (404, "no_ticket")


def test_each_gets_their_own_and_no_more_than_was_asked(house, ann):
    house.add("Bob")
    bob = house.token("Bob")
    house.call("put", "/journal/2026-03-02", {"note": "okapi"}, token=ann)
    with zipfile.ZipFile(io.BytesIO(house.get(asked(house, bob)).content)) as archive:
        assert archive.read("journal.jsonl") == b""
    sent = {"headers": {"idempotency-key": "the same again"}, "token": ann}
    first, second = (house.post(TICKETS, **sent).json()["address"] for _ in range(2))
    assert first != second  # no secret is given out twice
    assert first.rpartition("/")[2] not in redact(f"GET {first} 200")
    narrow = owner_key(house.hub, scopes=["account"])
    assert house.post(TICKETS, token=narrow).status_code == 403
    wrong = house.post(TICKETS, {"include": "sleepy"}, token=ann)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "unknown_part")


def test_of_one_person_the_latest_few_are_good(house, ann):
    house.add("Bob")
    others = asked(house, house.token("Bob"), include="said")
    first, *_, last = [asked(house, ann, include="said") for _ in range(MOST_OF_ONE + 1)]
    assert refused(house, first) == (404, "no_ticket")
    assert house.get(last).status_code == house.get(others).status_code == 200


def test_an_original_comes_whole_and_to_its_owner_alone(house, ann):
    body, bearer = gpx(1), {"authorization": f"Bearer {ann}"}
    where = "/api/v1/activities/import"
    taken = house.client.post(where, params={"name": "a b.gpx"}, content=body, headers=bearer)
    [file] = house.get(f"/imports/{taken.json()['import_id']}", token=ann).json()["files"]
    answer = house.get(asked(house, ann, receipt=file["receipt"]))
    assert answer.content == body
    assert "a%20b.gpx" in answer.headers["content-disposition"]
    both = house.post(TICKETS, {"receipt": file["receipt"], "include": "said"}, token=ann)
    assert both.json()["code"] == "whole"
    house.add("Bob")
    foreign = house.post(TICKETS, {"receipt": file["receipt"]}, token=house.token("Bob"))
    assert foreign.status_code == 404
