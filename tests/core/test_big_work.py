"""Big work in slices: cancelled, resumed and cut off anywhere, it ends as if undisturbed."""

import json
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openfit.background import jobs, work
from openfit.config import Config
from openfit.deriving import rebuild
from openfit.errors import Refused
from openfit.hub import now_ms, open_hub, owner_id
from openfit.intake import import_reports, importing
from openfit.leaving.export import export_all
from openfit.store import connections, leases, people, raw, waiting
from openfit.store.engine import write
from openfit.store.tables import raw_bodies, raw_items
from openfit_fileimport import reading
from sqlalchemy import case, select
from support.files import gpx, zipped

COMPARED = ("entities.jsonl", "samples.jsonl", "daily.jsonl")
PAGE = 3  # things


class SmallPages:
    """The file plugin in this process, a few things a page."""

    deadline = 60.0

    def __init__(self) -> None:
        self.running: dict = {}
        self.read: list[str] = []
        self.pages = 0

    def knows(self, integration):
        return True

    def normalize(self, user_id, integration, item):
        self.read.append(item.name)
        page = []
        with item.open() as file:
            for thing in reading.read(file):
                page.append(thing)
                if len(page) == PAGE:
                    self.pages += 1
                    yield page
                    page = []
        yield page


def opened(folder: Path, url: str):
    """A hub with the file plugin alone: no analyses, whose results are not compared here."""
    hub = open_hub(Config(data=folder, database_url=url))
    for name in set(hub.plugins.plugins) - {"fileimport"}:
        del hub.plugins.plugins[name]
    return hub


def in_file(folder: Path):
    return opened(folder, f"sqlite:///{folder / 'openfit.db'}")


@pytest.fixture
def hub(tmp_path, database_url):
    return opened(tmp_path / "data", database_url)


def take(hub, files: dict[str, bytes], user_id=None, import_id=None) -> str:
    import_id = import_id or importing.new_import()
    for name, body in files.items():
        spooled = raw.spool_chunks(hub.raw, [body], name)
        importing.take_file(hub, user_id or owner_id(hub), import_id, name, spooled)
    return import_id


def report(hub, import_id, user_id=None):
    with hub.engine.connect() as conn:
        return import_reports.report(hub, conn, user_id or owner_id(hub), import_id, now_ms())


def slices(hub, plugin, count: int) -> None:
    """So many turns of one step each."""
    left = iter(range(count))
    work.drain(hub, plugin, stop=lambda: next(left, None) is None, slice_seconds=0)


def turns(hub, plugin, happens: dict) -> None:
    """One worker, in steps of which each is a turn, to the end; something happens before some."""
    count = iter(range(10_000))

    def stop() -> bool:
        happens.get(next(count), lambda: None)()
        return False

    work.drain(hub, plugin, stop=stop, slice_seconds=0)


def picture(hub, tmp_path: Path) -> dict[str, list[str]]:
    target = tmp_path / "picture.zip"
    export_all(hub, owner_id(hub), target)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name).decode().splitlines() for name in COMPARED}


def archive(*numbers: int) -> bytes:
    return zipped({f"{n}.gpx": gpx(n, points=20) for n in numbers})


