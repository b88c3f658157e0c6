"""The demo's athlete: the same for the same days, with a life that shows, taken in once."""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import mean, median

import msgspec
import pytest
from openfit.access import granting
from openfit.background import work
from openfit.config import Config
from openfit.demo import daytime, diary, nights, seeding, story, training
from openfit.demo.devices import reading, records
from openfit.demo.outing import tcx
from openfit.demo.story import AWAY, HOME, Story
from openfit.hosting.hosts import Hosts
from openfit.hosting.registry import Registry
from openfit.hub import open_hub, owner_id
from openfit.intake import importing
from openfit.person import profile
from openfit.store import connections, daily, engine, journal
from openfit_schema.check import problems
from openfit_sdk.manifest import folder_of
from sqlalchemy import text

NOON = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
HERS = Story(NOON.date())
EVERY = [HERS.until - timedelta(days=n) for n in range(story.DAYS)]
ILL = [HERS.until - timedelta(days=n) for n in story.ILL]
WELL = [HERS.until - timedelta(days=n) for n in range(30, 44)]


def items(day, now=NOON):
    return [one for device in records.DEVICES.values() for one in device(HERS, day, now)]


def summaries(device):
    found = {}
    for day in EVERY:
        for one in records.DEVICES[device](HERS, day, NOON):
            if one.kind == "night":
                found[day] = msgspec.json.decode(one.body)["summary"]
    return found


WATCH, RING = summaries("watch"), summaries("ring")


def of(summary, metric, days):
    return [summary[day][metric] for day in days if day in summary]


# Always the same ---------------------------------------------------------------------------------


def digest():
    whole = hashlib.sha256()
    for day in EVERY[::9]:
        for one in items(day):
            whole.update(one.body)
    for one in training.planned(HERS, NOON)[::25]:
        whole.update(tcx(one.outing()).encode())
    return whole.hexdigest()


def test_the_same_days_are_the_same_bytes_in_another_process():
    script = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r}); import test_demo"
    script += "; print(test_demo.digest())"
    again = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert again.stdout.strip() == digest()


def test_another_last_day_is_another_athlete():
    assert Story(date(2026, 5, 20)).body(EVERY[0]) != Story(date(2026, 5, 30)).body(EVERY[0])


def test_a_week_later_the_same_outings_are_there_and_none_in_the_future():
    before = training.planned(HERS, NOON)
    after = training.planned(HERS, NOON + timedelta(days=7))
    assert len(before) > 90
    assert set(before) < set(after)
    assert all(one.start + training.LONGEST < NOON for one in before)
    assert len({one.name for one in before}) == len(before)


def test_an_outing_is_over_when_it_is_said_to_be():
    one = next(one for one in training.planned(HERS, NOON) if one.plan.kilometres > 60)
    assert one.outing().times()[-1] < one.start + training.LONGEST


def test_some_outings_have_no_heart_rate():
    unstrapped = next(one for one in training.planned(HERS, NOON) if not one.strapped)
    assert "HeartRateBpm" not in tcx(unstrapped.outing())


# Her life shows ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seen", [WATCH, RING], ids=["watch", "ring"])
def test_an_illness_raises_the_resting_heart_rate_by_some_beats(seen):
    ill, well = of(seen, "resting_heart_rate", ILL), of(seen, "resting_heart_rate", WELL)
    assert 4 < mean(ill) - mean(well) < 11


def test_an_illness_is_warm_with_low_variability_and_no_training():
    assert mean(of(RING, "hrv_rmssd_night", WELL)) - mean(of(RING, "hrv_rmssd_night", ILL)) > 10
    assert mean(of(RING, "skin_temperature_deviation", ILL)) > 0.4
    assert not any(training.of_day(HERS, day) for day in ILL)
    assert mean(float(daytime.lived(HERS, day).steps.sum()) for day in ILL) < 5000


