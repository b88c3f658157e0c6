"""The test kit: a good plugin passes, and each rule catches the plugin that breaks it."""

import inspect
import os

import msgspec
import pytest
from openfit_sdk import PermanentError, Request, Response
from openfit_sdk.manifest import read_manifest
from openfit_sdk.testing import IntegrationSuite, Tape, record, replay
from openfit_sdk.testing.integrations import FAULTS
from openfit_sdk.testing.tapes import Exchange

API = "https://api.vendor.example"
MANIFEST = """
id = "vendor"
name = "Vendor"
sdk = "1"
data_types = ["metric:weight"]
sync_modes = ["poll"]
hosts = ["api.vendor.example"]
[auth]
type = "api_key"
"""
CODE = """
import datetime, random, socket, sys, time, uuid
import msgspec
from openfit_sdk import *
from openfit_sdk.schema import Metric, Sleep

API = "https://api.vendor.example"
LAST = []

@hookimpl
def authenticate(credentials, http):
    return AuthState(access_token=credentials.key)

@hookimpl
def sync(auth_state, http, cursor):
    page = int(cursor.get("page", "1"))
    while page <= 3:
        found = http.get(f"{API}/weighings", {"page": page}, type=list[msgspec.Raw])
        page += 1
        items = [RawItem.from_json("weighing", record) for record in found]
        yield SyncResult(items, {"page": str(page)})

@hookimpl
def normalize(raw_item):
    weighing = msgspec.json.decode(raw_item.read())
    start = datetime.datetime.fromisoformat(weighing["at"])
    yield Metric(key=weighing["id"], type="weight", start=start, t=[0], v=[weighing["kg"]])
"""
IN_NORMALIZE = "    weighing = msgspec.json.decode(raw_item.read())\n"
FETCH = '        found = http.get(f"{API}/weighings", {"page": page}, type=list[msgspec.Raw])\n'
TAPE = msgspec.convert(
    {
        "start": "2026-03-01T00:00:00Z",
        "end": "2026-03-08T00:00:00Z",
        "credentials": {"kind": "api_key", "key": "key-of-somebody"},
        "exchanges": [
            {
                "method": "GET",
                "url": f"{API}/weighings?page={page}",
                "body": [
                    {"id": f"w{page}{n}", "at": f"2026-03-0{page}T07:0{n}:00+01:00", "kg": 71.3}
                    for n in range(2)
                ],
            }
            for page in (1, 2, 3)
        ],
    },
    Tape,
)


class OfVendor(IntegrationSuite):
    """Its tests are called one by one, on a good plugin and on bad ones."""

    plugin = "openfit_vendor"


RULES = sorted(name for name in dir(OfVendor) if name.startswith("test_"))


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """The suite of the plugin above, with one thing changed in its code or its manifest."""
    monkeypatch.syspath_prepend(tmp_path)

    def of(old: str = "", new: str = "") -> OfVendor:
        assert old in CODE or old in MANIFEST
        for name, text in {"__init__.py": CODE, "manifest.toml": MANIFEST}.items():
            file = tmp_path / "openfit_vendor" / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text.replace(old, new) if old else text)
        made = OfVendor()
        made.tapes = tmp_path / "tapes"
        made.tapes.mkdir()
        TAPE.save(made.tapes / "three-pages.json")
        return made

    return of


def follow(suite: OfVendor, rule: str, **given) -> None:
    """Call one test of a suite with what it asks for, as pytest would."""
    test = getattr(suite, rule)
    wanted = inspect.signature(test).parameters
    if "manifest" in wanted:
        given["manifest"] = read_manifest(suite.plugin)
    if "recordings" in wanted:
        given["recordings"] = [Tape.load(path) for path in suite.tapes.iterdir()]
    if "raw_items" in wanted:
        given["raw_items"] = suite.fetched(TAPE, read_manifest(suite.plugin))
    test(**given)


@pytest.mark.parametrize("rule", RULES)
def test_a_good_plugin_keeps(rule, suite):
    good = suite()
    for given in [{"fault": fault} for fault in FAULTS] if "fault" in rule else [{}]:
        follow(good, rule, **given)


BREACHES = {
    "a type that is not in the catalogue": (
        "test_the_manifest_is_valid",
        '"metric:weight"',
        '"metric:wieght"',
    ),
    "no sync": ("test_the_hooks_fit_the_contract", "@hookimpl\ndef sync", "def sync"),
    "actions that nobody does": (
        "test_the_hooks_fit_the_contract",
        "[auth]",
        '[actions.buzz]\ntitle = "Buzz"\n[auth]',
    ),
    "a hook that nothing lists": (
        "test_the_hooks_fit_the_contract",
        "@hookimpl\ndef normalize",
        "@hookimpl\ndef act(action):\n    yield Progress(action)\n\n@hookimpl\ndef normalize",
    ),
    "a host that is not listed": (
        "test_only_listed_hosts_are_contacted",
        'hosts = ["api.vendor.example"]',
        'hosts = ["vendor.example"]',
    ),
    "an entity that is not announced": (
        "test_entities_are_announced_in_the_manifest",
        'type="weight"',
        'type="body_fat"',
    ),
    "grams for kilograms": (
        "test_entities_are_sound",
        'v=[weighing["kg"]]',
        'v=[weighing["kg"] * 1000]',
    ),
    "a memory of earlier items": (
        "test_the_same_bytes_give_the_same_entities",
        IN_NORMALIZE,
        IN_NORMALIZE + "    LAST.append(1)\n    weighing['kg'] += len(LAST)\n",
    ),
    "one record twice": (
        "test_fetching_again_brings_no_new_raw_item",
        "SyncResult(items,",
        "SyncResult(items + items,",
    ),
    "names that change": (
        "test_fetching_again_brings_no_new_raw_item",
        'RawItem.from_json("weighing", record)',
        'RawItem(kind="weighing", id=uuid.uuid4().hex, body=bytes(record))',
    ),
    "a cursor that runs ahead": (
        "test_a_kill_after_any_page_loses_nothing",
        '{"page": str(page)}',
        '{"page": str(page + 1)}',
    ),
    "a token that is printed": (
        "test_secrets_are_not_said",
        "    page = int(",
        "    print(auth_state.access_token)\n    page = int(",
    ),
}


