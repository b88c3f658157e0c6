"""What every request and answer passes: headers, names, origins, limits, rates, health."""

import gzip
from datetime import date

import pytest
from openfit.api import health
from openfit.api.deprecation import deprecated
from openfit.config import Config
from openfit.errors import SetupError
from openfit.rates import Rate, Rates, parse
from support import apps
from support.asking import API, activity_in, asking, hub_on, newcomer
from support.files import gpx

FETCH = {"accept-encoding": "identity"}


@pytest.fixture
def hub(tmp_path, database_url):
    return hub_on(tmp_path / "data", database_url)


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
PLACES = [
    ("GET", "/", 200),
    ("GET", "/static/app.js", 200),
    ("GET", "/static/no-such.js", 404),
    ("GET", f"{API}/meta", 200),
    ("GET", f"{API}/activities", 200),
    ("GET", f"{API}/activities/none", 404),
    ("GET", f"{API}/no-such-route", 404),
    ("PUT", f"{API}/activities", 405),
    ("GET", f"{API}/activities?limit=many", 400),
]


@pytest.mark.parametrize(("method", "path", "status"), PLACES)
def test_every_answer_carries_the_headers(client, method, path, status):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "camera=()" in answer.headers["permissions-policy"]
    assert len(answer.headers["x-request-id"]) >= 8
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_page_runs_no_script_that_stands_in_it(client):
    policy = client.get("/").headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy and "'unsafe-eval'" not in policy
    assert policy.count("'sha256-") == client.get("/").text.count('type="importmap"')


def test_only_a_hub_behind_tls_asks_for_tls(tmp_path, database_url, client):
    assert "strict-transport-security" not in client.get("/").headers
    public = hub_on(tmp_path / "public", database_url, url="https://fit.example.org")
    with asking(public, "https://fit.example.org") as asked:
        assert "max-age=63072000" in asked.get("/").headers["strict-transport-security"]


@pytest.mark.parametrize("path", ["/", f"{API}/meta", f"{API}/none"])
def test_a_local_hub_answers_to_local_names_alone(client, path):
    answer = client.get(path, headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "host")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("fit.example.org", True),
        ("fit.example.org:8443", True),
        ("localhost", True),
        ("192.0.2.7", True),
        ("[2001:db8::1]:8080", True),
        ("evil.example", False),
        ("fit.example.org.evil.example", False),
        ("fit.example.org@evil.example", False),
        ("", False),
    ],
)
def test_a_public_hub_answers_to_its_name_and_to_addresses(tmp_path, database_url, host, allowed):
    hub = hub_on(tmp_path / "public", database_url, url="https://fit.example.org", host="0.0.0.0")
    with asking(hub) as client:
        answer = client.get(f"{API}/meta", headers={"host": host})
        assert (answer.status_code == 200) is allowed
        assert not allowed or answer.json()["url"] == "https://fit.example.org"


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("nas", True),
        ("pi.local:8080", True),
        ("fit.home.arpa", True),
        ("192.168.1.7:8080", True),
        ("localhost", True),
        ("evil.example", False),
        ("local.evil.example", False),
        ("evillan", True),
        ("evil.xlan", False),
        ("", False),
    ],
)
def test_a_hub_in_a_home_answers_to_names_that_nobody_can_register(
    tmp_path, sqlite_url, host, allowed
):
    with asking(hub_on(tmp_path / "home", sqlite_url, host="0.0.0.0")) as client:
        answer = client.get(f"{API}/meta", headers={"host": host})
    assert (answer.status_code == 200) is allowed
    if not allowed:
        assert "OPENFIT_URL" in answer.json()["next_step"]


# Other sites -------------------------------------------------------------------------------------


@pytest.fixture
def open_to_one(tmp_path, database_url):
    hub = hub_on(tmp_path / "open", database_url, cors_origins=("https://app.example",))
    with asking(hub) as client:
        yield client


def test_no_other_site_may_call_unless_it_is_named(client, open_to_one):
    for asked, origin, allowed in [
        (client, "https://app.example", False),
        (open_to_one, "https://app.example", True),
        (open_to_one, "https://other.example", False),
        (open_to_one, "null", False),
        (open_to_one, "https://app.example.evil.example", False),
    ]:
        answer = asked.get(f"{API}/activities", headers={"origin": origin})
        said = answer.headers.get("access-control-allow-origin")
        assert said == (origin if allowed else None)
        assert "access-control-allow-credentials" not in answer.headers
        assert "origin" in answer.headers["vary"].lower()


