"""Coming in by link and password, and access tokens, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
from argon2 import PasswordHasher
from openfit.access import passwords
from openfit.access.keyring import derive
from openfit.access.links import setup_link
from openfit.access.tokens import AUDIENCE, LIFE, AccessTokens
from openfit.errors import Refused
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
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_password")
    weak = house.post(
        "/account/password", {"current": GOOD, "new": "a" * 10}, token=second["access_token"]
    )
    assert (weak.status_code, weak.json()["code"]) == (400, "password")  # not the wrong one
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
