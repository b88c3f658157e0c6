"""The hub's fetching for plugins: what it refuses, and downloads that no memory holds whole."""

import hashlib
import os

import httpx2
import msgspec
import pytest
from openfit.background import work
from openfit.config import Config
from openfit.hosting import fetch
from openfit.hosting.fetch import Fetcher
from openfit.hosting.hosts import Hosts
from openfit.hub import now_ms, open_hub, owner_id
from openfit.intake import ingest
from openfit.store import connections, raw
from openfit.store.engine import write
from openfit_sdk import Blob, PermanentError, RawItem, Request, TransientError
from openfit_sdk.manifest import Manifest, read_manifest

MANIFEST = msgspec.toml.decode(
    'id = "rogue"\nname = "Rogue"\nsdk = "1"\ndata_types = ["metric:weight"]\n'
    'sync_modes = ["poll"]\nhosts = ["vendor.example"]\n[auth]\ntype = "none"\n',
    type=Manifest,
)
EXPORT = b"PK\x03\x04" + bytes(range(256)) * 1000


def asked(url="https://vendor.example/export", *, spool=True):
    return Request(method="GET", url=url, spool=spool)


@pytest.fixture
def fetcher(tmp_path):
    def make(answer) -> Fetcher:
        client = httpx2.Client(transport=httpx2.MockTransport(answer))
        return Fetcher(MANIFEST, client, spool=tmp_path / "spool")

    return make


def body(content, status=200):
    return lambda _: httpx2.Response(status, content=content)


def endless(piece=b"x" * 65_536):
    while True:
        yield piece


def test_a_download_is_a_file_that_can_be_read_and_not_written(fetcher, tmp_path):
    fetching = fetcher(body(EXPORT))
    blob = fetching(asked()).blob
    assert (blob.sha256, blob.size) == (hashlib.sha256(EXPORT).hexdigest(), len(EXPORT))
    assert os.pread(blob.fd, 300_000, 0) == EXPORT
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.pwrite(blob.fd, b"other", 0)
    assert list((tmp_path / "spool").iterdir()) == []  # it has no name


def test_a_released_download_is_gone(fetcher):
    fetching = fetcher(body(EXPORT))
    blob = fetching(asked()).blob
    fetching.release(blob)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.pread(blob.fd, 1, 0)
    fetching.release(blob)  # twice does no harm


def test_a_refused_download_brings_the_vendors_words(fetcher):
    answer = fetcher(body(b"no such export", 404))(asked())
    assert (answer.status, answer.body, answer.blob) == (404, b"no such export", None)


def test_what_is_not_spooled_is_bytes(fetcher):
    answer = fetcher(body(b"{}"))(asked(spool=False))
    assert (answer.body, answer.blob) == (b"{}", None)


@pytest.mark.parametrize("spool", [True, False])
def test_an_endless_answer_is_cut_off(spool, fetcher, monkeypatch):
    monkeypatch.setattr(fetch, "MAX_DOWNLOAD", 1_000_000)
    monkeypatch.setattr(fetch, "MAX_BODY", 1_000_000)
    with pytest.raises(PermanentError, match=r"vendor\.example answered with more than 1,000,000"):
        fetcher(body(endless()))(asked(spool=spool))


def test_an_answer_that_trickles_is_given_up(fetcher, monkeypatch):
    monkeypatch.setattr(fetch, "DOWNLOAD_SECONDS", -1.0)
    with pytest.raises(TransientError, match=r"vendor\.example took more than"):
        fetcher(body(endless()))(asked())


