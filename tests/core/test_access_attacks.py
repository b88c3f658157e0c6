"""What is tried against a sign-in: one test for each, by the names that OWASP gives them."""

import asyncio
import logging
import re
from urllib.parse import quote

import httpx
import pytest
from openfit.api.errors import STEPS
from openfit.errors import TooOften
from openfit.rates import Rate
from openfit.store import engine, keys, people
from openfit.watching.redaction import redact
from support.access import API, GOOD, Post, house_on
from support.routes import routes

PAGE = {"x-openfit-page": "1"}


@pytest.fixture
def house(tmp_path, sqlite_url):
    with house_on(tmp_path / "data", sqlite_url) as house:
        house.set_up()
        yield house


def session_of(answer):
    return re.search(r"openfit-session=([^;]*)", answer.headers["set-cookie"])[1]


# Session fixation --------------------------------------------------------------------------------


def test_a_session_that_was_brought_along_is_not_gone_on_with(house):
    house.add("Eve")
    planted = session_of(house.login("eve", headers=PAGE))
    kept = {"openfit-session": planted}
    answer = house.login("ann", headers=PAGE, cookies=kept)
    assert session_of(answer) != planted
    assert answer.json()["user"]["name"] == "Ann"
    eve = house.post("/auth/refresh", {"refresh_token": planted}).json()
    assert eve["user"]["name"] == "Eve"  # and neither is the other's
    sessions = house.get("/account/sessions", token=answer.json()["access_token"]).json()["items"]
    assert {row["how"] for row in sessions} == {"link", "password"}


@pytest.mark.parametrize("field", ["session_id", "sid", "id"])
def test_nobody_names_their_own_session(house, field):
    assert house.login("ann", **{field: "chosen"}).status_code == 400


# Cross-site request forgery ----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/token/refresh", "/auth/logout"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "https://evil.example", "x-openfit-page": "1"},
        {"origin": "null", "x-openfit-page": "1"},
        {"x-openfit-page": "0"},
    ],
)
def test_another_site_cannot_use_the_cookie(house, path, headers):
    kept = {"openfit-session": session_of(house.login("ann", headers=PAGE))}
    refused = house.post(path, cookies=kept, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    assert house.post("/auth/refresh", cookies=kept, headers=PAGE).status_code == 200


def test_another_site_cannot_sign_a_browser_in(house):
    """A form of another site can send JSON as text, but not the header that sets a cookie."""
    body = '{"email": "ann@example.org", "password": "%s"}' % GOOD  # noqa: UP031
    headers = {"content-type": "text/plain", "origin": "https://evil.example"}
    answer = house.client.post("/api/v1/auth/login", content=body, headers=headers)
    assert "set-cookie" not in answer.headers
    answer = house.login("ann", headers=PAGE | {"origin": "https://evil.example"})
    assert "set-cookie" not in answer.headers


def test_a_page_of_this_hub_may(house):
    for origin in ("http://localhost", "http://localhost:8080"):
        answer = house.login("ann", headers=PAGE | {"origin": origin})
        assert "openfit-session" in answer.headers["set-cookie"], origin


def test_a_cookie_alone_asks_for_nothing(house):
    kept = {"openfit-session": session_of(house.login("ann", headers=PAGE))}
    assert house.get("/account", cookies=kept, headers=PAGE).status_code == 401


# Mass assignment ---------------------------------------------------------------------------------


@pytest.mark.parametrize("extra", [{"role": "owner"}, {"user_id": 1}, {"disabled": False}])
def test_no_body_takes_more_than_it_says(house, extra):
    """Of every route that takes JSON: a field too many is refused, not ignored."""
    house.add("Bob")
    token = house.token("bob")
    document = house.app.openapi_schema.to_schema()
    loose = []
    for route in routes(house.app):
        operation = document["paths"][f"/api/v1{route.path}"][route.method]
        schema = body_of(document, operation)
        if schema is None or not re.match(r"/(auth|account|users|grants)", route.path):
            continue
        if {*extra} & {*schema.get("properties", {})}:
            continue  # it is meant to
        if schema.get("additionalProperties") is not False:
            loose.append(route.id)
    assert loose == []
    renamed = house.call("patch", "/account", {"name": "Bob"} | extra, token=token)
    assert renamed.status_code == 400
    assert house.get("/account", token=token).json()["role"] == "member"


def body_of(document, operation):
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    while schema and "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


# Brute force -------------------------------------------------------------------------------------


def test_guessing_at_one_account_is_slowed_down(house):
    answers = [house.login("ann", f"guess number {n}").status_code for n in range(12)]
    assert answers == [401] * 10 + [429] * 2
    slowed = house.login("ann")
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "30")
    house.clock.pass_by(seconds=30)
    assert house.login("ann").status_code == 200