def test_of_the_lost_week_there_is_nothing_at_all():
    lost = [day for day in EVERY if HERS.is_lost(day)]
    assert len(lost) == 7
    assert [items(day) for day in lost] == [[]] * 7
    assert not any(training.of_day(HERS, day) for day in lost)


def test_a_watch_in_a_drawer_leaves_the_others():
    for day in (day for day in EVERY if HERS.in_drawer(day)):
        assert records.watch(HERS, day, NOON) == []
        assert records.phone(HERS, day, NOON)
    assert sum(HERS.in_drawer(day) and day in RING for day in EVERY) >= 2


def test_a_flight_moves_the_clock_and_makes_days_of_30_and_18_hours():
    hours = {
        HERS.ago(day): sum((span.end - span.start).total_seconds() for span in HERS.spans(day))
        / 3600
        for day in EVERY
    }
    assert hours.pop(story.FLIGHT_OUT) == 30 and hours.pop(story.FLIGHT_BACK) == 18
    assert set(hours.values()) == {24}
    offsets = {HERS.ago(day): [span.offset for span in HERS.spans(day)] for day in EVERY}
    assert offsets[story.FLIGHT_OUT] == [HOME, AWAY]
    assert offsets[story.FLIGHT_OUT - 3] == [AWAY]
    assert offsets[story.FLIGHT_BACK] == [AWAY, HOME]


def test_days_follow_each_other_without_a_gap():
    spans = [span for day in reversed(EVERY) for span in HERS.spans(day)]
    assert all(a.end == b.start for a, b in pairwise(spans))


def test_no_night_runs_into_the_next_or_into_an_outing():
    every = [nights.night(HERS, day) for day in reversed(EVERY)]
    assert all(a.up < b.bed for a, b in pairwise(every))
    assert all(240 < one.minutes < 660 for one in every)
    outings = [(one.start, one.outing().times()[-1]) for one in training.planned(HERS, NOON)[:25]]
    assert not [1 for one in every for a, b in outings if one.bed < b and a < one.up]


def test_half_a_year_of_training_shows():
    first, last = EVERY[-30:], EVERY[:15]
    assert mean(HERS.body(day).resting_heart_rate for day in first) > 1.5 + mean(
        HERS.body(day).resting_heart_rate for day in last
    )


def test_of_three_evening_notes_two_do_something():
    def effect(tag, measure):
        days = [day for day in EVERY if not HERS.sick(day)]
        after = [tag in HERS.tags(day - timedelta(days=1)) for day in days]
        values = [measure(HERS.body(day)) for day in days]
        with_it = mean(v for v, yes in zip(values, after, strict=True) if yes)
        return with_it - mean(v for v, yes in zip(values, after, strict=True) if not yes)

    assert effect("alcohol", lambda body: body.rmssd) < -6
    assert effect("alcohol", lambda body: body.resting_heart_rate) > 2
    assert effect("late_meal", lambda body: body.resting_heart_rate) > 0.8
    assert abs(effect("reading", lambda body: body.rmssd)) < 2.5


# Devices disagree --------------------------------------------------------------------------------


def test_a_ring_says_a_little_less_than_a_watch_and_misses_some_nights():
    both = WATCH.keys() & RING.keys()
    apart = [WATCH[day]["resting_heart_rate"] - RING[day]["resting_heart_rate"] for day in both]
    assert 1 <= median(apart) <= 2
    assert 2 <= len(WATCH.keys() - RING.keys()) <= 20


def test_a_ring_calls_it_sleep_earlier():
    pairs = [(nights.by_ring(HERS, day), nights.by_watch(HERS, day)) for day in EVERY]
    earlier = [w.stages[1][0] - r.stages[1][0] for r, w in pairs if r and w]
    assert min(earlier) > 0 and 5 < mean(earlier) < 15


def test_a_phone_counts_fewer_steps_than_a_watch():
    for day in EVERY[1:40]:
        seen = daytime.by_watch(HERS, day)
        if seen is not None and HERS.ago(day) % 3 != 1:  # on its charger it counts nothing
            worn = seen.steps[~(seen.steps != seen.steps)].sum()
            assert sum(one.steps for one in daytime.by_phone(HERS, day)) < worn