@pytest.mark.parametrize("what", BREACHES)
def test_a_bad_plugin_is_caught_for(what, suite):
    rule, old, new = BREACHES[what]
    with pytest.raises(AssertionError):
        follow(suite(old, new), rule)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_plugin_that_swallows_faults_is_caught(fault, suite):
    swallowed = f"        try:\n    {FETCH}        except IntegrationError:\n            return\n"
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        follow(suite(FETCH, swallowed), "test_a_fault_becomes_the_right_error", fault=fault)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        ("datetime.datetime.now()", "datetime.now"),
        ("datetime.date.today()", "datetime.today"),
        ("time.time()", "time.time"),
        ("random.random()", "random.random"),
        ("random.randint(1, 6)", "random.randint"),
        ("uuid.uuid4()", "uuid.uuid4"),
        ("socket.create_connection(('127.0.0.1', 9))", "socket.getaddrinfo"),
    ],
)
def test_normalize_may_not_ask_for(call, named, suite):
    bad = suite(IN_NORMALIZE, f"{IN_NORMALIZE}    {call}\n")
    with pytest.raises(PermanentError, match=f"normalize asked for {named}"):
        follow(bad, "test_normalize_asks_for_the_bytes_alone")


def test_a_clock_may_be_read_where_no_bytes_are_translated(suite):
    ticking = suite("    page = int(", "    time.time()\n    page = int(")
    follow(ticking, "test_normalize_asks_for_the_bytes_alone")


# Tapes --------------------------------------------------------------------------------------------


def get(url: str, *, spool: bool = False) -> Request:
    return Request(method="GET", url=url, spool=spool)


def tape_of(*exchanges: Exchange) -> Tape:
    return msgspec.structs.replace(TAPE, exchanges=list(exchanges))


def test_a_tape_answers_in_order_and_its_last_answer_goes_on():
    vendor = replay(tape_of(*(Exchange("GET", f"{API}/n", text=text) for text in ("one", "two"))))
    assert [vendor(get(f"{API}/n")).body for _ in range(3)] == [b"one", b"two", b"two"]
    assert [request.url for request in vendor.asked] == [f"{API}/n"] * 3


def test_the_order_of_a_query_does_not_matter():
    vendor = replay(tape_of(Exchange("GET", f"{API}/n?a=1&b=2", text="x")))
    assert vendor(get(f"{API}/n?b=2&a=1")).body == b"x"


def test_what_is_not_on_the_tape_is_named():
    with pytest.raises(AssertionError, match=f"the tape has no GET {API}/unheard"):
        replay(TAPE)(get(f"{API}/unheard"))


def test_what_was_recorded_is_played_back_without_its_secrets(tmp_path):
    def vendor(request: Request) -> Response:
        body = b"\x00\xffFIT" if "file" in request.url else b'{"mail": "me@mail.example"}'
        return Response(status=200, body=body)

    recorder = record(vendor, redact=["me@mail.example", "s3cret"])
    for path in ("me?key=s3cret", "file"):
        recorder(get(f"{API}/{path}"))
    path = tmp_path / "tape.json"
    tape_of(*recorder.exchanges).save(path)
    assert b"s3cret" not in path.read_bytes()
    played = replay(Tape.load(path))
    assert played(get(f"{API}/me?key=REDACTED")).body == b'{"mail": "REDACTED"}'
    assert played(get(f"{API}/file")).body == b"\x00\xffFIT"


def test_a_download_is_recorded_and_played_back_as_a_blob():
    recorder = record(replay(tape_of(Exchange("GET", f"{API}/z", raw=b"PK\x03\x04"))))
    recorder(get(f"{API}/z", spool=True))
    again = replay(tape_of(*recorder.exchanges))
    response = again(get(f"{API}/z", spool=True))
    assert response.body == b""
    assert os.pread(response.blob.fd, response.blob.size, 0) == b"PK\x03\x04"


def test_a_plugin_that_downloads_passes_with_the_bytes_of_its_tape(suite):
    download = (
        '        blob = http.download(f"{API}/weighings", {"page": page})\n'
        "        page += 1\n"
        "        item = RawItem(kind='page', id=str(page), body=blob)\n"
        "        yield SyncResult([item], {'page': str(page)})\n"
        "        continue\n"
    )
    loading = suite(FETCH, download)
    items = loading.fetched(TAPE, read_manifest(loading.plugin))
    assert [msgspec.json.decode(item.read())[0]["id"] for item in items] == ["w10", "w20", "w30"]
    follow(loading, "test_a_kill_after_any_page_loses_nothing")
