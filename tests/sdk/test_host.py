"""What the hub and a host owe each other: pages, bodies, fetches, and an orderly end."""

import hashlib
import socket
import tempfile

import pytest
from openfit_sdk import Blob, PermanentError, RawItem, Response
from openfit_sdk.schema import Metric

SYNC = "@hookimpl\ndef sync(cursor, http):\n"
DOWNLOAD = (
    "blob = http.download('https://vendor.example/export')\n"
    "start = RawItem(kind='export', id='1', body=blob).open().read(4)\n"
    "yield SyncResult([RawItem(kind='export', id=start.decode(), body=blob)])"
)


@pytest.fixture
def blob():
    """A body as the hub holds it: a file, and its checksum."""
    files = []

    def make(content: bytes) -> Blob:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open for the test
        file.write(content)
        file.flush()
        files.append(file)
        digest = hashlib.sha256(content).hexdigest()
        return Blob(sha256=digest, size=len(content), fd=file.fileno())

    yield make
    for file in files:
        file.close()


def test_entities_come_in_pages_and_in_order(plugin, start):
    body = "for n in range(1200):\n    yield Report(status='ok', code=str(n), message='m')"
    item = RawItem(kind="file", id="1", body=b"")
    pages = list(start(plugin(body)).pages("normalize", raw_item=item))
    assert [len(page) for page in pages] == [500, 500, 200]
    assert [report.code for page in pages for report in page] == [str(n) for n in range(1200)]


def test_a_very_long_column_arrives_in_parts_and_whole(plugin, start, read):
    body = (
        "from array import array\nfrom datetime import UTC, datetime\n"
        "from openfit_sdk.schema import Metric\n"
        "yield Metric(key='k', type='heart_rate', start=datetime(2026, 3, 1, tzinfo=UTC),\n"
        "    t=array('q', range(0, 450_000_000, 1000)), v=array('h', [60, 61]) * 225_000)"
    )
    metrics: list[Metric] = read(start(plugin(body)))
    assert [len(metric.v) for metric in metrics] == [200_000, 200_000, 50_000]
    assert [t for metric in metrics for t in metric.t] == list(range(0, 450_000_000, 1000))
    assert {metric.v[0] for metric in metrics} == {60}


def test_one_page_that_fits_no_frame_is_an_error_that_says_so(plugin, start):
    body = "yield SyncResult([RawItem(kind='r', id='1', body=b'x' * 17_000_000)])"
    host = start(plugin(body, head="@hookimpl\ndef sync(cursor):\n"))
    with pytest.raises(Exception, match=r"takes 17,000,\d+ bytes; 16,777,216 is the most"):
        list(host.pages("sync", cursor={}))
    assert host.alive


def test_a_body_larger_than_a_frame_is_read_through_its_descriptor(plugin, start, read, blob):
    body = (
        "first, second = raw_item.open(), raw_item.open()\n"
        "first.seek(-4, 2)\n"
        "code = (second.read(4) + first.read() + second.read(1)).decode()\n"
        "yield Report(status='ok', code=code, message=str(raw_item.size))"
    )
    held = blob(b"head-" + bytes(20_000_000) + b"tail")
    [report] = read(start(plugin(body)), RawItem(kind="file", id="1", body=held))
    assert (report.code, report.message) == ("headtail-", "20000009")


def test_a_download_is_the_hubs_own_body_when_it_comes_back(plugin, start, blob):
    held = blob(b"PK\x03\x04 and the rest")
    host = start(plugin(DOWNLOAD, head=SYNC))
    [[page]] = host.pages("sync", http=lambda _: Response(status=200, blob=held), cursor={})
    assert page.items == [RawItem(kind="export", id="PK\x03\x04", body=held)]


def test_a_checksum_alone_opens_nobody_elses_body(plugin, start, blob):
    head, held = "@hookimpl\ndef sync(cursor):\n", blob(b"somebody else's")
    body = f"yield SyncResult([RawItem(kind='r', id='1', body=Blob({held.sha256!r}, 15, 0))])"
    with pytest.raises(PermanentError, match="something else than the contract") as caught:
        list(start(plugin(body, head=head)).pages("sync", cursor={}))
    assert "not downloaded here" in caught.value.detail


def test_an_answer_that_fits_no_frame_is_the_plugins_to_handle(plugin, start):
    host = start(plugin("http.get('https://vendor.example/all')\nyield", head=SYNC))
    answer = Response(status=200, body=bytes(16_000_000))
    with pytest.raises(PermanentError, match=r"vendor.example answered with 16,000,000 bytes"):
        list(host.pages("sync", http=lambda _: answer, cursor={}))
    assert host.alive


def test_trouble_of_the_hubs_own_while_fetching_is_not_hidden(plugin, start):
    def fetch(_):
        raise RuntimeError("the disk is full")

    host = start(plugin("http.get('https://vendor.example/')\nyield", head=SYNC))
    with pytest.raises(RuntimeError, match="the disk is full"):
        list(host.pages("sync", http=fetch, cursor={}))
    assert not host.alive


def test_a_new_call_ends_pages_that_were_left_half_read(plugin, start, read, tmp_path):
    note = tmp_path / "scratch" / "stopped"
    body = (
        "try:\n    for _ in range(1200):\n        yield ok\n"
        f"finally:\n    open({str(note)!r}, 'w').close()"
    )
    host = start(plugin(body))
    item = RawItem(kind="file", id="1", body=b"")
    half_read = host.pages("normalize", raw_item=item)
    assert len(next(half_read)) == 500
    assert host.hooks() == ["normalize"]
    assert note.exists()
    assert len(read(host, item)) == 1200
    assert list(half_read) == []


def test_a_closed_host_may_be_closed_again(plugin, start):
    host = start(plugin("yield ok"))
    host.close()
    host.close()
    assert not host.alive


def test_a_hub_that_goes_away_in_the_middle_leaves_no_traceback(plugin, start):
    printed = []
    body = "for n in range(5000):\n    yield Report(status='ok', code=str(n), message='m')"
    host = start(plugin(body), log=printed.append)
    pages = host.pages("normalize", raw_item=RawItem(kind="file", id="1", body=b""))
    next(pages)
    host._channel.shutdown(socket.SHUT_RDWR)
    host._process.wait(10)
    host.close()
    assert (host._process.returncode, printed) == (0, [])
