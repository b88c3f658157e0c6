"""Calls of vendors: kept first, judged by the plugin in its host, followed; on both databases."""

import hashlib
import hmac
import sys

import pytest
from openfit.config import Config
from openfit.hosting.hosts import Hosts
from openfit.hub import open_hub
from openfit.intake import connect
from openfit.store import connections, raw, waiting
from openfit.store.tables import raw_items
from openfit_sdk import ApiKey
from openfit_sdk.manifest import Installed
from sqlalchemy import select
from support.persons import asking, person

SECRET = "a-secret-of-this-test"
PLUGIN = """
import hashlib, hmac, json
from datetime import date
from openfit_sdk import AuthState, PermanentError, RawItem, WebhookResult, hookimpl
from openfit_sdk.schema import Wellness

@hookimpl
def authenticate(credentials):
    return AuthState(access_token=credentials.key, account_id=credentials.key,
                     extra={"webhook_secret": "a-secret-of-this-test"})

@hookimpl
def webhook(request, secret):
    if request.method == "GET":
        return WebhookResult(answer=request.query["challenge"].encode())
    signed = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signed, request.headers.get("x-signature", "")):
        raise PermanentError("wrong signature, and the secret is " + secret)
    said = json.loads(request.body)
    if "day" not in said:
        return WebhookResult(sync=True, answer=b"thanks")
    return WebhookResult(items=[RawItem(kind="day", id=said["day"], body=request.body)])

@hookimpl
def normalize(raw_item):
    said = json.loads(raw_item.read())
    day, steps = said["day"], said["steps"]
    yield Wellness(key=day, day=date.fromisoformat(day), values={"steps": steps})
"""
MANIFEST = """
id = "caller"
name = "Caller"
sdk = "1"
data_types = ["wellness"]
sync_modes = ["webhook"]
[auth]
type = "api_key"
"""


class FromFolder(Installed):
    def __init__(self, module):
        self.name, self.module = module.removeprefix("openfit_"), module
        self.dist, self.version = module, "1.0.0"


@pytest.fixture
def hub(tmp_path, database_url, monkeypatch):
    package = tmp_path / "openfit_caller"
    package.mkdir()
    (package / "__init__.py").write_text(PLUGIN)
    (package / "manifest.toml").write_text(MANIFEST)
    monkeypatch.setattr("openfit.hosting.hosts.PATHS", [tmp_path])
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    hub = open_hub(Config(data=tmp_path / "data", database_url=database_url))
    hub.plugins.plugins["caller"] = FromFolder("openfit_caller")
    return hub


@pytest.fixture
def ada(hub):
    with asking(hub) as client:
        yield person(client, hub)


def link(asker, key):
    with Hosts(asker.hub) as hosts:
        row = connect.connect(asker.hub, hosts, asker.user_id, "caller", ApiKey(key=key))
    address = asker.get(f"/connections/{row.connection_id}/webhook")["url"]
    return row, address.removeprefix("http://localhost")


def call(asker, path, body, signed=True):
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest() if signed else "0" * 64
    return asker.client.post(path, content=body, headers={"x-signature": signature})


def kept(asker):
    query = select(raw_items).where(raw_items.c.user_id == asker.user_id)
    with asker.hub.engine.connect() as conn:
        rows = conn.execute(query.order_by(raw_items.c.receipt)).all()
        bodies = [raw.small_body(conn, asker.user_id, row.sha256) for row in rows]
    return [(row.kind, row.state, body) for row, body in zip(rows, bodies, strict=True)]


def test_a_genuine_call_brings_its_data(ada):
    row, path = link(ada, "ada-key-123456")
    body = b'{"day":"2026-03-01","steps":4321}'
    assert call(ada, path, body).status_code == 200
    assert kept(ada) == [("webhook", "noted", body), ("day", "pending", body)]
    call(ada, path, body)  # vendors call twice
    assert len(kept(ada)) == 2
    ada.settle()
    assert ada.get("/metrics/steps/daily")["values"] == [4321.0]
    assert kept(ada)[0][1] == "noted"


def test_a_forged_call_is_kept_and_nothing_follows(ada):
    row, path = link(ada, "ada-key-123456")
    body = b'{"day":"2026-03-01","steps":1}'
    answer = call(ada, path, body, signed=False)
    assert (answer.status_code, answer.json()["code"]) == (400, "unverified")
    assert SECRET not in answer.text
    ada.settle()
    assert kept(ada) == [("webhook", "unverified", body)]
    with ada.hub.engine.connect() as conn:
        assert not waiting.any_of(conn, ada.user_id, row.connection_id)
    assert ada.get("/metrics")["items"] == []
    assert call(ada, path, body).status_code == 200  # the same bytes, and genuine
    assert [state for _, state, _ in kept(ada)] == ["noted", "pending"]


def test_a_wish_to_sync_is_followed_and_a_question_answered(ada):
    row, path = link(ada, "ada-key-123456")
    with ada.hub.engine.connect() as conn:
        before = connections.get(conn, ada.user_id, row.connection_id).next_sync_at
    answer = call(ada, path, b"{}")
    assert answer.content == b"thanks"
    with ada.hub.engine.connect() as conn:
        after = connections.get(conn, ada.user_id, row.connection_id).next_sync_at
    assert after >= before
    asked = ada.client.get(path, params={"challenge": "echo me"})
    assert (asked.content, asked.headers["content-type"].split(";")[0]) == (
        b"echo me",
        "text/plain",
    )


def test_every_call_finds_its_own_person(ada, hub):
    eve = person(ada.client, hub, "Eve")
    _, of_ada = link(ada, "ada-key-123456")
    _, of_eve = link(eve, "eve-key-123456")
    assert of_ada != of_eve
    call(ada, of_eve, b'{"day":"2026-03-01","steps":5}')
    assert kept(ada) == []
    assert len(kept(eve)) == 2
    base = "/api/v1/webhooks/caller"
    assert ada.client.post(base, content=b"{}").status_code == 404  # of two, which?


WRONG = ["nothing", "fileimport", "caller.x", "caller." + "0" * 32, "caller.é"]


def test_addresses_that_nobody_declared_are_not_there(ada):
    link(ada, "ada-key-123456")
    for ending in WRONG:
        answer = ada.client.post(f"/api/v1/webhooks/{ending}", content=b"{}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_webhook"), ending
    assert kept(ada) == []
    made = ada.send("POST", "/integrations/fileimport/connect", {})
    ada.get(f"/connections/{made['connection_id']}/webhook", 404)


def test_of_calls_that_nobody_vouches_for_few_are_kept(ada, monkeypatch):
    monkeypatch.setattr("openfit.intake.webhooks.MOST_UNVERIFIED", 3)
    _, path = link(ada, "ada-key-123456")
    for n in range(6):
        call(ada, path, b"%d" % n, signed=False)
    assert [body for *_, body in kept(ada)] == [b"3", b"4", b"5"]


def test_the_bare_name_will_do_where_there_is_one_connection(ada):
    link(ada, "ada-key-123456")
    assert call(ada, "/api/v1/webhooks/caller", b"{}").status_code == 200
