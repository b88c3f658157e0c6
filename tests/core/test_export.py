"""A person's export: whole, of one moment, in files that others can read."""

import hashlib
import json
import random
import threading
import tracemalloc
import zipfile
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.errors import Refused
from openfit.hub import owner_id
from openfit.intake import samples as door
from openfit.leaving import samples, zips
from openfit.leaving.contents import PARTS, choice
from openfit.leaving.export import ending, export_all
from openfit.store import outgoing, series
from openfit.store.engine import write
from openfit.store.series import Series
from openfit_schema import wire
from openfit_sdk.schema import METRICS
from support.leaving import filled, members, plain_hub

DAY = 86_400_000
AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def hub(tmp_path, database_url):
    return plain_hub(tmp_path / "data", database_url)


@pytest.fixture
def me(hub):
    return owner_id(hub)


def test_everything_is_there_with_hashes_and_counts(hub, me, tmp_path):
    filled(hub, me)
    export_all(hub, me, tmp_path / "out.zip")
    found = members(tmp_path / "out.zip")
    manifest = json.loads(found.pop("manifest.json"))
    said = {name: (one["bytes"], one["sha256"]) for name, one in manifest["members"].items()}
    assert said == {n: (len(b), hashlib.sha256(b).hexdigest()) for n, b in found.items()}
    tables = [name for name in found if name.endswith(".jsonl") and "/" not in name]
    lines = {name: found[name].count(b"\n") for name in tables}
    assert lines == {n: o["lines"] for n, o in manifest["members"].items() if "lines" in o}
    assert all(lines[f"{name}.jsonl"] for name in ("entities", "samples", "daily", "originals"))
    assert all(lines[f"{name}.jsonl"] for name in ("edits", "tombstones", "ladders", "journal"))
    originals = {name: body for name, body in found.items() if name.startswith("raw/")}
    for name, body in originals.items():
        assert name.removeprefix("raw/").partition(".")[0] == hashlib.sha256(body).hexdigest()
    assert {name.partition(".")[2] for name in originals} == {"jsonl"}
    assert manifest["counts"]["originals"] == len(originals) > 2


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        ("Morning Ride.FIT", "application/octet-stream", ".fit"),
        ("a.tcx.gz", "application/octet-stream", ".tcx.gz"),
        ("sleep", "application/json", ".json"),
        (".hidden", "application/octet-stream", ""),
        ("no ending.", "application/octet-stream", ""),
        ("up/../../x.s/h", "text/csv", ".csv"),
        ("evil.gpx\r\n", "application/gpx+nonsense", ""),
        (None, None, ""),
    ],
)
def test_an_original_has_the_ending_that_programs_know(name, media_type, expected):
    assert ending(name, media_type) == expected


def test_entities_and_samples_are_of_the_schema(hub, me, tmp_path):
    filled(hub, me)
    export_all(hub, me, tmp_path / "out.zip")
    found = members(tmp_path / "out.zip")
    entities = [json.loads(line) for line in found["entities.jsonl"].splitlines()]
    kinds = {wire.decode_json(json.dumps(one["entity"]).encode()).key for one in entities}
    assert len(kinds) == len(entities)
    for line in found["samples.jsonl"].splitlines():
        metric = wire.decode_json(line)
        assert door.columns(metric, METRICS[metric.type]).v.size


def test_no_secret_leaves(hub, me, tmp_path):
    filled(hub, me)
    export_all(hub, me, tmp_path / "out.zip")
    found = members(tmp_path / "out.zip")
    text = b"".join(body for name, body in found.items() if name.endswith(".jsonl"))
    for secret in (b"argon2", b"token_hash", b"auth_state", b"sealed", b"password"):
        assert secret not in text


def test_it_is_of_one_moment_and_holds_up_nobody(hub, me, tmp_path):
    """Whatever is written while it runs is not in it, and is written at once."""
    filled(hub, me)
    export_all(hub, me, tmp_path / "before.zip")
    began, wrote = threading.Event(), threading.Event()

    def meddle():
        began.wait(20)
        with write(hub.engine) as conn:
            conn.exec_driver_sql("delete from entities")
            conn.exec_driver_sql("delete from block")
        wrote.set()

    thread = threading.Thread(target=meddle)
    thread.start()
    with outgoing.snapshot(hub.engine) as conn:
        began.set()
        assert wrote.wait(20)
        seen = len(list(outgoing.seen(conn, me, outgoing.ALWAYS, "", "~")))
    thread.join()
    assert seen == members(tmp_path / "before.zip")["entities.jsonl"].count(b"\n")
    with outgoing.snapshot(hub.engine) as conn:
        assert list(outgoing.seen(conn, me, outgoing.ALWAYS, "", "~")) == []