def test_a_preflight_names_what_may_be_sent(open_to_one):
    ask = {"origin": "https://app.example", "access-control-request-method": "PATCH"}
    answer = open_to_one.options(f"{API}/activities/x", headers=ask)
    assert answer.status_code == 204
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "Idempotency-Key" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize("text", ["*", "app.example", "https://a.example/path", "null"])
def test_an_origin_is_a_scheme_and_a_host_and_never_a_wildcard(text):
    with pytest.raises(SetupError, match="OPENFIT_CORS_ORIGINS"):
        Config.from_env({"OPENFIT_CORS_ORIGINS": text})


# Packing -----------------------------------------------------------------------------------------


def test_long_answers_are_packed_for_those_who_can_unpack(hub, client):
    activity = activity_in(hub, client, gpx(3))
    path = f"{API}/activities/{activity}/streams"
    plain = client.get(path, headers=FETCH)
    packed = client.get(path, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.headers["etag"] == plain.headers["etag"]


def test_static_files_are_packed_once_and_keep_their_bytes(client):
    plain = client.get("/static/app.js", headers=FETCH)
    packed = client.get("/static/app.js", headers={"accept-encoding": "gzip"})
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content)
    again = client.get("/static/app.js", headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["%2e%2e/app.py", "..%2fapp.py", "vendor/%2e%2e/%2e%2e/app.py", "/etc/passwd", "a\\..\\b"],
)
def test_static_files_are_those_of_the_web_folder(client, path):
    answer = client.get(f"/static/{path}")
    assert answer.status_code == 404


# Limits ------------------------------------------------------------------------------------------


def test_a_body_larger_than_its_route_takes_is_refused(client):
    body = b'{"name": "' + b"x" * 1_100_000 + b'"}'
    answer = client.patch(
        f"{API}/activities/x", content=body, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_bucket_gives_its_burst_then_its_rate():
    now = 0.0
    rates = Rates({"reads": Rate(2, 3)}, clock=lambda: now)
    assert [rates.take("reads", 1).allowed for _ in range(4)] == [True, True, True, False]
    assert rates.take("reads", 2).allowed
    refused = rates.take("reads", 1)
    assert (refused.remaining, refused.retry_after) == (0, 1)
    now = 0.5
    assert [rates.take("reads", 1).allowed for _ in range(2)] == [True, False]
    now = 100.0
    assert [rates.take("reads", 1).allowed for _ in range(4)] == [True, True, True, False]


def test_too_many_of_one_kind_are_told_when_to_come_again(tmp_path, database_url):
    hub = hub_on(tmp_path / "data", database_url, rates={"reads": Rate(0.01, 2)})
    with asking(hub) as client:
        first, second, third = (client.get(f"{API}/activities") for _ in range(3))
        assert first.headers["ratelimit"] == '"reads";r=1;t=100'
        assert second.status_code == 200
        assert (third.status_code, third.json()["code"]) == (429, "too_often")
        assert int(third.headers["retry-after"]) == 100
        assert third.json()["next_step"]
        client.headers["authorization"] = f"Bearer {newcomer(hub)}"
        assert client.get(f"{API}/activities").status_code == 200
        assert client.post(f"{API}/imports/none/cancel").status_code == 404  # another kind


@pytest.mark.parametrize("text", ["reads", "reads=1", "walks=1/2", "reads=0/2", "reads=1/0"])
def test_rates_that_cannot_be_read_stop_the_start(text):
    with pytest.raises(SetupError, match="OPENFIT_RATES"):
        parse(text)


def test_rates_are_read_from_the_settings():
    found = Config.from_env({"OPENFIT_RATES": "reads=5/10, heavy=0.5/2"}).rates
    assert found == {"reads": Rate(5, 10), "heavy": Rate(0.5, 2)}


def test_the_number_of_buckets_is_bounded():
    rates = Rates()
    for user in range(21_000):
        rates.take("reads", user)
    assert len(rates.buckets) == 20_000


# Ids, health, figures ----------------------------------------------------------------------------


def test_a_sane_request_id_is_kept_and_another_replaced(client):
    said = client.get(f"{API}/meta", headers={"x-request-id": "from-proxy-123"})
    assert said.headers["x-request-id"] == "from-proxy-123"
    for strange in ("short", "x" * 65, "a b c d e f g", "id\tid\tid\tid"):
        answer = client.get(f"{API}/meta", headers={"x-request-id": strange})
        assert answer.headers["x-request-id"] != strange


def test_health_and_readiness(client):
    assert client.get(f"{API}/health").json() == {"status": "ok"}
    answer = client.get(f"{API}/ready")
    assert answer.status_code == 200
    assert {check["name"]: check["ok"] for check in answer.json()["checks"]} == {
        "database": True,
        "migrations": True,
        "disk": True,
        "worker": True,
    }


def test_a_hub_whose_disk_is_full_is_not_ready(client, monkeypatch):
    monkeypatch.setattr("openfit.watching.metrics_export.free_bytes", lambda hub: 0)
    answer = client.get(f"{API}/ready")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)