def test_guessing_at_many_accounts_from_one_place_is_slowed_down(house):
    names = [f"user{n}" for n in range(25)]
    answers = [house.login(name, "the same guess").status_code for name in names]
    assert answers == [401] * 20 + [429] * 5


def test_a_stolen_session_cannot_try_out_the_password(house):
    token = house.token("ann")
    house.clock.pass_by(minutes=5)
    wish = {"new": "a new one of mine"}
    answers = [
        house.post("/account/password", wish | {"current": f"guess {n} of it"}, token=token)
        for n in range(12)
    ]
    assert [answer.status_code for answer in answers] == [403] * 10 + [429] * 2


# What is told ------------------------------------------------------------------------------------


def test_a_sign_in_tells_nobody_who_has_an_account(house):
    house.add("Bob", disabled=True)
    house.add("Eve", password=None)
    told = {house.login(name, "wrong wrong").text for name in ("ann", "bob", "eve", "nobody")}
    assert len(told) == 1


def test_no_secret_reaches_the_log(house, caplog, capsys):
    """Whatever happens at the door: good, bad, broken."""
    caplog.set_level(logging.DEBUG)
    house.access.mailer = post = Post()
    signed_in = house.login("ann").json()
    key = house.post(
        "/account/keys", {"name": "k", "scopes": ["read"]}, token=signed_in["access_token"]
    ).json()["key"]
    link = house.post("/users", {"name": "Bob"}, token=signed_in["access_token"]).json()["link"]
    house.post("/auth/request-otp", {"email": "ann@example.org"})
    house.settle()
    code = re.search(r"\d{6}", post.sent[-1][2])[0]
    for token in (key, "of_" + "x" * 40, signed_in["access_token"]):
        house.get("/activities", token=token)
    house.post("/auth/verify-otp", {"email": "ann@example.org", "code": "000000"})
    house.post("/auth/refresh", {"refresh_token": signed_in["refresh_token"]})
    house.access.sessions = None  # now everything fails with a trace
    house.client.app.debug = False
    for path, body in (
        ("/auth/login", {"email": "ann@example.org", "password": GOOD}),
        ("/auth/verify-otp", {"email": "ann@example.org", "code": code}),
        ("/auth/refresh", {"refresh_token": signed_in["refresh_token"]}),
    ):
        assert house.post(path, body).status_code == 500
    said = caplog.text + "".join(capsys.readouterr())
    assert "failed" in said
    secrets = [*signed_in.values(), key, link.partition("#")[2], GOOD]
    for secret in (one for one in secrets if isinstance(one, str) and len(one) > 8):
        assert secret not in said
    assert code not in said


@pytest.mark.parametrize("made", ["key", "access", "refresh", "setup"])
def test_the_log_would_hide_what_is_issued_here(house, made):
    signed_in = house.login("ann").json()
    secret = {
        "key": "of_abcdefghijklmnopqrstuvwxyz0123456789",
        "access": signed_in["access_token"],
        "refresh": signed_in["refresh_token"],
        "setup": '"token": "abcdefghijklmnopqrstuvwxyz0123456789"',
    }[made]
    assert secret not in redact(f"something went wrong with {secret} here")


def test_a_refusal_names_no_file_and_no_token():
    assert "owner-token" not in STEPS[401]


def test_answers_that_hold_secrets_are_kept_by_nobody(house):
    signed_in = house.login("ann")
    token = signed_in.json()["access_token"]
    wish = {"name": "k", "scopes": ["read"]}
    once = {"idempotency-key": "the-same-key-twice"}
    first = house.post("/account/keys", wish, token=token, headers=once)
    again = house.post("/account/keys", wish, token=token, headers=once)
    assert signed_in.headers["cache-control"] == first.headers["cache-control"] == "no-store"
    assert first.json()["key"] not in again.text
    with house.hub.engine.connect() as conn:
        stored = conn.exec_driver_sql("select body from replays").scalars().all()
    assert all(first.json()["key"].encode() not in (body or b"") for body in stored)