def test_a_full_disk_is_said(fetcher, monkeypatch):
    def no_room(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", no_room)
    with pytest.raises(TransientError, match="cannot be kept: No space left on device"):
        fetcher(body(EXPORT))(asked())


def test_another_host_and_an_open_line_are_refused(fetcher):
    fetching = fetcher(body(b""))
    with pytest.raises(PermanentError, match="elsewhere.example, which its manifest does not list"):
        fetching(asked("https://elsewhere.example/"))
    with pytest.raises(PermanentError, match="without encryption"):
        fetching(asked("http://vendor.example/"))


@pytest.mark.parametrize("size", [1000, 300_000])
def test_a_download_becomes_an_original_like_any_other(size, tmp_path, database_url, fetcher):
    hub = open_hub(Config(data=tmp_path / "data", database_url=database_url))
    user = owner_id(hub)
    with write(hub.engine) as conn:
        row = connections.ensure(conn, user, "rogue", 1)
    fetching = fetcher(body(EXPORT[:size]))
    blob = fetching(asked()).blob
    item = ingest.spooled(RawItem(kind="export", id="1", body=blob))
    [kept] = ingest.accept(hub, user, row.connection_id, [item])
    assert (kept.sha256, kept.duplicate) == (blob.sha256, False)
    with raw.open_body(hub.engine, hub.raw, user, kept.sha256) as held:
        assert held.read() == EXPORT[:size]
    [again] = ingest.accept(hub, user, row.connection_id, [item])
    assert again.duplicate


def test_a_download_that_was_changed_is_kept_as_what_it_is(tmp_path, database_url):
    """Where nothing keeps a plugin from it: the checksum is of what is kept, not of what was."""
    hub = open_hub(Config(data=tmp_path / "data", database_url=database_url))
    user = owner_id(hub)
    with write(hub.engine) as conn:
        row = connections.ensure(conn, user, "rogue", 1)
    changed = tmp_path / "changed"
    changed.write_bytes(b"other bytes")
    with changed.open("rb") as source:
        blob = Blob(hashlib.sha256(EXPORT).hexdigest(), 11, source.fileno())
        item = ingest.spooled(RawItem(kind="export", id="1", body=blob))
        [kept] = ingest.accept(hub, user, row.connection_id, [item])
    assert kept.sha256 == hashlib.sha256(b"other bytes").hexdigest()


class Exporter:
    """A plugin that is not installed."""

    name, module, version, error = "exporter", "openfit_exporter", "1", None

    @property
    def manifest(self):
        return read_manifest(self.module)


def test_a_sync_may_hand_back_what_it_downloaded(tmp_path, monkeypatch):
    """Through a real host: the plugin reads the download and names its record by it."""
    package = tmp_path / "openfit_exporter"
    package.mkdir()
    (package / "manifest.toml").write_text(
        'id = "exporter"\nname = "Exporter"\nsdk = "1"\ndata_types = ["metric:weight"]\n'
        'sync_modes = ["poll"]\nhosts = ["vendor.example"]\n[auth]\ntype = "none"\n'
    )
    (package / "__init__.py").write_text(
        "from openfit_sdk import *\n"
        "@hookimpl\ndef sync(cursor, http):\n"
        "    blob = http.download('https://vendor.example/export')\n"
        "    start = RawItem(kind='export', id='1', body=blob).open().read(2)\n"
        "    yield SyncResult([RawItem(kind='export', id=start.decode(), body=blob)])\n"
        "@hookimpl\ndef normalize(raw_item):\n"
        "    yield Report(status='ok', code='read', message=str(raw_item.size))\n"
    )
    monkeypatch.setattr("openfit.hosting.hosts.PATHS", [tmp_path])
    monkeypatch.syspath_prepend(tmp_path)
    client = httpx2.Client(transport=httpx2.MockTransport(body(EXPORT)))
    monkeypatch.setattr(Fetcher, "client", client)
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    hub = open_hub(Config(data=tmp_path / "data", database_url=url))
    hub.plugins.plugins["exporter"] = Exporter()
    with write(hub.engine) as conn:
        connections.ensure(conn, owner_id(hub), "exporter", now_ms(), next_sync_at=1)
    with Hosts(hub, deadline=10.0) as hosts:
        work.drain(hub, hosts)
    with hub.engine.connect() as conn:
        [row] = conn.exec_driver_sql("select item_id, sha256, state from raw_items").all()
        [connection] = connections.of_user(conn, owner_id(hub))
    assert (row.item_id, row.sha256) == ("PK", hashlib.sha256(EXPORT).hexdigest())
    assert (row.state, connection.status) == ("done", "ok")
    assert list(hub.raw.spool.iterdir()) == []