def test_figures_name_routes_and_never_paths(hub, client):
    activity = activity_in(hub, client, gpx(1))
    client.get(f"{API}/activities/{activity}")
    client.get(f"{API}/no-such/{activity}")
    text = client.get(f"{API}/meta/prometheus").text
    assert 'route="/api/v1/activities/{activity_id}"' in text
    assert 'openfit_requests_total{method="GET",route="none",status="404"} 1.0' in text
    assert activity not in text
    assert "openfit_database_bytes" in text and "openfit_users 1.0" in text


def test_figures_are_for_the_owner_or_a_monitor_with_its_token(tmp_path, database_url):
    hub = hub_on(tmp_path / "data", database_url, metrics_token="monitor-token-1234")
    with asking(hub) as client:
        assert client.get(f"{API}/meta/prometheus").status_code == 200
        del client.headers["authorization"]
        assert client.get(f"{API}/meta/prometheus").status_code == 401
        good = {"authorization": "Bearer monitor-token-1234"}
        assert client.get(f"{API}/meta/prometheus", headers=good).status_code == 200
        assert client.get(f"{API}/activities", headers=good).status_code == 401


def test_capabilities_say_what_there_is(client):
    found = client.get(f"{API}/meta/capabilities").json()
    assert {"name": "fit", "integration": "fileimport"} in found["writes"]
    assert "resumable_uploads" in found["features"]
    assert "listActivities" in found["routes"]
    assert found["catalogue"]["metrics"] > 200
    assert found["limits"]["rates"]["reads"]["per_second"] == 1000


def test_packed_bodies_are_gzip(client):
    raw = client.get(f"{API}/openapi/openapi.json", headers={"accept-encoding": "gzip"})
    assert raw.headers["content-encoding"] == "gzip"
    assert len(gzip.compress(raw.content)) < len(raw.content)


# Leaving -----------------------------------------------------------------------------------------


def test_a_route_that_will_go_says_so_in_each_answer_and_in_the_document(tmp_path, monkeypatch):
    going = deprecated(date(2027, 1, 1), date(2027, 9, 1), "/api/v1/activities/journal")
    hub = hub_on(tmp_path, f"sqlite:///{tmp_path / 'openfit.db'}")
    monkeypatch.setitem(health.health.opt, "deprecated", going["deprecated"])
    monkeypatch.setattr(apps, "idle", [])  # routes of its own, which nobody uses afterwards
    with asking(hub) as client:
        answer = client.get(f"{API}/health")
        document = client.get(f"{API}/openapi/openapi.json").json()
    assert answer.headers["deprecation"] == "@1798761600"
    assert answer.headers["sunset"] == "Wed, 01 Sep 2027 00:00:00 GMT"
    assert answer.headers["link"] == '</api/v1/activities/journal>; rel="successor-version"'
    assert document["paths"][f"{API}/health"]["get"]["deprecated"] is True
    assert not document["paths"][f"{API}/ready"]["get"].get("deprecated")


def test_nobody_is_given_less_than_half_a_year():
    with pytest.raises(ValueError, match="too soon"):
        deprecated(date(2027, 1, 1), date(2027, 6, 1), "/x")