# The demo ----------------------------------------------------------------------------------------


def test_a_demo_gives_its_key_to_its_own_page_alone_and_it_ends_with_the_process(
    tmp_path, sqlite_url
):
    with house_on(tmp_path, sqlite_url, demo=True) as demo:
        key = demo.get("/meta").json()["token"]
        assert demo.get("/users", token=key).status_code == 200
        for site in ("cross-site", "same-site"):
            assert "token" not in demo.get("/meta", headers={"sec-fetch-site": site}).json()
        with demo.hub.engine.connect() as conn:
            assert keys.of_user(conn, 1) == []
    with house_on(tmp_path, sqlite_url, demo=True) as again:
        assert again.get("/users", token=key).status_code == 401
    with house_on(tmp_path, sqlite_url, demo=True, host="0.0.0.0") as outside:
        assert "token" not in outside.get("/meta").json()


# Odd bytes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", ["\x00", "a\x00b", "\ud800", "a" * 100_000, "", " " * 12])
def test_odd_words_are_refused_not_stumbled_over(house, odd):
    token = house.token("ann")
    for method, path, body in (
        ("post", "/auth/login", {"email": "ann@example.org", "password": odd}),
        ("post", "/auth/login", {"email": odd, "password": GOOD}),
        ("post", "/auth/refresh", {"refresh_token": odd}),
        ("post", "/auth/link", {"token": odd}),
        ("post", "/auth/verify-otp", {"email": "ann@example.org", "code": odd}),
        ("patch", "/account", {"name": odd}),
        ("post", "/account/keys", {"name": odd, "scopes": ["read"]}),
        ("post", "/grants/accept", {"token": odd}),
        ("post", "/account/password", {"new": odd, "current": GOOD}),
    ):
        try:
            answer = house.call(method, path, body, token=token)
        except UnicodeEncodeError:
            continue  # not even the client can send it
        assert 400 <= answer.status_code < 500, (path, answer.status_code, answer.text)
    if odd.isprintable():
        strange = house.get("/account", headers={"authorization": f"Bearer {odd.strip()[:200]}"})
        assert strange.status_code == 401


def test_a_first_start_is_nobodys_by_guessing(tmp_path, sqlite_url):
    """No password, no address, no key: only the link."""
    with house_on(tmp_path, sqlite_url) as fresh:
        assert people_with_ways(fresh) == []
        for password in ("", "admin", "openfit", "password", "Owner"):
            body = {"email": "owner@localhost", "password": password or " "}
            assert fresh.post("/auth/login", body).status_code == 401
        assert fresh.post("/auth/setup", {"token": "x" * 43, "name": "Eve"}).status_code == 401


def people_with_ways(house):
    with engine.write(house.hub.engine) as conn:
        return [row for row in people.rows(conn) if row.password or row.email or row.subject]


ODD_BYTES = [
    b"\xff",
    b"\xc3\xa9",
    b"of_\xff" + b"x" * 40,
    b"eyJ\xff.eyJ\xff.\xff",
    b"ofr_\xe2\x82\xac",
]


@pytest.mark.parametrize("odd", ODD_BYTES)
def test_bytes_that_no_token_has_are_strangers_not_faults(tmp_path, sqlite_url, odd):
    """Who compares secrets as text falls over what is not ASCII."""
    settings = {"metrics_token": "the monitor's", "oidc_issuer": "https://id.example.org"}
    with house_on(tmp_path, sqlite_url, oidc_client_id="me", **settings) as house:
        token = house.set_up()["access_token"].encode()
        bearer, mine = (b"authorization", b"Bearer " + odd), (b"authorization", b"Bearer " + token)
        page = (b"x-openfit-page", b"1")
        shown = quote(odd)
        for method, path, *headers in (
            ("GET", "/meta/prometheus", bearer),
            ("GET", "/activities", bearer),
            ("POST", "/auth/refresh", page, (b"cookie", b"openfit-session=" + odd)),
            ("POST", "/auth/logout", page, (b"cookie", b"openfit-session=" + odd)),
            ("GET", f"/auth/oidc/callback?state={shown}", (b"cookie", b"openfit-oidc=" + odd)),
            ("POST", f"/webhooks/fileimport.{shown}", (b"x-signature", odd)),
            ("GET", f"/activities?person={shown}&cursor={shown}", mine),
            ("GET", f"/account/audit?cursor={shown}", mine),
            ("DELETE", f"/account/keys/{shown}", mine),
            ("GET", "/activities", mine, (b"if-none-match", odd), (b"range", odd)),
            ("PUT", "/profile/weight", mine, (b"if-match", odd), (b"idempotency-key", odd * 4)),
            ("POST", "/auth/login", page, (b"origin", odd), (b"user-agent", odd)),
            ("GET", "/health", (b"x-request-id", odd), (b"x-forwarded-for", odd)),
        ):
            body = {} if method in ("POST", "PUT") else None
            house.client.cookies.clear()
            answer = house.client.request(method, API + path, headers=headers, json=body)
            assert answer.status_code < 500, (method, path, headers, answer.text)


