"""What is deleted is gone, stays gone, and takes nothing else with it."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openfit.deriving import rebuild
from openfit.errors import NotFound, Refused
from openfit.hub import owner_id
from openfit.leaving import accounts, deleting, tasks
from openfit.leaving.deleting import Wish
from openfit.store import holding
from openfit.store.engine import write
from openfit.store.tables import metadata
from sqlalchemy import func, select
from support.leaving import (
    DAY,
    HOUR,
    MONDAY,
    a_day,
    account,
    deliver,
    filled,
    lines,
    newcomer,
    outing,
    picture,
    plain_hub,
    settle,
)


@pytest.fixture
def hub(tmp_path, database_url):
    return plain_hub(tmp_path / "data", database_url)


@pytest.fixture
def me(hub):
    return owner_id(hub)


def delete(hub, user_id, **what):
    wish = Wish(**what)
    counts, word = deleting.preview(hub, user_id, wish)
    task = deleting.request(hub, user_id, wish, word)
    settle(hub)
    done = tasks.found(hub, user_id, task)
    assert done.state == "done", done
    return counts, done


def seen(hub, user_id, tmp_path):
    found = picture(hub, user_id, tmp_path)
    entities = [line["entity"] for line in lines(found, "entities")]
    return {
        "keys": sorted(f"{one['entity']} {one['key']}" for one in entities),
        "samples": found["samples.jsonl"],
        "days": found["resolved.jsonl"],
        "originals": [line["item_id"] for line in lines(found, "originals")],
    }


def files(hub):
    return sorted(path.name for path in (hub.config.data / "raw").rglob("*") if path.is_file())


def source(hub, user_id, device, of="home"):
    from openfit.store.entities import source_id

    return str(source_id(account(hub, user_id, of), device))


# Counting ----------------------------------------------------------------------------------------


def test_a_dry_run_counts_what_then_goes(hub, me, tmp_path):
    filled(hub, me)
    counts, done = delete(hub, me, start=MONDAY + 2 * DAY, end=MONDAY + 3 * DAY)
    assert (counts.activities, counts.nights) == (1, 1)
    assert counts.samples > 240 + 60 + 20
    assert counts.originals == done.outcome["originals"] == 0  # all gave more than that day
    assert counts.originals_kept == done.outcome["originals_kept"] == 3
    after, _ = deleting.preview(hub, me, Wish(start=MONDAY + 2 * DAY, end=MONDAY + 3 * DAY))
    assert {after.activities, after.nights, after.samples, after.daily_values} == {0}


def test_nothing_is_deleted_without_its_own_counts(hub, me, tmp_path):
    filled(hub, me)
    before = seen(hub, me, tmp_path)
    wish = Wish(metric="heart_rate")
    _, word = deleting.preview(hub, me, wish)
    for other in (Wish(metric="steps"), Wish(metric="heart_rate", forget=True)):
        with pytest.raises(Refused, match="not what was counted"):
            deleting.request(hub, me, other, word)
    deliver(hub, me, "more", a_day(20))
    settle(hub)
    with pytest.raises(Refused) as changed:
        deleting.request(hub, me, wish, word)
    assert changed.value.status == 409
    assert {*before["keys"]} < {*seen(hub, me, tmp_path)["keys"]}


def test_what_is_named_must_be_ones_own(hub, me):
    other = newcomer(hub)
    filled(hub, other)
    theirs = account(hub, other)
    for wish in (
        Wish(connection=theirs),
        Wish(source=source(hub, other, "watch")),
        Wish(source="x"),
    ):
        with pytest.raises(NotFound):
            deleting.preview(hub, me, wish)
    with pytest.raises(Refused, match="delete everything"):
        deleting.preview(hub, me, Wish())
    with pytest.raises(Refused, match="after"):
        deleting.preview(hub, me, Wish(start=MONDAY, end=MONDAY))


# By what -----------------------------------------------------------------------------------------


def test_an_activity_goes_with_all_that_hangs_on_it(hub, me, tmp_path):
    deliver(hub, me, "one", outing("one", MONDAY))
    deliver(hub, me, "two", outing("two", MONDAY + DAY))
    settle(hub)
    found = lines(picture(hub, me, tmp_path), "entities")
    [one] = [line["id"] for line in found if line["entity"]["key"] == "one"]
    counts, _ = delete(hub, me, activity=one)
    assert (counts.activities, counts.samples, counts.originals) == (1, 180, 1)
    after = seen(hub, me, tmp_path)
    assert after["keys"] == ["activity two"]
    assert after["originals"] == ["two"]
    assert one.encode() not in after["samples"]


def test_a_connection_goes_and_the_other_stays(hub, me, tmp_path):
    filled(hub, me)
    home, work = account(hub, me), account(hub, me, "work")
    counts, _ = delete(hub, me, connection=home)
    assert counts.originals == 5
    after = picture(hub, me, tmp_path)
    assert {line["entity"]["source"]["connection"] for line in lines(after, "entities")} <= {work}
    assert [line["item_id"] for line in lines(after, "originals")] == ["ring"]
    ring = source(hub, me, "ring", "work")
    assert {line["ext"]["openfit.source"] for line in lines(after, "samples")} == {ring}
    assert {line["source_id"] for line in lines(after, "daily")} == {ring}
    assert files(hub) == []


def test_a_metric_goes_with_what_the_vendor_said_of_its_days(hub, me, tmp_path):
    deliver(hub, me, "day", a_day(0))
    settle(hub)
    metrics = {line["metric"] for line in lines(picture(hub, me, tmp_path), "resolved")}
    assert metrics == {"heart_rate", "steps", "resting_heart_rate"}
    delete(hub, me, metric="resting_heart_rate")
    delete(hub, me, metric="steps")
    after = picture(hub, me, tmp_path)
    assert {line["metric"] for line in lines(after, "resolved")} == {"heart_rate"}
    assert {line["type"] for line in lines(after, "samples")} == {"heart_rate"}
    assert len(lines(after, "originals")) == 1


def test_new_data_of_a_deleted_source_comes_in(hub, me, tmp_path):
    filled(hub, me)
    delete(hub, me, everything=True)
    assert seen(hub, me, tmp_path)["keys"] == []
    later = MONDAY.replace(year=2100)
    deliver(hub, me, "later", outing("later", later))
    settle(hub)
    after = seen(hub, me, tmp_path)
    assert after["keys"] == ["activity later"]
    assert b"heart_rate" in after["samples"]


# It stays away -----------------------------------------------------------------------------------


WISHES = {
    "range": {"start": MONDAY + DAY, "end": MONDAY + 2 * DAY + 6 * HOUR},
    "metric": {"metric": "heart_rate"},
    "metric in a range": {"metric": "steps", "start": MONDAY, "end": MONDAY + DAY},
    "everything": {"everything": True},
    "before": {"end": MONDAY + DAY},
}


@pytest.mark.parametrize("wish", WISHES.values(), ids=list(WISHES))
def test_decoding_and_importing_again_bring_nothing_back(hub, me, tmp_path, wish):
    filled(hub, me, days=3)
    delete(hub, me, **wish)
    after = seen(hub, me, tmp_path)
    for of in ("home", "work"):
        rebuild.request(hub, me, account(hub, me, of))
    settle(hub)
    assert seen(hub, me, tmp_path) == after
    for n in range(3):
        deliver(hub, me, f"day-{n}", a_day(n))
    settle(hub)
    again = seen(hub, me, tmp_path)
    again.pop("originals"), after.pop("originals")
    assert again == after


def test_what_was_forgotten_completely_may_come_again(hub, me, tmp_path):
    deliver(hub, me, "one", outing("one", MONDAY))
    deliver(hub, me, "two", outing("two", MONDAY + DAY))
    settle(hub)
    before = seen(hub, me, tmp_path)
    _, done = delete(hub, me, start=MONDAY, end=MONDAY + DAY, forget=True)
    assert done.outcome == {"originals": 1, "originals_kept": 0, "remembered": False}
    assert lines(picture(hub, me, tmp_path), "tombstones") == []
    deliver(hub, me, "one", outing("one", MONDAY))
    settle(hub)
    assert seen(hub, me, tmp_path) == before


def test_a_deletion_that_is_lifted_gives_back_what_was_kept(hub, me, tmp_path):
    both = [*outing("one", MONDAY), *outing("two", MONDAY + 2 * DAY)]
    deliver(hub, me, "both", both)
    settle(hub)
    before = seen(hub, me, tmp_path)
    _, done = delete(hub, me, start=MONDAY, end=MONDAY + DAY)
    assert seen(hub, me, tmp_path)["keys"] == ["activity two"]
    deleting.lift(hub, me, done.id)
    settle(hub)
    assert seen(hub, me, tmp_path) == before


# Cut short ---------------------------------------------------------------------------------------


def steps_of(hub, user_id):
    with hub.engine.connect() as conn:
        [offer] = tasks.offers(hub, conn, [user_id])
    return offer.begin()


def deleted(hub, folder, stop_after=None):
    """What is left when a connection was deleted, cut short after so many steps."""
    me = owner_id(hub)
    filled(hub, me, days=3)
    wish = Wish(connection=account(hub, me))
    deleting.request(hub, me, wish, deleting.preview(hub, me, wish)[1])
    if stop_after is not None:
        steps = steps_of(hub, me)
        for _ in range(stop_after):
            if next(steps, None) is None and steps.gi_frame is None:
                break
        abandon(hub, steps)
    settle(hub)
    return seen(hub, me, folder), files(hub)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return deleted(plain_hub(folder), folder)


@pytest.mark.parametrize("stop_after", range(1, 9))
def test_killed_at_any_step_it_ends_alike(hub, whole, tmp_path, stop_after):
    assert deleted(hub, tmp_path, stop_after) == whole == (whole[0], [])


def abandon(hub, steps):
    """As a process that dies leaves it: nothing is tidied up, its lease runs out."""
    steps.close()
    with write(hub.engine) as conn:
        conn.exec_driver_sql("update tasks set lease_owner = null, lease_until = null")


def test_files_stay_while_somebody_reads_all_originals(hub, me, tmp_path):
    filled(hub, me)
    there = files(hub)
    assert there != []
    wish = Wish(everything=True)
    task = deleting.request(hub, me, wish, deleting.preview(hub, me, wish)[1])
    with holding.held(hub.raw):
        settle(hub)
        waiting = tasks.found(hub, me, task)
        assert files(hub) == there
        assert (waiting.state, "Waits for an export" in waiting.message) == ("running", True)
    settle(hub)
    assert files(hub) == []
    assert tasks.found(hub, me, task).state == "done"


def test_the_bytes_of_another_person_stay(hub, me):
    other = newcomer(hub)
    for user in (me, other):
        filled(hub, user, days=3)
    both = files(hub)
    delete(hub, me, everything=True)
    assert files(hub) == both
    delete(hub, other, everything=True)
    assert files(hub) == []


def test_a_deletion_can_be_stopped_and_what_went_stays_away(hub, me, tmp_path):
    filled(hub, me)
    wish = Wish(everything=True)
    task = deleting.request(hub, me, wish, deleting.preview(hub, me, wish)[1])
    assert tasks.cancel(hub, me, task).state == "cancelled"
    settle(hub)
    assert seen(hub, me, tmp_path)["keys"] != []
    with pytest.raises(Refused, match="over"):
        tasks.cancel(hub, me, task)


# The account -------------------------------------------------------------------------------------


def rows_of(hub, user_id):
    with hub.engine.connect() as conn:
        return {
            table.name: n
            for table in metadata.sorted_tables
            if (n := conn.execute(count(table, user_id)).scalar_one())
        }


def count(table, user_id):
    return select(func.count()).select_from(table).where(table.c.user_id == user_id)


def test_of_an_account_no_row_and_no_file_is_left(hub, me, tmp_path):
    filled(hub, me, days=3)
    other = newcomer(hub)
    filled(hub, other, days=3)
    deliver(hub, other, "own", [*a_day(30), *[thing for n in range(400) for thing in outing(f"{n}", MONDAY + n * HOUR)]])  # fmt: skip # noqa: E501
    settle(hub)
    before, theirs, kept = picture(hub, me, tmp_path), files(hub), rows_of(hub, me)
    assert {*rows_of(hub, other)} >= {table.name for table in metadata.sorted_tables} - {
        "dirty",
        "results",
    }
    room = hub.scratch / f"{other}-vendor-x"
    room.mkdir(parents=True)
    word = accounts.preview(hub, other)[1]
    accounts.request(hub, other, word, signed_in_recently=True)
    settle(hub)
    assert rows_of(hub, other) == {}
    assert len(files(hub)) == len(theirs) - 1
    assert not room.exists()
    assert picture(hub, me, tmp_path) == before
    assert rows_of(hub, me) == kept


def test_an_account_goes_only_after_a_fresh_sign_in_and_never_the_last_owner(hub, me):
    other = newcomer(hub)
    word = accounts.preview(hub, other)[1]
    with pytest.raises(Refused) as refused:
        accounts.request(hub, other, word, signed_in_recently=False)
    assert (refused.value.status, refused.value.code) == (403, "sign_in_again")
    with write(hub.engine) as conn:
        conn.exec_driver_sql(f"update users set role = 'owner' where user_id = {me}")
    with pytest.raises(Refused, match="only owner"):
        accounts.request(hub, me, accounts.preview(hub, me)[1], signed_in_recently=True)
    accounts.request(hub, other, word, signed_in_recently=True)
    settle(hub)
    accounts.request(hub, me, accounts.preview(hub, me)[1], signed_in_recently=True)
    settle(hub)
    assert rows_of(hub, me) == {}


wishes = st.builds(
    lambda what, first, days: {
        **what,
        "start": MONDAY + timedelta(hours=first),
        "end": MONDAY + timedelta(hours=first + days),
    },
    st.sampled_from([{}, {"metric": "heart_rate"}, {"metric": "steps"}]),
    st.integers(-30, 90),
    st.integers(1, 60),
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=st.lists(wishes, min_size=1, max_size=3))
def test_any_deletion_stays_deleted(tmp_path_factory, migrated_file, wishes):
    folder = tmp_path_factory.mktemp("any")
    hub = plain_hub(folder)
    me = owner_id(hub)
    for n in range(3):
        deliver(hub, me, f"day-{n}", a_day(n))
    settle(hub)
    for wish in wishes:
        delete(hub, me, **wish)
    after = seen(hub, me, folder)
    rebuild.request(hub, me, account(hub, me))
    settle(hub)
    for n in range(3):
        deliver(hub, me, f"day-{n}", a_day(n))
    settle(hub)
    again = seen(hub, me, folder)
    again.pop("originals"), after.pop("originals")
    assert again == after