FILES = {
    "first.zip": archive(1, 2, 3),
    "second.zip": archive(3, 4),
    "ride.gpx": gpx(5, points=20),
    "walk.gpx": gpx(6, points=20),
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    hub = in_file(folder)
    take(hub, FILES)
    work.drain(hub, SmallPages())
    return picture(hub, folder)


def test_the_last_received_is_read_first(hub):
    plugin = SmallPages()
    take(hub, FILES)
    work.drain(hub, plugin)
    assert plugin.read == list(reversed(FILES))


def test_a_new_file_goes_before_an_archive_that_is_being_read(hub, monkeypatch):
    monkeypatch.setattr(waiting, "size_class", size_class_at(6_000))
    big, found = take(hub, {"big.zip": archive(*range(10, 22))}), {}

    def arrives():
        found["status"] = report(hub, big).files[0].status
        found["ride"] = take(hub, {"ride.gpx": gpx(1, points=20)})

    def looks():
        found["states"] = report(hub, found["ride"]).state, report(hub, big).state

    turns(hub, SmallPages(), {4: arrives, 14: looks})
    assert found["status"] == "reading"
    assert found["states"] == ("done", "running")
    assert report(hub, big).state == "done"


def size_class_at(edge: int):
    return case((raw_bodies.c.size < edge, 0), else_=1).label("size_class")


def test_one_users_archive_leaves_another_his_turn(hub):
    with write(hub.engine) as conn:
        other, _ = people.create_user(conn, "Other", now_ms())
    big, found = take(hub, {"big.zip": archive(*range(10, 30))}), {}

    def arrives():
        found["ride"] = take(hub, {"ride.gpx": gpx(1, points=20)}, other)

    def looks():
        found["states"] = report(hub, found["ride"], other).state, report(hub, big).state

    turns(hub, SmallPages(), {4: arrives, 20: looks})
    assert found["states"] == ("done", "running")
    assert report(hub, big).state == "done"


def test_an_archive_tells_how_far_it_is(hub, monkeypatch):
    """Through the position that its reader leaves on the descriptor; bytes are large enough."""
    monkeypatch.setattr("openfit.intake.claims.NOTED_EVERY", 0)
    members = {f"{n}.gpx": gpx(n, points=700) for n in range(12)}
    big, seen = take(hub, {"big.zip": zipped(members)}), []
    looks = {n: lambda: seen.append(report(hub, big)) for n in range(2, 60)}
    turns(hub, SmallPages(), looks)
    running = [one for one in seen if one.state == "running"]
    sizes = [one.size_done for one in running]
    assert sizes == sorted(sizes)
    assert 0 < sizes[len(sizes) // 2] < running[0].size
    counted = [one.members for one in running]
    assert counted == sorted(counted)
    assert 0 < counted[len(counted) // 2] < 12
    assert report(hub, big).members == 12


def test_an_import_is_deriving_until_its_days_are(hub):
    import_id = take(hub, {"ride.gpx": gpx(1)})
    assert not report(hub, import_id).deriving
    work.drain(hub, SmallPages(), derive_too=False)
    assert (report(hub, import_id).state, report(hub, import_id).deriving) == ("done", True)
    work.drain(hub, SmallPages())
    assert (report(hub, import_id).state, report(hub, import_id).deriving) == ("done", False)


def test_cancelling_is_heard_at_the_next_page(hub):
    big, plugin = take(hub, {"big.zip": archive(*range(10, 30))}), SmallPages()
    turns(hub, plugin, {6: lambda: importing.cancel(hub, owner_id(hub), big)})
    assert report(hub, big).state == "cancelled"
    assert plugin.pages < 12


def test_a_cancelled_archive_leaves_nothing_and_its_resumption_everything(
    hub, undisturbed, tmp_path
):
    plugin = SmallPages()
    import_id = take(hub, FILES)
    slices(hub, plugin, 4)
    with hub.engine.connect() as conn:
        [*done] = conn.execute(select(raw_items.c.name).where(raw_items.c.state == "done"))
    assert importing.cancel(hub, owner_id(hub), import_id) == 4 - len(done)
    stopped = report(hub, import_id)
    assert stopped.state in ("cancelling", "cancelled")
    work.drain(hub, plugin)
    stopped = report(hub, import_id)
    assert (stopped.state, stopped.done, stopped.cancelled) == (
        "cancelled",
        len(done),
        4 - len(done),
    )
    kept = {n.name for n in done}
    assert shown(hub, tmp_path) == kept_activities(kept)
    assert importing.resume(hub, owner_id(hub), import_id) == 4 - len(done)
    work.drain(hub, plugin)
    assert report(hub, import_id).state == "done"
    assert picture(hub, tmp_path) == undisturbed


HOLDS = {"first.zip": {1, 2, 3}, "second.zip": {3, 4}, "ride.gpx": {5}, "walk.gpx": {6}}


def kept_activities(names: set[str]) -> set[int]:
    return set().union(*(HOLDS[name] for name in names))


def shown(hub, tmp_path) -> set[int]:
    lines = [json.loads(line)["entity"] for line in picture(hub, tmp_path)["entities.jsonl"]]
    return {int(one["name"].split()[1]) for one in lines if one["entity"] == "activity"}


def test_every_cancelled_byte_is_taken_back(hub, tmp_path):
    plugin = SmallPages()
    import_id = take(hub, {"first.zip": FILES["first.zip"]})
    slices(hub, plugin, 3)
    assert picture(hub, tmp_path)["samples.jsonl"] != []
    importing.cancel(hub, owner_id(hub), import_id)
    work.drain(hub, plugin)
    assert picture(hub, tmp_path) == {name: [] for name in COMPARED}


def test_handing_a_cancelled_file_in_again_resumes_it(hub):
    plugin = SmallPages()
    import_id = take(hub, {"ride.gpx": FILES["ride.gpx"]})
    importing.cancel(hub, owner_id(hub), import_id)
    again = take(hub, {"ride.gpx": FILES["ride.gpx"]})
    work.drain(hub, plugin)
    assert [file.status for file in report(hub, again).files] == ["imported"]


def test_a_rewriting_goes_on_where_it_stopped(hub, undisturbed, tmp_path):
    plugin = SmallPages()
    take(hub, FILES)
    work.drain(hub, plugin)
    user = owner_id(hub)
    [row] = rows_of(hub)
    rebuild.request(hub, user, row.connection_id)
    plugin.read.clear()
    slices(hub, plugin, 20)
    [job] = jobs.jobs(hub, user)
    assert (job.kind, job.state, job.total) == ("renormalize", "running", 4)
    assert 0 < job.done < 4
    assert picture(hub, tmp_path) == undisturbed  # readers see the old numbers until it is done
    jobs.pause(hub, user, row.connection_id, "renormalize", True)
    work.drain(hub, plugin)
    assert jobs.jobs(hub, user)[0].state == "paused"
    jobs.pause(hub, user, row.connection_id, "renormalize", False)
    work.drain(hub, plugin)
    assert jobs.jobs(hub, user) == []
    assert plugin.read[: job.done] == list(FILES)[: job.done]
    assert plugin.read.count("first.zip") == 1
    assert picture(hub, tmp_path) == undisturbed


def rows_of(hub):
    with hub.engine.connect() as conn:
        return connections.of_user(conn, owner_id(hub))


def test_pausing_what_does_not_run_says_so(hub):
    take(hub, {"ride.gpx": FILES["ride.gpx"]})
    [row] = rows_of(hub)
    with pytest.raises(Refused, match="Nothing of fileimport is being read again"):
        jobs.pause(hub, owner_id(hub), row.connection_id, "renormalize", True)


def test_new_files_are_read_before_a_rewriting_goes_on_and_are_in_it(hub, undisturbed, tmp_path):
    plugin = SmallPages()
    names = list(FILES)
    take(hub, {name: FILES[name] for name in names[:2]})
    work.drain(hub, plugin)
    [row] = rows_of(hub)
    rebuild.request(hub, owner_id(hub), row.connection_id)
    slices(hub, plugin, 2)
    ride = take(hub, {name: FILES[name] for name in names[2:]})
    seen = []

    def look():
        seen.append((report(hub, ride).state, jobs.jobs(hub, owner_id(hub)) != []))

    turns(hub, plugin, dict.fromkeys(range(1, 60), look))
    assert ("done", True) in seen
    assert picture(hub, tmp_path) == undisturbed


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("slices"), st.integers(1, 9)),
        st.tuples(st.sampled_from(["cancel", "resume"]), st.integers(0, 3)),
        st.tuples(st.sampled_from(["renormalize", "pause", "go on"]), st.just(0)),
        st.tuples(st.just("die"), st.integers(1, 9)),
    ),
    max_size=14,
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(list(FILES)), steps=STEPS)
def test_any_history_of_slices_cancels_resumes_and_deaths_ends_alike(
    order, steps, undisturbed, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("cut")
    hub = in_file(folder)
    user, plugin = owner_id(hub), SmallPages()
    imports = [take(hub, {name: FILES[name]}) for name in order]
    [row] = rows_of(hub)
    for what, n in steps:
        if what == "slices":
            slices(hub, plugin, n)
        elif what == "die":
            with dying(hub):
                slices(hub, plugin, n)
        elif what == "cancel":
            importing.cancel(hub, user, imports[n])
        elif what == "resume":
            importing.resume(hub, user, imports[n])
        elif what == "renormalize":
            rebuild.request(hub, user, row.connection_id)
        else:
            with write(hub.engine) as conn:
                connections.change(conn, user, row.connection_id, rebuild_paused=what == "pause")
    for import_id in imports:
        importing.resume(hub, user, import_id)
    with write(hub.engine) as conn:
        connections.change(conn, user, row.connection_id, rebuild_paused=False)
    work.drain(hub, plugin)
    assert [report(hub, one).state for one in imports] == ["done"] * 4
    assert picture(hub, folder) == undisturbed
    hub.engine.dispose()


@contextmanager
def dying(hub):
    """What another process held when it was killed: its leases stand until it is seen dead."""
    real, name = leases.process_name, leases.process_name()
    released, host = leases.release, name.rsplit(":", 2)[0]
    leases.process_name = lambda pid=None: f"{host}:1:0"  # no process started at that moment
    leases.release = lambda *args, **kwargs: None
    try:
        yield
    finally:
        leases.process_name, leases.release = real, released
