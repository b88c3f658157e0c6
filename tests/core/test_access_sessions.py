"""Staying in, and going out: refresh tokens, sessions, the cookie of a page, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from openfit.access.sessions import GRACE
from openfit.store import engine, keys, people
from support.access import house_on

PAGE = {"x-openfit-page": "1"}


@pytest.fixture
def house(tmp_path, database_url):
    with house_on(tmp_path / "data", database_url) as house:
        yield house


@pytest.fixture
def one(tmp_path, sqlite_url):
    with house_on(tmp_path / "data", sqlite_url) as house:
        yield house


# Refreshing --------------------------------------------------------------------------------------


def refresh(house, token, **how):
    return house.post("/auth/refresh", {"refresh_token": token}, **how)


@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/token/refresh"])
def test_each_refresh_gives_a_new_pair(house, path):
    first = house.set_up()
    house.clock.pass_by(minutes=50)
    second = house.post(path, {"refresh_token": first["refresh_token"]}).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (second["token_type"], second["expires_in"]) == ("Bearer", 3600)
    house.clock.pass_by(minutes=50)
    assert house.get("/account", token=second["access_token"]).status_code == 200
    assert house.get("/account", token=first["access_token"]).status_code == 401


def test_a_session_goes_on_for_thirty_days_after_its_last_use(one):
    token = one.set_up()["refresh_token"]
    for _ in range(3):
        one.clock.pass_by(days=29)
        token = refresh(one, token).json()["refresh_token"]
    one.clock.pass_by(days=31)
    assert refresh(one, token).json()["code"] == "session_over"


def test_a_refresh_token_shown_again_ends_the_whole_session(house):
    first = house.set_up()
    second = refresh(house, first["refresh_token"]).json()
    assert house.get("/account", token=second["access_token"]).status_code == 200
    house.clock.pass_by(milliseconds=GRACE + 1)
    assert refresh(house, first["refresh_token"]).json()["code"] == "session_over"
    assert refresh(house, second["refresh_token"]).json()["code"] == "session_over"
    assert house.get("/account", token=second["access_token"]).status_code == 401
    assert "refresh_reused" in house.events(1)
    assert house.login("ann").status_code == 200  # only that session


def test_a_client_whose_answer_was_lost_gets_the_same_successor_within_moments(house):
    first = house.set_up()["refresh_token"]
    second = refresh(house, first).json()["refresh_token"]
    house.clock.pass_by(milliseconds=GRACE)
    assert refresh(house, first).json()["refresh_token"] == second
    third = refresh(house, second)
    assert third.status_code == 200


@pytest.mark.parametrize("case", ["another program", "its successor was used"])
def test_the_grace_is_for_the_same_client_that_did_not_go_on(one, case):
    first = one.set_up()["refresh_token"]
    second = refresh(one, first).json()["refresh_token"]
    agent = {"user-agent": "thief/1.0"} if case == "another program" else None
    if agent is None:
        refresh(one, second)
    assert refresh(one, first, headers=agent).json()["code"] == "session_over"
    assert refresh(one, second).json()["code"] == "session_over"


def test_many_who_refresh_at_once_all_get_the_one_successor(house):
    first = house.set_up()["refresh_token"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: refresh(house, first).json(), range(6)))
    assert len({answer["refresh_token"] for answer in answers}) == 1


# Sessions ----------------------------------------------------------------------------------------


def test_sessions_are_listed_and_ended(house):
    first = house.set_up()
    house.clock.pass_by(minutes=5)
    second = house.login("ann", headers={"user-agent": "phone/2"}).json()
    listed = house.get("/account/sessions", token=second["access_token"]).json()["items"]
    assert [(row["how"], row["agent"], row["current"]) for row in listed] == [
        ("password", "phone/2", True),
        ("link", "testclient", False),
    ]
    path = f"/account/sessions/{listed[1]['id']}"
    assert house.get("/account", token=first["access_token"]).status_code == 200
    assert house.call("delete", path, token=second["access_token"]).status_code == 204
    assert house.get("/account", token=first["access_token"]).status_code == 401
    assert house.call("delete", path, token=second["access_token"]).status_code == 404


def test_signing_out_everywhere_ends_all_or_all_others(house):
    tokens = [house.set_up()["access_token"], *(house.token("ann") for _ in range(2))]
    answer = house.call("delete", "/account/sessions?but=this", token=tokens[0])
    assert answer.json() == {"ended": 2}
    assert [house.get("/account", token=t).status_code for t in tokens] == [200, 401, 401]
    assert house.call("delete", "/account/sessions", token=tokens[0]).json() == {"ended": 1}
    assert house.get("/account", token=tokens[0]).status_code == 401


def test_signing_out_ends_the_session_behind_the_token(one):
    signed_in = one.set_up()
    assert one.get("/account", token=signed_in["access_token"]).status_code == 200
    out = one.post("/auth/logout", {"refresh_token": signed_in["refresh_token"]})
    assert out.status_code == 204
    assert one.get("/account", token=signed_in["access_token"]).status_code == 401
    assert one.post("/auth/logout", {"refresh_token": "ofr_unknown"}).status_code == 204


def test_a_disabled_person_is_refused_at_once_and_comes_back_unharmed(house):
    owner, bob = house.set_up()["access_token"], house.add("Bob")
    theirs = house.login("bob").json()
    with engine.write(house.hub.engine) as conn:
        key = keys.add(conn, bob, "k", 0)
    for token in (theirs["access_token"], key):
        assert house.get("/people", token=token).status_code == 200
    off = house.call("patch", f"/users/{bob}", {"disabled": True}, token=owner)
    assert (off.status_code, off.json()["disabled"]) == (200, True)
    for token in (theirs["access_token"], key):
        assert house.get("/people", token=token).status_code == 401
    assert refresh(house, theirs["refresh_token"]).status_code == 401
    assert house.login("bob").json() == house.login("stranger").json()
    house.call("patch", f"/users/{bob}", {"disabled": False}, token=owner)
    assert house.login("bob").status_code == 200


def test_what_another_process_ends_is_refused_when_the_second_is_over(one, monkeypatch):
    token = one.set_up()["access_token"]
    assert one.get("/account", token=token).status_code == 200
    with engine.write(one.hub.engine) as conn:
        people.change(conn, 1, disabled=True)
    assert one.access.ways.remembered(token) is not None  # believed for a second
    believed = one.access.ways.known
    for known, (until, way) in list(believed.items()):
        believed[known] = (until - 1.0, way)  # which is over now
    assert one.get("/account", token=token).status_code == 401


# The browser's cookie ----------------------------------------------------------------------------


def cookie_of(answer):
    [line] = [v for k, v in answer.headers.multi_items() if k == "set-cookie"]
    first, *rest = line.split("; ")
    name, _, value = first.partition("=")
    return name, value, {part.lower() for part in rest}


def test_a_page_gets_its_refresh_token_where_no_script_can_read_it(one):
    one.set_up()
    answer = one.login("ann", headers=PAGE)
    assert answer.json()["refresh_token"] is None
    name, value, attributes = cookie_of(answer)
    assert name == "openfit-session" and value.startswith("ofr_")
    assert {"httponly", "samesite=strict", "path=/", "max-age=2592000"} <= attributes
    assert "secure" not in attributes  # a loopback address without TLS
    assert answer.headers["cache-control"] == "no-store"
    renewed = one.post("/auth/refresh", cookies={name: value}, headers=PAGE)
    assert renewed.status_code == 200
    assert cookie_of(renewed)[1] != value
    out = one.post("/auth/logout", cookies={name: cookie_of(renewed)[1]}, headers=PAGE)
    assert cookie_of(out)[1] == '""' and "max-age=0" in cookie_of(out)[2]
    assert one.get("/account", token=renewed.json()["access_token"]).status_code == 401


def test_behind_tls_the_cookie_is_bound_to_this_host(tmp_path, sqlite_url):
    with house_on(tmp_path, sqlite_url, url="https://fit.example.org") as house:
        house.client.base_url = "https://fit.example.org"
        house.set_up()
        name, _, attributes = cookie_of(house.login("ann", headers=PAGE))
    assert name == "__Host-openfit-session"
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)
