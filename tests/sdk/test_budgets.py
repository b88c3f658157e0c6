"""What a call may take, what a host's folder may hold, and how large an answer may be."""

import os
from datetime import UTC, datetime

import msgspec
import pytest
from openfit_sdk import RawItem, SyncResult
from openfit_sdk.budgets import MEGABYTE, Budget, Meter
from openfit_sdk.errors import PermanentError
from openfit_sdk.guard import cpu_seconds, deleted, everything, threads
from openfit_sdk.measure import MAX_VALUE, SMALL, check_size
from openfit_sdk.schema import Metric
from openfit_sdk.spawn import HostDied
from openfit_sdk.wire import FrameError, encode

GIGABYTE = 1024 * MEGABYTE


def test_an_archive_of_a_gigabyte_may_take_what_it_holds():
    meter = Meter(Budget(), given=GIGABYTE)
    meter.pages, meter.size, meter.seconds = 1_000_000, 60 * GIGABYTE, 2 * 3600.0
    assert meter.excess() == ""
    assert meter.patience(60.0) == pytest.approx(264.8)


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        ({"pages": 20_001}, "sent more than 20,000 pages"),
        ({"size": 256 * MEGABYTE + 1}, "sent more than 268,435,456 bytes, far more than"),
        ({"seconds": 3601.0}, "took more than 60 minutes"),
    ],
)
def test_a_call_without_an_original_has_a_fixed_budget(taken, said):
    meter = Meter(Budget())
    meter.__dict__.update(taken)
    assert meter.excess().startswith(said)


def test_what_was_fetched_counts_as_given(plugin, start):
    """A sync may bring as much as it fetched, and a page more."""
    from openfit_sdk import Response

    head = "@hookimpl\ndef sync(cursor, http):\n"
    body = (
        "while True:\n    body = http.request('GET', 'https://vendor.example/').body\n"
        "    yield SyncResult([RawItem(kind='r', id='1', body=body)])"
    )
    budget = Budget(size=1000, growth=2, pages=7, pages_a_megabyte=0)
    host = start(plugin(body, head=head), budget=budget)
    fetched = []

    def fetch(request):
        fetched.append(request)
        return Response(status=200, body=b"x" * 10_000)

    with pytest.raises(PermanentError, match="rogue sent more than 7 pages after 8 pages"):
        list(host.pages("sync", http=fetch, cursor={}))
    assert len(fetched) == 8
    assert not host.alive


def test_a_death_says_after_how_many_pages(plugin, start, read):
    with pytest.raises(HostDied) as caught:
        read(start(plugin("for _ in range(1000): yield ok\nos.abort()")))
    said = "The plugin rogue crashed (it aborted) while reading ride.fit after 1 page."
    assert caught.value.message == said


@pytest.mark.parametrize(
    ("body", "budget", "said"),
    [
        (
            "with open('big', 'wb') as file:\n    while True: file.write(bytes(1 << 20))",
            Budget(scratch=4 << 20),
            "filled its folder with more than 4,194,304 bytes while reading ride.fit",
        ),
        (
            "with open('big', 'wb') as file: file.write(bytes(9 << 20))\ntime.sleep(60)",
            Budget(free=1 << 60),
            "filled the disk: less than",
        ),
        (
            "threading = __import__('threading')\nthreading.stack_size(32768)\n"
            "while True:\n    threading.Thread(target=time.sleep, args=(60,)).start()",
            Budget(),
            "started more than 512 threads while reading ride.fit and was stopped.",
        ),
        ("while True: pass", Budget(cpu_seconds=0.3), "seconds of processor time for one call"),
    ],
)
def test_a_running_host_is_watched(body, budget, said, plugin, start, read):
    from openfit_sdk.sandbox import Limits

    limits = Limits(memory=4 * GIGABYTE, threads=None)
    host = start(plugin(body), budget=budget, deadline=60.0, limits=limits)
    with pytest.raises(HostDied) as caught:
        read(host)
    assert said in caught.value.message


def test_the_clock_and_the_threads_of_a_process_can_be_read():
    assert cpu_seconds(os.getpid()) > 0
    assert threads(os.getpid()) >= 1
    assert (cpu_seconds(2**22 + 1), threads(2**22 + 1)) == (0.0, 0)


def test_a_folder_is_measured_without_following_links(tmp_path):
    (tmp_path / "deep/deeper").mkdir(parents=True)
    (tmp_path / "deep/deeper/file").write_bytes(b"x" * 5000)
    (tmp_path / "link").symlink_to("/")
    assert len(list(everything(tmp_path))) == 4


def test_a_file_without_a_name_is_counted(tmp_path):
    with (tmp_path / "file").open("wb") as held:
        held.write(b"x" * 100_000)
        held.flush()
        before = deleted(os.getpid())
        (tmp_path / "file").unlink()
        assert deleted(os.getpid()) - before >= 100_000


# Answers -----------------------------------------------------------------------------------------

START = "2026-03-01T00:00:00Z"


def metric(**more):
    return msgspec.Raw(encode({"entity": "metric", "key": "k", "start": START} | more))


def columns(samples):
    start = datetime(2026, 3, 1, tzinfo=UTC)
    made = Metric(key="k", type="x", start=start, v=[1.5] * samples, t=list(range(samples)))
    return msgspec.Raw(encode(made))


def test_columns_may_be_long():
    long = columns(1_000_000)
    assert len(long) > 8 * MAX_VALUE
    check_size("normalize", long)


@pytest.mark.parametrize(
    "answer",
    [
        metric(ext={"x": [[]] * 2_000_000}),
        metric(v=[[]] * 2_000_000),  # a list, where a column is packed
        msgspec.Raw(b"\x82\xa3ext" + encode([[]] * 2_000_000) + b"\xa3ext\xc0"),  # and again
    ],
)
def test_what_would_become_a_gigabyte_is_refused_before_it_does(answer):
    with pytest.raises(FrameError, match="are neither columns nor bodies"):
        check_size("normalize", answer)


def test_bodies_may_be_large_and_what_is_beside_them_may_not():
    page = SyncResult([RawItem(kind="r", id="1", body=b"x" * 9_000_000)])
    check_size("sync", msgspec.Raw(encode(page)))
    cursor = {str(n): "" for n in range(300_000)}
    with pytest.raises(FrameError, match="neither columns nor bodies"):
        check_size("sync", msgspec.Raw(encode(SyncResult([], next_cursor=cursor))))
    with pytest.raises(FrameError, match="neither columns nor bodies"):
        check_size("inspect", msgspec.Raw(encode({"x": [[]] * 2_000_000})))


def test_small_answers_are_not_looked_into():
    check_size("normalize", msgspec.Raw(b"\xc1" * SMALL))
