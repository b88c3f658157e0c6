"""Coming in by link and password, staying in, and going out, on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
from argon2 import PasswordHasher
from openfit.access import passwords
from openfit.access.keyring import derive
from openfit.access.links import setup_link
from openfit.access.sessions import GRACE
from openfit.access.tokens import AUDIENCE, LIFE, AccessTokens
from openfit.errors import Refused
from openfit.store import engine, keys, people
from support.access import CHEAP, GOOD, house_on

PAGE = {"x-openfit-page": "1"}


@pytest.fixture
def house(tmp_path, database_url):
    with house_on(tmp_path / "data", database_url) as house:
        yield house


@pytest.fixture
def one(tmp_path, sqlite_url):
    with house_on(tmp_path / "data", sqlite_url) as house:
        yield house


# The first link ----------------------------------------------------------------------------------


def test_the_setup_link_lets_the_owner_in_once(house):
    link = setup_link(house.hub, house.clock.ms())
    address, _, token = link.partition("#")
    assert address == "http://localhost:8080/setup"
    assert house.post("/auth/link", {"token": token}).json() == {
        "purpose": "setup", "name": "Owner", "email": None,
    }  # fmt: skip
    said = {"token": token, "name": "Ann", "email": " Ann@Example.org", "password": GOOD}
    answer = house.post("/auth/setup", said)
    assert answer.status_code == 200
    assert answer.json()["user"] == {
        "id": 1, "name": "Ann", "email": "ann@example.org", "role": "owner",
    }  # fmt: skip
    me = house.get("/account", token=answer.json()["access_token"]).json()
    assert (me["has_password"], me["has_totp"], me["has_identity"]) == (True, False, False)
    again = house.post("/auth/setup", said)
    assert (again.status_code, again.json()["code"]) == (401, "link")
    assert setup_link(house.hub, house.clock.ms()) is None
    assert house.login("ann").status_code == 200


def test_each_start_makes_a_new_link_and_ends_the_last_one(house):
    first, second = (setup_link(house.hub, house.clock.ms()).partition("#")[2] for _ in range(2))
    assert house.post("/auth/link", {"token": first}).status_code == 401
    assert house.post("/auth/link", {"token": second}).status_code == 200
    house.clock.pass_by(days=8)
    assert house.post("/auth/link", {"token": second}).status_code == 401


def test_of_two_who_use_a_link_at_once_one_comes_in(house):
    token = setup_link(house.hub, house.clock.ms()).partition("#")[2]
    said = {"token": token, "name": "Ann", "password": GOOD}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: house.post("/auth/setup", said).status_code, range(4)))
    assert sorted(answers) == [200, 401, 401, 401]


def test_a_weak_password_does_not_use_the_link_up(one):
    token = setup_link(one.hub, one.clock.ms()).partition("#")[2]
    weak = one.post("/auth/setup", {"token": token, "name": "Ann", "password": "short"})
    assert (weak.status_code, weak.json()["code"]) == (400, "password")
    assert one.post("/auth/link", {"token": token}).status_code == 200


def test_no_link_and_no_key_lies_in_the_database_as_it_is(one, tmp_path):
    token = setup_link(one.hub, one.clock.ms()).partition("#")[2]
    signed_in = one.set_up()
    made = one.post(
        "/account/keys", {"name": "x", "scopes": ["read"]}, token=signed_in["access_token"]
    ).json()["key"]
    with one.hub.engine.connect() as conn:
        conn.exec_driver_sql("pragma wal_checkpoint(truncate)")
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("openfit.db*"))
    for secret in (token, signed_in["refresh_token"], signed_in["access_token"], made, GOOD):
        assert secret.encode() not in stored
    assert b"ann@example.org" in stored  # the search does find what is there


# Passwords ---------------------------------------------------------------------------------------


def test_passwords_are_argon2id_of_rfc_9106_for_little_memory():
    known = passwords.PARAMETERS
    assert (known.type.name, known.memory_cost, known.time_cost, known.parallelism) == (
        "ID", 65536, 3, 4,
    )  # fmt: skip
    real = passwords.Passwords()
    stored = real.hash(GOOD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert (real.matches(stored, GOOD), real.matches(stored, GOOD + "x")) == (True, False)
    assert (real.is_old(stored), real.is_old(CHEAP.hash(GOOD))) == (False, True)


def test_a_password_is_the_same_however_a_keyboard_composes_it():
    made = passwords.Passwords(CHEAP)
    assert made.matches(made.hash("café au lait!"), "cafe\u0301 au lait!")


class Counting:
    """Counts the work that is done."""

    def __init__(self):
        self.verified = []

    def hash(self, password):
        return CHEAP.hash(password)

    def verify(self, hash, password):
        self.verified.append(passwords.PasswordHasher().check_needs_rehash(hash))
        return CHEAP.verify(hash, password)

    def check_needs_rehash(self, hash):
        return False


def test_an_unknown_address_costs_the_same_work_as_a_wrong_password(one):
    one.set_up()
    nobody = one.add("Nobody", password=None)
    one.access.passwords = counting = passwords.Passwords(Counting())
    answers = [one.login(name, "wrong password") for name in ("ann", "stranger", "nobody")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert len(counting.hasher.verified) == 3
    # what stands in for a password that does not exist asks for the work of a real one
    assert counting.hasher.verified[1:] == [False, False]
    assert one.user(nobody).password is None


def test_a_password_made_with_other_parameters_is_renewed_at_the_next_sign_in(one):
    one.set_up()
    before = one.user(1).password
    one.access.passwords = passwords.Passwords(
        PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    )
    assert one.login("ann", "not it at all").status_code == 401
    assert one.user(1).password == before
    assert one.login("ann").status_code == 200
    assert "m=16,t=2,p=1" in one.user(1).password
    assert one.login("ann").status_code == 200


@pytest.mark.parametrize(
    "bad", ["ninechars", "a" * 30, "ababababab ", "ann@example.org", "Ann Miller 1", "x" * 501]
)
def test_what_anybody_would_try_first_is_no_password(bad):
    with pytest.raises(Refused) as refused:
        passwords.check(bad, "ann miller 1", "ann@example.org")
    assert refused.value.code == "password"


def test_a_new_password_ends_all_other_sessions_at_once(house):
    first = house.set_up()
    second = house.login("ann").json()
    assert house.get("/account", token=first["access_token"]).status_code == 200
    change = {"current": "wrong wrong wrong", "new": "another good one"}
    refused = house.post("/account/password", change, token=second["access_token"])
    assert (refused.status_code, refused.json()["code"]) == (403, "password")
    change["current"] = GOOD
    done = house.post("/account/password", change, token=second["access_token"])
    assert done.status_code == 204
    assert house.get("/account", token=first["access_token"]).status_code == 401
    assert house.get("/account", token=second["access_token"]).status_code == 200
    assert house.post("/auth/refresh", {"refresh_token": first["refresh_token"]}).status_code == 401
    assert house.login("ann").status_code == 401
    assert house.login("ann", "another good one").status_code == 200
    assert house.events(1)[0:3] == ["sign_in", "sign_in_failed", "password"]


# Access tokens -----------------------------------------------------------------------------------


def test_derived_keys_are_those_of_rfc_5869_and_differ_by_purpose():
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    master = bytes(range(32))
    wanted = HKDF(SHA256(), 32, salt=None, info=b"openfit codes 1").derive(master)
    assert derive(master, "codes") == wanted != derive(master, "refresh tokens")


def test_an_access_token_is_over_after_an_hour(one):
    token = one.set_up()["access_token"]
    assert one.get("/account", token=token).status_code == 200
    one.clock.pass_by(seconds=LIFE - 1)
    assert one.get("/account", token=token).status_code == 200
    one.clock.pass_by(seconds=2)
    assert one.get("/account", token=token).status_code == 401


def test_only_what_this_hub_signed_as_an_access_token_is_one(one):
    token = one.set_up()["access_token"]
    key, tokens = one.access.keyring.access, one.access.tokens
    said = jwt.decode(token, key, algorithms=["HS256"], audience=AUDIENCE)
    good = {"kid": tokens.key_id, "typ": "at+jwt"}
    assert jwt.get_unverified_header(token) == good | {"alg": "HS256"}

    def forged(claims=None, headers=None, key=key, algorithm="HS256"):
        return jwt.encode(said | (claims or {}), key, algorithm, headers or good)

    assert one.get("/account", token=forged()).status_code == 200
    for bad in (
        forged(key=b"x" * 32),
        forged(key=None, algorithm="none"),
        forged(algorithm="HS512"),
        forged({"aud": "other"}),
        forged({"iss": "openfit:other"}),
        forged({"sid": "00000000-0000-0000-0000-000000000000"}),
        forged({"sub": "2"}),
        forged({"sub": "one"}),
        forged({"exp": None}),
        forged(headers={"kid": tokens.key_id, "typ": "refresh"}),
        forged(headers={"kid": "0" * 16, "typ": "at+jwt"}),
        token[:-2],
        "a.b.c",
        "eyJ",
    ):
        assert one.get("/account", token=bad).status_code == 401, bad


def test_tokens_of_another_secret_key_are_strangers():
    here, there = (AccessTokens(bytes([n]) * 32) for n in (1, 2))
    assert here.read(there.issue(1, "s", 0), 0) is None
    assert here.read(here.issue(1, "s", 0), 0).user_id == 1


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(one):
    signed_in = one.set_up()
    assert one.get("/account", token=signed_in["refresh_token"]).status_code == 401
    swapped = {"refresh_token": signed_in["access_token"]}
    assert one.post("/auth/refresh", swapped).json()["code"] == "session_over"


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


# Keys --------------------------------------------------------------------------------------------


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
    with engine.write(one.hub.engine) as conn:
        key = keys.add(conn, 1, "k", 0, scopes=["account"])
    for scopes in (["read"], ["account", "owner"]):
        wish = {"name": "k", "scopes": scopes}
        assert one.post("/account/keys", wish, token=key).json()["code"] == "scope"
    assert one.post("/account/keys", wish | {"scopes": ["account"]}, token=key).status_code == 201


def test_a_key_of_one_who_was_owner_loses_that_scope_with_the_role(one):
    owner, bob = one.set_up()["access_token"], one.add("Bob", role="owner")
    with engine.write(one.hub.engine) as conn:
        key = keys.add(conn, bob, "k", 0)
    assert one.get("/users", token=key).status_code == 200
    one.call("patch", f"/users/{bob}", {"role": "member"}, token=owner)
    assert one.get("/users", token=key).status_code == 403
    assert one.get("/activities", token=key).status_code == 200


def test_a_key_cannot_change_how_somebody_signs_in(one):
    one.set_up()
    with engine.write(one.hub.engine) as conn:
        key = keys.add(conn, 1, "k", 0)
    for method, path, body in (
        ("post", "/account/password", {"new": "a new one of mine", "current": GOOD}),
        ("post", "/account/email", {"email": "x@example.org", "password": GOOD}),
        ("post", "/account/totp", {"password": GOOD}),
        ("put", "/account/totp", {"code": "123456"}),
        ("post", "/account/totp/off", {"password": GOOD}),
        ("post", "/account/identity", {}),
        ("post", "/account/identity/remove", {"password": GOOD}),
    ):
        answer = one.call(method, path, body, token=key)
        assert (answer.status_code, answer.json()["code"]) == (403, "session_needed"), path


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
