"""`openfit user` and `openfit key`, as a person runs them beside a hub."""

import json
import re

import pytest
from openfit.app import build
from openfit.config import Config
from openfit.hub import open_hub
from openfit.serving import greet
from support.access import House
from support.hubs import openfit


@pytest.fixture
def data(tmp_path, sqlite_url):
    return tmp_path


def house(data):
    hub = open_hub(Config(data=data, database_url=f"sqlite:///{data / 'openfit.db'}"))
    return House(hub, build(hub))


def users(data):
    listed = json.loads(openfit("user", "list", "--json", data=data).stdout)
    return [(row["name"], row["email"], row["role"], row["disabled"]) for row in listed]


def test_people_are_added_linked_changed_and_kept_out(data):
    added = openfit("user", "add", "Bob", "--email", "Bob@Example.org", data=data)
    assert added.stdout.startswith("Bob is number 2.")
    [invitation] = re.findall(r"/setup#(\S+)", added.stdout)
    assert users(data) == [
        ("Owner", None, "owner", False),
        ("Bob", "bob@example.org", "member", False),
    ]
    assert "has not come in yet" in openfit("user", "list", data=data).stdout
    here = house(data)
    with here.client:
        came = here.post("/auth/setup", {"token": invitation, "password": "a good long one"})
        assert came.json()["user"]["id"] == 2
        token = came.json()["access_token"]
        for who in ("2", "bob@example.org", "BOB"):
            link = openfit("user", "link", who, data=data).stdout.partition("#")[2].strip()
        assert here.post("/auth/link", {"token": link}).json()["purpose"] == "sign_in"
        assert here.post("/auth/setup", {"token": link}).json()["user"]["id"] == 2
        reset = openfit("user", "reset-password", "bob", data=data).stdout
        here.access.ways.forget()  # a second later
        assert here.get("/account", token=token).status_code == 401
        assert here.login("bob", "a good long one").status_code == 401
        fresh = {"token": reset.partition("#")[2].strip(), "password": "another good one"}
        back = here.post("/auth/setup", fresh).json()
        openfit("user", "disable", "bob", data=data)
        here.access.ways.forget()
        assert here.get("/account", token=back["access_token"]).status_code == 401
    openfit("user", "role", "bob", "owner", data=data)
    openfit("user", "disable", "bob", "--undo", data=data)
    assert users(data)[1] == ("Bob", "bob@example.org", "owner", False)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("user", "link", "nobody"), 66, "'nobody' is nobody here."),
        (("user", "disable", "1"), 65, "Nobody else could run this hub."),
        (("user", "role", "1", "member"), 65, "Nobody else could run this hub."),
        (("user", "role", "1", "king"), 2, "owner or member"),
        (("user", "add", "X", "--email", "no"), 65, "not a mail address"),
        (("key", "add", "k", "--scope", "all"), 65, "not all"),
        (("key", "revoke", "0" * 16), 66, "There is no such key."),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(data, arguments, status, said):
    done = openfit(*arguments, data=data, check=False)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (
        status, True, False,
    )  # fmt: skip


def test_keys_are_made_listed_and_revoked(data):
    made = openfit("key", "add", "scale", "--scope", "read", "--days", "30", data=data)
    key = made.stdout.strip()
    [listed] = json.loads(openfit("key", "list", "--json", data=data).stdout)
    assert (listed["name"], listed["scopes"], listed["hint"]) == ("scale", ["read"], key[:7])
    assert listed["expires_at"] is not None
    line = openfit("key", "list", data=data).stdout
    assert key not in line and "never used" in line
    here = house(data)
    with here.client:
        assert here.get("/activities", token=key).status_code == 200
        assert here.get("/account", token=key).status_code == 403
        openfit("key", "revoke", listed["id"], data=data)
        here.access.ways.forget()
        assert here.get("/activities", token=key).status_code == 401
    assert openfit("key", "list", data=data).stdout == ""


def test_the_start_says_how_to_come_in_until_somebody_did(data, capsys):
    here = house(data)
    greet(here.hub)
    said = capsys.readouterr().out
    assert "Nobody has signed in yet." in said
    token = re.search(r"http://localhost:8080/setup#(\S+)", said)[1]
    with here.client:
        body = {"token": token, "name": "Ann", "password": "a good long one"}
        assert here.post("/auth/setup", body).status_code == 200
    greet(here.hub)
    assert capsys.readouterr().out == "OpenFit: http://localhost:8080/\n"
