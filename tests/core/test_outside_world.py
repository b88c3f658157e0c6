"""What strangers send: names that are paths or headers, requests within requests, files that
reach out, addresses that mean another host."""

import socket
import zipfile
from io import BytesIO

import httpx2
import msgspec
import pytest
import uvicorn
from openfit.api import gate
from openfit.config import Config
from openfit.hosting.fetch import Fetcher
from openfit.serving import settings
from openfit_sdk import PermanentError, Request
from openfit_sdk.manifest import Manifest
from support.asking import API, activity_in, asking, hub_on, read_in, served
from support.files import gpx
from support.hostile import external

MADE_UP = "of_" + "q" * 43


@pytest.fixture
def hub(tmp_path, database_url):
    return hub_on(tmp_path / "data", database_url)


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


def files_of(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# Names -------------------------------------------------------------------------------------------

NAMES = [
    "a\r\nSet-Cookie: x=1.gpx",
    "a\nX-Evil: 1.gpx",
    'a"; filename="evil.exe.gpx',
    "../../../etc/cron.d/evil.gpx",
    "\u202egpx.exe.gpx",
    "ünï cödé.gpx",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_never_becomes_a_header_or_a_path(hub, client, name):
    before = files_of(hub.config.data.parent)
    activity = activity_in(hub, client, gpx(1), name)
    answers = [
        client.get(f"{API}/raw/1"),
        client.get(f"{API}/export/activities/{activity}.gpx"),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers and "x-evil" not in answer.headers
        said = answer.headers["content-disposition"]
        assert said.isascii() and '"' not in said and "/" not in said.partition("''")[2]
    assert not any("evil" in path for path in files_of(hub.config.data.parent) - before)


@pytest.mark.parametrize(
    "path",
    [
        "export/activities/..%2f..%2fsecret-key.gpx",
        "export/activities/%2e%2e%2fopenfit.db",
        "raw/..%2f..%2fsecret-key",
        "raw/-1",
        "imports/..%2f..%2fx",
        "uploads/..%2f..%2fopenfit.db",
        "uploads/%00",
        "activities/%00",
        "metrics/..%2f..%2fetc",
    ],
)
def test_what_is_like_a_path_leads_nowhere(client, path):
    answer = client.get(f"{API}/{path}")
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text and "sqlite" not in answer.text.lower()


def test_members_of_an_archive_are_written_nowhere(hub, client):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for n, name in enumerate(["../../slip.gpx", "/abs/slip.gpx", "C:\\slip.gpx", "ok.gpx"]):
            archive.writestr(name, gpx(n))
    [file] = read_in(hub, client, "evil.zip", packed.getvalue())["files"]
    assert file["counts"]["activity"] == 4
    assert not any("slip" in path for path in files_of(hub.config.data.parent))


@pytest.mark.parametrize("root", [b"gpx", b"TrainingCenterDatabase"])
def test_a_file_that_names_another_file_does_not_get_it(hub, client, root):
    report = read_in(hub, client, "xxe.gpx", external(root))
    assert report["files"][0]["status"] in ("failed", "unsupported")
    assert "root:" not in msgspec.json.encode(report).decode()


# Addresses ---------------------------------------------------------------------------------------

ROGUE = msgspec.toml.decode(
    'id = "rogue"\nname = "Rogue"\nsdk = "1"\ndata_types = ["metric:weight"]\n'
    'sync_modes = ["poll"]\nhosts = ["vendor.example", "*.vendor.example"]\n'
    '[auth]\ntype = "none"\n',
    type=Manifest,
)
ELSEWHERE = [
    "https://evil.example/",
    "https://vendor.example.evil.example/",
    "https://vendor.example@evil.example/",
    "https://evil.example#@vendor.example/",
    "https://evil.example\\@vendor.example/",
    "https://evilvendor.example/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://localhost/",
    "http://vendor.example/",
    "file:///etc/passwd",
    "gopher://vendor.example/",
    "//vendor.example/",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_a_plugin_is_fetched_nothing_from_elsewhere(url):
    reached = []

    def answer(request):
        reached.append(str(request.url))
        return httpx2.Response(200)

    fetcher = Fetcher(ROGUE, httpx2.Client(transport=httpx2.MockTransport(answer)))
    with pytest.raises(PermanentError):
        fetcher(Request(method="GET", url=url))
    assert reached == []


@pytest.mark.parametrize("place", ["https://evil.example/", "http://127.0.0.1/", "//evil.example"])
def test_a_redirect_is_answered_and_not_followed(place):
    reached = []

    def answer(request):
        reached.append(request.url.host)
        return httpx2.Response(302, headers={"location": place})

    client = httpx2.Client(transport=httpx2.MockTransport(answer), follow_redirects=False)
    fetched = Fetcher(ROGUE, client)(Request(method="GET", url="https://vendor.example/"))
    assert (fetched.status, reached) == (302, ["vendor.example"])


def test_the_hubs_own_client_checks_certificates_and_follows_nothing():
    client = Fetcher(ROGUE).client
    assert client.follow_redirects is False
    assert client._transport._pool._ssl_context.verify_mode.name == "CERT_REQUIRED"


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/%2f%2fevil.example", "/\\evil.example", "/https://evil.example"]
)
def test_no_address_of_the_hub_leads_to_another_site(client, path):
    answer = client.get(f"http://localhost{path}", follow_redirects=False)
    assert answer.status_code < 300 or answer.status_code >= 400
    assert "location" not in answer.headers


# Tokens ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["token", "access_token", "key", "api_key", "authorization"])
def test_a_token_in_an_address_is_none(client, name):
    key = client.headers.pop("authorization").partition(" ")[2]
    assert client.get(f"{API}/activities", params={name: key}).status_code == 401
    assert client.get(f"{API}/activities", cookies={name: key}).status_code == 401


@pytest.mark.parametrize(
    "value", [MADE_UP, f"Basic {MADE_UP}", "Bearer", "Bearer ", f"Bearer {MADE_UP}", "Bearer \xff"]
)
def test_a_token_that_is_none_is_not_said_again(client, value):
    answer = client.get(f"{API}/activities", headers={"authorization": value.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert MADE_UP not in answer.text


# Requests on the wire ----------------------------------------------------------------------------


def exchanged(client, sent):
    """All that comes back until the server closes or falls silent."""
    host, port = client.base_url.host, client.base_url.port
    with socket.create_connection((host, port), timeout=3) as wire:
        wire.sendall(sent)
        found = b""
        try:
            while piece := wire.recv(65536):
                found += piece
        except TimeoutError:
            pass
    return found


HIDDEN = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
CONFUSED = [
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Content-Length: 0\r\nContent-Length: 48\r\n\r\n",
    b"Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n",
    b"Content-Length: +0\r\n\r\n",
    b"Content-Length: 0x0\r\n\r\n",
    b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("confused", CONFUSED)
def test_a_request_within_a_request_is_not_answered(tmp_path, confused):
    hub = hub_on(tmp_path, f"sqlite:///{tmp_path / 'openfit.db'}")
    with served(hub) as client:
        head = b"POST /api/v1/imports/none/cancel HTTP/1.1\r\nHost: localhost\r\n"
        answer = exchanged(client, head + confused + HIDDEN)
        assert b'{"status":"ok"}' not in answer
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
        assert b'{"status":"ok"}' in exchanged(
            client, HIDDEN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        )


def test_a_body_that_stops_coming_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.3)
    hub = hub_on(tmp_path, f"sqlite:///{tmp_path / 'openfit.db'}")
    with served(hub) as client:
        token = client.headers["authorization"].encode()
        head = b"POST /api/v1/uploads HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + token
        head += b"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        answer = exchanged(client, head)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"too_slow"' in answer


@pytest.mark.parametrize(
    ("proxies", "client", "seen"),
    [
        ((), "10.0.0.1", "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", "203.0.113.9"),
        (("10.0.0.0/8",), "192.0.2.1", "192.0.2.1"),
    ],
)
def test_only_a_named_proxy_says_for_whom_it_asks(tmp_path, proxies, client, seen):
    found = {}

    async def app(scope, receive, send):
        found.update(scope)

    config = Config(data=tmp_path, database_url="", proxies=proxies)
    server = uvicorn.Config(app, **settings(config))
    server.load()
    headers = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "client": (client, 1), "scheme": "http", "headers": headers}
    import asyncio

    asyncio.run(called(server.loaded_app, scope))
    assert found["client"][0] == seen
    assert found["scheme"] == ("https" if seen == "203.0.113.9" else "http")


async def called(app, scope):
    async def nothing(*_):
        return {}

    await app({"method": "GET", "path": "/", **scope}, nothing, nothing)
