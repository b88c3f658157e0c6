"""API keys: what they may do, and until when, on both databases."""

import json
from uuid import uuid4

import pytest
from openfit.access.links import setup_link
from openfit.store import engine, keys
from support.access import house_on
from support.routes import routes


@pytest.fixture
def house(tmp_path, database_url):
    with house_on(tmp_path / "data", database_url) as house:
        yield house


@pytest.fixture
def one(tmp_path, sqlite_url):
    with house_on(tmp_path / "data", sqlite_url) as house:
        yield house


def test_a_key_is_shown_once_and_does_no_more_than_it_may(house):
    token = house.set_up()["access_token"]
    wish = {"name": "scale", "scopes": ["read"]}
    made = house.post("/account/keys", wish, token=token)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    key = made.json()["key"]
    assert key.startswith("of_") and len(key) > 40
    assert house.get("/activities", token=key).status_code == 200
    house.settle()
    [listed] = house.get("/account/keys", token=token).json()["items"]
    assert (listed["name"], listed["hint"], listed["scopes"]) == ("scale", key[:7], ["read"])
    assert listed["used_at"] is not None and listed["expires_at"] is None
    assert key not in json.dumps(listed)
    for method, path, scope in (
        ("put", "/profile/max_heart_rate", "write"),
        ("get", "/account", "account"),
        ("get", "/users", "owner"),
    ):
        refused = house.call(method, path, {} if method == "put" else None, token=key)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope"), path
        assert scope in refused.json()["message"]
    gone = house.call("delete", f"/account/keys/{listed['id']}", token=token)
    assert gone.status_code == 204
    assert house.get("/activities", token=key).status_code == 401
    assert house.events(1)[:2] == ["key_revoked", "key_made"]


def test_a_key_ends_when_it_was_said_to(one):
    token = one.set_up()["access_token"]
    until = "2020-01-01T00:00:00Z"
    early = {"name": "k", "scopes": ["read"], "expires_at": until}
    assert one.post("/account/keys", early, token=token).json()["code"] == "expires_at"
    with engine.write(one.hub.engine) as conn:
        key = keys.add(conn, 1, "k", 0, expires_at=one.clock.ms() + 60_000)
    assert one.get("/activities", token=key).status_code == 200
    one.clock.pass_by(seconds=61)
    assert one.get("/activities", token=key).status_code == 401


def test_nobody_makes_a_key_of_more_than_they_have(one):
    owner = one.set_up()["access_token"]
    one.add("Bob")
    wish = {"name": "k", "scopes": ["owner"]}
    assert one.post("/account/keys", wish, token=one.token("bob")).json()["code"] == "scope"
    assert one.post("/account/keys", wish, token=owner).status_code == 201


def test_a_key_makes_no_key_that_outlives_it(one):
    one.set_up()
    with engine.write(one.hub.engine) as conn:
        key = keys.add(conn, 1, "k", 0, expires_at=one.clock.ms() + 60_000)
    wish = {"name": "for ever", "scopes": ["account"]}
    assert one.post("/account/keys", wish, token=key).json()["code"] == "session_needed"
    with one.hub.engine.connect() as conn:
        assert [row.name for row in keys.of_user(conn, 1)] == ["k"]


def test_a_key_of_one_who_was_owner_loses_that_scope_with_the_role(one):
    owner, bob = one.set_up()["access_token"], one.add("Bob", role="owner")
    with engine.write(one.hub.engine) as conn:
        key = keys.add(conn, bob, "k", 0)
    assert one.get("/users", token=key).status_code == 200
    one.call("patch", f"/users/{bob}", {"role": "member"}, token=owner)
    assert one.get("/users", token=key).status_code == 403
    assert one.get("/activities", token=key).status_code == 200


def test_the_use_of_a_key_is_written_once_a_minute(one):
    one.set_up()
    with engine.write(one.hub.engine) as conn:
        key = keys.add(conn, 1, "k", 0)

    def used():
        one.access.ways.forget()
        assert one.get("/activities", token=key).status_code == 200
        one.settle()
        with one.hub.engine.connect() as conn:
            return keys.of_user(conn, 1)[0].used_at

    first = used()
    assert first == one.clock.ms()
    one.clock.pass_by(seconds=59)
    assert used() == first
    one.clock.pass_by(seconds=1)
    assert used() == first + 60_000


def test_a_key_of_an_older_hub_goes_on_working(one):
    """Version 0.1 kept one token, named "owner", with nothing said of scopes."""
    with engine.write(one.hub.engine) as conn:
        old = "of_" + "x" * 43
        conn.exec_driver_sql(
            "insert into tokens (user_id, token_hash, name, created_at) values (1, ?, 'owner', 0)",
            (keys.hashed(old),),
        )
    assert one.get("/users", token=old).status_code == 200
    assert setup_link(one.hub, one.clock.ms()) is not None  # and the owner may still come in


# What changes who comes in or who sees what wants a person who signed in.
BY_SESSION = {
    "changePassword", "changeEmail", "confirmEmail", "offerTotp", "confirmTotp", "removeTotp",
    "addIdentity", "removeIdentity", "deleteAccount",
    "inviteUser", "changeUser", "makeUserLink", "makeKey",
    "giveGrant", "acceptGrant", "revokeGrant",
}  # fmt: skip
TABLES = ("users", "links", "grants")


def test_no_key_changes_who_comes_in_or_sees_what_not_even_an_owners(one):
    """A key of all scopes could make a link that signs in as anybody, past every factor."""
    one.set_up()
    one.add("Bob")
    with engine.write(one.hub.engine) as conn:
        key = keys.add(conn, 1, "k", 0)
    with one.hub.engine.connect() as conn:
        before = [conn.exec_driver_sql(f"select * from {table}").all() for table in TABLES]
    found = {route.id: route for route in routes(one.app) if route.opt.get("session")}
    assert set(found) == BY_SESSION
    for route in found.values():
        path = route.path.format(user_id=2, grant_id=uuid4())
        answer = one.call(route.method, path, {}, token=key)
        assert (answer.status_code, answer.json()["code"]) == (403, "session_needed"), route.id
    with one.hub.engine.connect() as conn:
        after = [conn.exec_driver_sql(f"select * from {table}").all() for table in TABLES]
    assert after == before