def test_what_is_not_measured_is_absent_and_never_zero():
    day = msgspec.json.decode(records.watch(HERS, EVERY[1], NOON)[0].body, type=records.Day)
    rates = [rate for part in day.stretches for rate in part.heart_rate]
    assert None in rates and 0 not in rates
    values = [m.v for m in reading.of_day(day) if getattr(m, "type", "") == "heart_rate"]
    assert sum(map(len, values)) == len(rates) - rates.count(None)


def test_today_ends_where_the_clock_stands():
    morning = HERS.at(HERS.until, 5.0)
    kinds = [one.kind for one in records.watch(HERS, HERS.until, morning)]
    assert kinds == ["day"]  # the night is not over
    later = records.watch(HERS, HERS.until, NOON + timedelta(minutes=3))
    day = msgspec.json.decode(later[0].body, type=records.Day)
    assert len(day.stretches[0].steps) == 14 * 60  # 14:03 of her clock, to the last five minutes


def test_what_devices_hand_over_keeps_to_the_schema():
    for day in EVERY[70:90]:
        for one in items(day):
            for entity in reading.entities(one):
                assert problems(entity) == []


# In a hub ----------------------------------------------------------------------------------------


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setattr(seeding, "now_ms", lambda: int(NOON.timestamp() * 1000))
    config = Config(data=tmp_path, database_url=f"sqlite:///{tmp_path}/openfit.db")
    seeding.mark(config, NOON)
    return open_hub(config)


def test_what_she_writes_down_is_there_once(hub):
    me = owner_id(hub)
    diary.keep(hub, me, HERS, NOON)
    with hub.engine.connect() as conn:
        days = journal.between(conn, me, HERS.first, HERS.until)
    tags = {date.fromisoformat(row.day): msgspec.json.decode(row.tags) for row in days}
    assert all("ill" in tags[day] for day in ILL)
    assert sum("travel" in some for some in tags.values()) == 9
    assert not any(tags.get(day) for day in EVERY if HERS.is_lost(day))
    with engine.write(hub.engine) as conn:
        journal.remove(conn, me, ILL[0])
    diary.keep(hub, me, HERS, NOON + timedelta(hours=1))
    with hub.engine.connect() as conn:
        assert journal.get(conn, me, ILL[0]) is None
        kept = conn.execute(text("SELECT kind, count(*) FROM raw_items GROUP BY kind")).all()
    assert dict(kept) == {"weight": 24, "blood_pressure": 12}


def test_she_shares_with_the_one_she_lives_with(hub):
    me = owner_id(hub)
    partner = diary.move_in(hub, me, 1)
    assert partner is not None and diary.move_in(hub, me, 2) is None
    with hub.engine.connect() as conn:
        seen = granting.visible(conn, me, 3)
        by_partner = granting.visible(conn, partner, 3)
    assert [(one.name, one.role, one.families) for one in seen[1:]] == [
        ("Robin", "viewer", ["activity"])
    ]
    assert [(one.name, one.role, one.families) for one in by_partner[1:]] == [
        ("Alma", "coach", ["activity", "heart", "sleep"])
    ]


def test_only_a_demo_folder_knows_the_demo_devices(hub, tmp_path):
    assert "demo" in hub.plugins.plugins and hub.plugins.plugins["demo"].error is None
    assert "demo" not in Registry.installed().plugins


def test_the_last_day_is_that_of_the_first_start(hub):
    assert seeding.mark(hub.config, NOON + timedelta(days=9)).story.until == NOON.date()


def test_what_is_there_is_not_taken_in_again(hub):
    me, latest = owner_id(hub), training.planned(HERS, NOON)[:3]
    seeding.take(hub, me, importing.new_import(), latest[:2])
    assert seeding.wanted(hub, me, latest) == latest[2:]