def test_parts_and_days_can_be_chosen(hub, me, tmp_path):
    filled(hub, me)
    export_all(hub, me, tmp_path / "all.zip")
    everything = members(tmp_path / "all.zip")
    days = sorted({json.loads(one)["day"] for one in everything["daily.jsonl"].splitlines()})
    middle = date.fromisoformat(days[len(days) // 2])
    export_all(hub, me, tmp_path / "some.zip", choice("daily, samples", middle, middle))
    some = members(tmp_path / "some.zip")
    assert set(some) == {"README.txt", "daily.jsonl", "resolved.jsonl", "samples.jsonl", "manifest.json"}  # fmt: skip # noqa: E501
    assert {json.loads(one)["day"] for one in some["daily.jsonl"].splitlines()} == {str(middle)}
    inside = {(m.start + at).date() for m, at in starts(some["samples.jsonl"])}
    assert inside == {middle}
    assert len(some["samples.jsonl"]) < len(everything["samples.jsonl"])


def starts(lines):
    for line in lines.splitlines():
        metric = wire.decode_json(line)
        yield metric, timedelta(milliseconds=metric.t[0] if metric.t else 0)


def test_a_part_that_is_none_is_named(hub):
    with pytest.raises(Refused, match="no part sleepy"):
        choice("sleepy", None, None)
    with pytest.raises(Refused, match="before the first"):
        choice(None, date(2026, 1, 2), date(2026, 1, 1))
    assert choice(None, None, None).include == PARTS


# Samples as lines --------------------------------------------------------------------------------


def a_series(cumulative: bool, scale: float) -> Series:
    return Series(
        metric="steps" if cumulative else "heart_rate",
        source_id=7,
        activity_id="",
        method="reported",
        connection_id="c",
        scale=scale,
        unit="1",
        cumulative=cumulative,
        row_id=1,
        generation=0,
        block_ms=DAY,
    )


@st.composite
def days(draw):
    """A day's samples: evenly spaced or not, with gaps, sums or instants."""
    step = draw(st.sampled_from([250, 1000, 60_000]))
    steps = np.full(draw(st.integers(0, 300)), step)
    for place in draw(st.lists(st.integers(0, 299), max_size=8)):
        if place < steps.size:
            steps[place] = draw(st.integers(1, 100_000))
    t = draw(st.integers(0, 1000)) + np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)
    t = t[t < DAY]
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    scale = draw(st.sampled_from([1.0, 0.1]))
    v = np.round(40 + chance.integers(0, 100, t.size) * scale, 1)
    cumulative = draw(st.booleans())
    even = draw(st.booleans())
    d = np.full(t.size, step) if even else chance.integers(0, 60_000, t.size)
    return a_series(cumulative, scale), t, v, d if cumulative else None


@given(days())
def test_a_day_as_lines_is_the_day(day):
    one, t, v, d = day
    start = 20_000 * DAY
    found = [
        door.columns(wire.decode_json(line), METRICS[one.metric])
        for line in samples.of_day(one, start, t + start, v, d)
    ]
    assert np.array_equal(np.concatenate([part.t for part in found]), t + start)
    assert np.array_equal(np.concatenate([part.v for part in found]), v)
    if d is not None:
        assert np.array_equal(np.concatenate([part.d for part in found]), d)


# The zip itself ----------------------------------------------------------------------------------


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
        st.tuples(st.lists(st.binary(max_size=300)), st.booleans()),
        max_size=6,
    )
)
def test_what_is_zipped_others_can_read(tmp_path_factory, wanted):
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    with path.open("wb") as file:
        target = zips.Zip(file.write, AT)
        for name, (pieces, packed) in wanted.items():
            target.add(name, pieces, packed=packed)
        target.close()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        found = [(info.filename, archive.read(info)) for info in archive.infolist()]
    assert found == [(name, b"".join(pieces)) for name, (pieces, _) in wanted.items()]


def test_a_zip_of_any_size_takes_no_memory():
    """Members by the ten thousand, and one of more than four gigabytes."""
    sizes = [0]
    target = zips.Zip(lambda body: sizes.__setitem__(0, sizes[0] + len(body)), AT)
    chunk = bytes(8 * 1024 * 1024)
    tracemalloc.start()
    target.add("large", (chunk for _ in range(520)), packed=True)
    for n in range(20_000):
        target.add(f"raw/{n:064}", [b""], packed=True)
    target.close()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sizes[0] > 520 * len(chunk) > 2**32
    assert peak < 8 * 1024 * 1024


def test_series_in_bulk_are_the_series_one_by_one(hub, me):
    filled(hub, me)
    with hub.engine.connect() as conn:
        wanted = series.all_live(conn, me)
        random.Random(1).shuffle(wanted)
        bulk = [key(day) for day in outgoing.days(conn, me, wanted, *outgoing.ALWAYS)]
        single = [
            (one.series_id, day, t.tolist(), v.tolist())
            for one in wanted
            for day, t, v, _ in series.read_days(conn, me, one)
        ]
    assert bulk == single
    assert len(bulk) > 10


def key(day):
    one, start, t, v, _ = day
    return one.series_id, start, t.tolist(), v.tolist()
