"""Signing in by another service: against a strict one of our own, and one that lies."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest
from openfit.access.oidc import ALGORITHMS, challenge, is_safe
from openfit.access.oidc import Provider as Client
from openfit.errors import SetupError
from openfit.store import engine, people
from support.access import GOOD, house_on
from support.provider import CLIENT, SECRET, Provider

CALLBACK = "/auth/oidc/callback"


@pytest.fixture(scope="module")
def service():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def provider(service):
    service.claims = {"sub": "u-1", "email": "ann@example.org", "email_verified": True}
    service.details, service.lie, service.algorithm, service.key_id = None, None, "RS256", "first"
    service.asked.clear()
    return service


@pytest.fixture
def house(tmp_path, sqlite_url, provider):
    with house_on(tmp_path / "data", sqlite_url, **settings(provider)) as house:
        house.set_up()
        yield house


def settings(provider):
    return {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
    }


def left(house, to=None):
    """Where the browser is sent, and the cookie that it keeps."""
    answer = house.get("/auth/oidc/start", params={"to": to} if to else None)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"], cookies(answer)


def cookies(answer):
    lines = [v for k, v in answer.headers.multi_items() if k == "set-cookie"]
    pairs = [line.partition(";")[0].partition("=") for line in lines]
    return {name: value.strip('"') for name, _, value in pairs}


def came_back(house, address, kept):
    query = {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}
    return house.get(CALLBACK, params=query, cookies=kept)


def sign_in(house, provider, to=None):
    address, kept = left(house, to)
    return came_back(house, provider.authorize(address), kept)


def problem(answer):
    assert answer.status_code == 302
    return answer.headers["location"].partition("/sign-in#problem=")[2]


def linked(house, provider):
    """Ann adds the identity to her account."""
    token = house.token("ann")
    answer = house.post("/account/identity", token=token)
    back = came_back(house, provider.authorize(answer.json()["address"]), cookies(answer))
    assert back.headers["location"] == "/settings/security"
    return token


# What works --------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_an_identity_that_was_added_signs_in(house, provider, algorithm):
    provider.algorithm = algorithm
    token = linked(house, provider)
    assert house.get("/account", token=token).json()["has_identity"] is True
    answer = sign_in(house, provider, "/activities?sport=running")
    assert (answer.status_code, answer.headers["location"]) == (302, "/activities?sport=running")
    assert answer.headers["cache-control"] == "no-store"
    kept = cookies(answer)
    assert kept["openfit-oidc"] == ""
    page = {"x-openfit-page": "1"}
    renewed = house.post("/auth/refresh", cookies=kept, headers=page).json()
    assert renewed["user"]["id"] == 1
    assert house.events(1)[:2] == ["sign_in", "identity_added"]


def test_who_was_invited_to_a_proven_address_comes_in(house, provider):
    with engine.write(house.hub.engine) as conn:
        bob = people.add(conn, "Bob", 0, email="bob@example.org")
    provider.claims = {"sub": "b", "email": "Bob@Example.org", "email_verified": True}
    assert sign_in(house, provider).headers["location"] == "/"
    assert house.user(bob).subject == f"{provider.issuer} b"
    provider.claims["email"] = "changed@example.org"  # from now on the subject tells
    assert sign_in(house, provider).headers["location"] == "/"


def test_the_address_may_be_told_by_userinfo(house, provider):
    with engine.write(house.hub.engine) as conn:
        people.add(conn, "Bob", 0, email="bob@example.org")
    provider.claims = {"sub": "b"}
    provider.details = {"sub": "somebody else", "email": "bob@example.org", "email_verified": True}
    house.access.provider.found = None
    assert problem(sign_in(house, provider)) == "oidc_provider"
    provider.details["sub"] = "b"
    assert sign_in(house, provider).headers["location"] == "/"


def test_an_open_hub_takes_in_whom_the_service_knows(tmp_path, sqlite_url, provider):
    provider.claims |= {"sub": "n", "email": "new@example.org", "name": "New One"}
    with house_on(tmp_path, sqlite_url, registration="open", **settings(provider)) as house:
        house.set_up()
        assert sign_in(house, provider).headers["location"] == "/"
        made = house.user(2)
    assert (made.name, made.email, made.role) == ("New One", "new@example.org", "member")


def test_keys_are_asked_for_again_when_the_service_has_new_ones(house, provider):
    linked(house, provider)
    provider.key_id = "second"
    assert problem(sign_in(house, provider)) == "oidc_provider"  # they were asked for just now
    asked, keys = house.access.provider.keys
    house.access.provider.keys = (asked - 60, keys)
    assert sign_in(house, provider).headers["location"] == "/"
    assert provider.asked.count("/jwks") == 2
    assert provider.asked.count("/.well-known/openid-configuration") == 1


# Whose account it opens --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "x", "email": "ann@example.org", "email_verified": True},  # has a password
        {"sub": "x", "email": "bob@example.org", "email_verified": False},
        {"sub": "x", "email": "bob@example.org", "email_verified": "true"},
        {"sub": "x", "email": "bob@example.org"},
        {"sub": "x", "email": "nobody@example.org", "email_verified": True},
        {"sub": "x", "email": "bob@example.org\n", "email_verified": True, "odd": 1},
        {"sub": "x"},
    ],
)
def test_an_unknown_identity_opens_no_account(house, provider, claims):
    with engine.write(house.hub.engine) as conn:
        bob = people.add(conn, "Bob", 0, email="bob@example.org")
    if claims.get("odd"):
        claims = claims | {"email": "bob@example.org\nx"}
    provider.claims = claims
    answer = sign_in(house, provider)
    assert problem(answer) == "oidc_unknown"
    assert "openfit-session" not in cookies(answer)
    assert (house.user(1).subject, house.user(bob).subject) == (None, None)


def test_an_identity_belongs_to_one_account(house, provider):
    linked(house, provider)
    house.add("Bob")
    answer = house.post("/account/identity", token=house.token("bob"))
    back = came_back(house, provider.authorize(answer.json()["address"]), cookies(answer))
    assert problem(back) == "oidc_taken"


def test_a_disabled_person_does_not_come_in_by_it(house, provider):
    linked(house, provider)
    with engine.write(house.hub.engine) as conn:
        people.change(conn, 1, disabled=True)
    assert problem(sign_in(house, provider)) == "oidc_unknown"


def test_an_identity_is_removed_unless_it_is_the_only_way_in(house, provider):
    token = linked(house, provider)
    with engine.write(house.hub.engine) as conn:
        stored = house.user(1).password
        people.change(conn, 1, password=None)
    last = house.post("/account/identity/remove", token=token)
    assert last.json()["code"] == "last_way_in"
    with engine.write(house.hub.engine) as conn:
        people.change(conn, 1, password=stored)
    assert house.post("/account/identity/remove", token=token).json()["code"] == "wrong_password"
    gone = house.post("/account/identity/remove", {"password": GOOD}, token=token)
    assert gone.status_code == 204
    assert problem(sign_in(house, provider)) == "oidc_unknown"


# What does not -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lie",
    [
        "issuer",
        "audience",
        "several audiences",
        "party",
        "over",
        "nonce",
        "no nonce",
        "none",
        "secret as key",
        "another key",
        "unknown key",
    ],
)
def test_a_statement_that_does_not_hold_signs_nobody_in(house, provider, lie):
    linked(house, provider)
    provider.lie = lie
    answer = sign_in(house, provider)
    assert problem(answer) == "oidc_provider"
    assert "openfit-session" not in cookies(answer)


@pytest.mark.parametrize(
    "lie", ["issuer of metadata", "no encryption", "redirect", "endless", "no object"]
)
def test_a_service_that_misbehaves_is_not_followed(house, provider, lie):
    linked(house, provider)
    provider.lie = lie
    house.access.provider.found = house.access.provider.keys = None
    address = house.get("/auth/oidc/start")
    if address.status_code == 302:  # it began to misbehave later
        kept = cookies(address)
        back = provider.authorize(address.headers["location"])
        assert problem(came_back(house, back, kept)) == "oidc_provider"
    else:
        assert (address.status_code, address.json()["code"]) == (502, "oidc_provider")
    assert "/elsewhere" not in provider.asked


def test_a_service_that_is_away_is_said_to_be(tmp_path, sqlite_url):
    away = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": CLIENT}
    with house_on(tmp_path, sqlite_url, **away) as house:
        answer = house.get("/auth/oidc/start")
        assert (answer.status_code, answer.json()["code"]) == (502, "oidc_provider")


def test_a_hub_without_one_says_so(tmp_path, sqlite_url):
    with house_on(tmp_path, sqlite_url) as house:
        assert house.get("/auth/oidc/start").json()["code"] == "no_oidc"


def test_the_answer_is_only_good_in_the_browser_that_asked(house, provider):
    linked(house, provider)
    address, kept = left(house)
    _, another = left(house)
    back = provider.authorize(address)
    assert problem(came_back(house, back, {})) == "state"
    assert problem(came_back(house, back, another)) == "state"
    assert problem(came_back(house, back, {"openfit-oidc": "x" * 80})) == "state"
    assert problem(came_back(house, back.replace("iss=", "iss=x"), kept)) == "state"
    late = house.clock.ms()
    house.clock.pass_by(minutes=11)
    assert problem(came_back(house, back, kept)) == "state"
    house.clock.at = late
    assert came_back(house, back, kept).headers["location"] == "/"
    assert problem(came_back(house, back, kept)) == "oidc_provider"  # a code is used once
    denied = back.replace("code=", "error=access_denied&x=")
    assert problem(came_back(house, denied, kept)) == "oidc_refused"


def test_the_cookie_shows_nothing_of_what_it_carries(house, provider):
    address, kept = left(house, "/activities")
    state = parse_qs(urlsplit(address).query)["state"][0]
    raw = kept["openfit-oidc"]
    assert state not in raw and "activities" not in raw
    assert state.encode() not in base64.urlsafe_b64decode(raw)


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/a\r\nSet-Cookie: x=y",
        "\\\\evil.example",
        "/%0d%0aX: y\n",
    ],
)
def test_nobody_is_sent_to_another_site(house, provider, to):
    linked(house, provider)
    assert sign_in(house, provider, to).headers["location"] == "/"


def test_settings_that_cannot_work_stop_the_start(provider):
    from openfit.config import Config

    def made(**said):
        return Client.from_settings(Config(data=None, database_url="", **said))

    assert made() is None
    with pytest.raises(SetupError, match="both|OPENFIT_OIDC_CLIENT_ID"):
        made(oidc_issuer="https://id.example.org")
    with pytest.raises(SetupError, match="https"):
        made(oidc_issuer="http://id.example.org", oidc_client_id="x")


def test_what_is_safe_to_ask():
    assert [is_safe(u) for u in ("https://a.b", "http://localhost:1", "http://127.0.0.1")] == [
        True
    ] * 3
    assert [is_safe(u) for u in ("http://a.b", "ftp://a.b", "//a.b", "http://[", "")] == [False] * 5


def test_the_challenge_is_that_of_rfc_7636():
    """Its appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert not {"none", "HS256", "HS384", "HS512"} & {*ALGORITHMS}