@pytest.mark.parametrize(
    "body", [b'{"email": "\xff"}', b'{"\xc3": 1}', b"\xff\xfe{}", b'"\xe2\x82"']
)
def test_a_body_that_is_no_utf_8_is_refused(house, body):
    token = house.token("ann")
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    for path in ("/auth/login", "/account/keys"):
        answer = house.client.post(API + path, content=body, headers=headers)
        assert answer.status_code == 400, (path, answer.text)
        assert answer.json()["next_step"]


def test_the_monitors_token_may_be_of_any_letters(tmp_path, sqlite_url):
    with house_on(tmp_path, sqlite_url, metrics_token="schlüssel") as house:
        for token, status in (("schlüssel", 200), ("schlussel", 401), ("", 401)):
            headers = [(b"authorization", f"Bearer {token}".encode())]
            answer = house.client.get(f"{API}/meta/prometheus", headers=headers)
            assert answer.status_code == status, token


# Floods ------------------------------------------------------------------------------------------


def from_address(house, address, method, path):
    async def asked():
        to = httpx.ASGITransport(app=house.app, client=(address, 50_000))
        async with httpx.AsyncClient(transport=to, base_url="http://localhost") as client:
            return await client.request(method, API + path)

    return asyncio.run(asked())


def test_who_brings_nothing_is_counted_by_where_they_are(tmp_path, sqlite_url):
    with house_on(tmp_path, sqlite_url, rates={"open": Rate(0.01, 3)}) as house:

        def asked(address, path="/health"):
            return from_address(house, address, "GET", path).status_code

        assert [asked("192.0.2.1") for _ in range(4)] == [200, 200, 200, 429]
        assert asked("192.0.2.1", "/auth/methods") == 429
        assert asked("::ffff:192.0.2.1") == 429
        assert asked("192.0.2.2") == 200
        household = [asked(f"2001:db8:1:2::{n}") for n in range(4)]  # one line has a /64
        assert household == [200, 200, 200, 429]
        assert asked("2001:db8:1:3::1") == 200
        late = from_address(house, "192.0.2.1", "GET", "/meta")
        assert (late.json()["code"], late.headers["retry-after"]) == ("too_often", "100")


def test_a_flood_of_calls_ends_before_anything_is_looked_for(tmp_path, sqlite_url):
    """By the address that is called, from wherever, and by who calls."""
    with house_on(tmp_path, sqlite_url, rates={"webhooks": Rate(0.01, 4)}) as house:

        def called(address, ending):
            return from_address(house, address, "POST", f"/webhooks/{ending}").status_code

        assert [called("192.0.2.1", f"one.{n}") for n in range(6)] == [404] * 4 + [429] * 2
        assert [called(f"192.0.2.{n}", "two.x") for n in range(2, 8)] == [404] * 4 + [429] * 2
        assert called("192.0.2.9", "three.x") == 404
        late = from_address(house, "192.0.2.1", "POST", "/webhooks/caller")
        assert (late.status_code, late.headers["retry-after"]) == (429, "100")


def test_a_guesser_with_many_addresses_of_one_line_is_one(house):
    addresses = [f"2001:db8::{n}" for n in range(21)]
    for address in addresses[:20]:
        house.access.doors.knock("address", address)
    with pytest.raises(TooOften):
        house.access.doors.knock("address", addresses[20])