def test_the_child_ends_with_its_parent(hub):
    reading_end, writing_end = os.pipe()
    os.close(writing_end)
    seeding.fill(hub, importing.new_import(), reading_end)
    os.close(reading_end)
    assert seeding.known_names(hub, owner_id(hub)) == set()


def test_a_demo_that_has_everything_begins_nothing(hub, monkeypatch):
    some = training.planned(HERS, NOON)[:4]
    monkeypatch.setattr(seeding, "planned", lambda *_: some)
    me, parent = owner_id(hub), os.open(os.devnull, os.O_RDONLY)
    seeding.take(hub, me, importing.new_import(), some)
    seeding.fill(hub, importing.new_import(), parent)
    os.close(parent)
    assert len(seeding.known_names(hub, me)) == len(some)


def test_thresholds_hold_for_every_outing(hub):
    seeding.state_thresholds(hub, owner_id(hub), HERS)
    with hub.engine.connect() as conn:
        said = profile.statements(conn, owner_id(hub))
    firsts = {one.field: one.since for one in said}  # each field's oldest comes last
    assert set(firsts) == {field for field, _, _ in seeding.STATED}
    assert max(firsts.values()) <= training.planned(HERS, NOON)[-1].start.date()


def test_three_devices_come_in_through_their_plugin(hub, monkeypatch):
    """The last five weeks, as a hub that has the others asks for them."""
    me, made = owner_id(hub), seeding.mark(hub.config, NOON)
    monkeypatch.setattr(seeding.diary, "move_in", lambda *_: None)  # she lives alone here
    seeding.begin(hub, me, made)
    since = {"reached": (NOON - timedelta(days=33)).isoformat()}
    with engine.write(hub.engine) as conn:
        for row in connections.of_user(conn, me, "demo"):
            cursor = msgspec.json.encode(since).decode()
            connections.change(conn, me, row.connection_id, cursor=cursor)
    for module in ("intake.sync", "background.work"):
        monkeypatch.setattr(f"openfit.{module}.now_ms", lambda: int(NOON.timestamp() * 1000))
    started: list[str] = []
    start = Hosts.start
    monkeypatch.setattr(Hosts, "start", lambda self, *of: started.append(of[1]) or start(self, *of))
    with Hosts(hub) as hosts:  # a step at a time in turn, so that readings stand still often
        work.drain(hub, hosts, slice_seconds=0)
    with hub.engine.connect() as conn:
        names = {row.name: row.status for row in connections.of_user(conn, me, "demo")}
        rates = daily.reported(conn, me, "resting_heart_rate", ILL[-1], ILL[0])
        query = "SELECT day, value FROM daily_resolved WHERE user_id = :me AND metric = 'steps'"
        best = conn.execute(text(f"{query} ORDER BY day"), {"me": me}).all()
        states = conn.execute(text("SELECT DISTINCT state FROM raw_items")).scalars().all()
    assert names == {"Watch": "ok", "Ring": "ok", "Phone": "ok"}
    assert states == ["done"]
    assert (
        started.count("demo") < 20
    )  # of hundreds of records, from three connections of one plugin
    assert len({one.source_id for one in rates}) == 2
    assert best[-1].day == "2026-05-20" and len(best) >= 33
    taken = daytime.by_watch(HERS, EVERY[5]).steps
    assert best[-6].value >= float(taken[taken == taken].sum())


def test_the_devices_know_the_sdk_and_the_story_alone():
    folder = folder_of("openfit.demo.devices")
    lines = [line for path in folder.glob("*.py") for line in path.read_text().splitlines()]
    named = {line.split()[1] for line in lines if line.startswith(("from ", "import "))}
    ours = {name for name in named if name.split(".")[0].startswith("openfit")}
    assert ours == {
        *(
            "openfit_sdk",
            "openfit_sdk.schema",
            "openfit_schema.entities",
            "openfit.demo",
            "openfit.demo.devices",
        ),
        *("openfit.demo.nights", "openfit.demo.story"),
    }
