"""Originals that are kept for a while only: what follows from them stays, whatever comes."""

import pytest
from openfit.deriving import rebuild
from openfit.errors import Refused
from openfit.hub import owner_id
from openfit.intake import ingest
from openfit.leaving import expiring, scheduled, tasks
from openfit.store import holding, raw, settings, waiting
from openfit.store.engine import write
from support.asking import API, asking
from support.leaving import (
    DAY,
    MONDAY,
    a_day,
    account,
    deliver,
    filled,
    lines,
    measured,
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


def expire(hub, me, of="home"):
    with write(hub.engine) as conn:
        conn.exec_driver_sql("update raw_items set received_at = 1")
    return expiring.expire_originals(hub, me, account(hub, me, of), 30)


def shown(hub, me, tmp_path):
    found = picture(hub, me, tmp_path)
    return {name: body for name, body in found.items() if not name.startswith(("raw/", "orig"))}


def test_bytes_go_and_what_follows_stays_also_when_all_is_decoded_again(hub, me, tmp_path):
    filled(hub, me)
    before = shown(hub, me, tmp_path)
    gone = expire(hub, me)
    assert (gone.originals, gone.size > 100_000) == (5, True)
    assert [path for path in (hub.config.data / "raw").rglob("*") if path.is_file()] == []
    left = lines(picture(hub, me, tmp_path), "originals")
    assert [line["item_id"] for line in left] == ["ring"]
    for _ in range(2):
        rebuild.request(hub, me, account(hub, me))
        settle(hub)
        assert shown(hub, me, tmp_path) == before
    assert expire(hub, me).originals == 0


def test_what_comes_later_merges_with_what_cannot_be_read_again(hub, me, tmp_path):
    """As if nothing had ever been let go."""
    other = plain_hub(tmp_path / "other")
    for one in (hub, other):
        deliver(one, owner_id(one), "day-0", a_day(0))
        settle(one)
    expire(hub, me)
    for one in (hub, other):
        more = [measured("heart_rate", MONDAY, 100, 30_000, seed=1), *a_day(1)]
        deliver(one, owner_id(one), "more", more)
        settle(one)
        rebuild.request(one, owner_id(one), account(one, owner_id(one)))
        settle(one)
    for name in ("samples.jsonl", "entities.jsonl", "daily.jsonl", "resolved.jsonl"):
        assert shown(hub, me, tmp_path)[name] == shown(other, owner_id(other), tmp_path)[name]


def test_what_comes_again_under_another_name_is_a_duplicate_also_of_what_was_let_go(hub, me):
    deliver(hub, me, "first", a_day(0))
    settle(hub)
    expire(hub, me)
    deliver(hub, me, "again", a_day(0))
    settle(hub)
    with hub.engine.connect() as conn:
        last = conn.exec_driver_sql("select max(receipt) from raw_items").scalar_one()
        assert waiting.adds_nothing(conn, me, last)


@pytest.mark.parametrize("meanwhile", ["nothing", "a newer version"])
def test_what_was_let_go_and_comes_again_leaves_no_file_that_nobody_names(
    hub, me, monkeypatch, meanwhile
):
    big = [measured("heart_rate", MONDAY, 20_000, 1000, seed=1)]
    deliver(hub, me, "day", big)
    settle(hub)
    expire(hub, me)
    look = ingest.let_go

    def then(*asked):
        found = look(*asked)
        monkeypatch.undo()
        if meanwhile == "a newer version":
            deliver(hub, me, "day", a_day(0)[:1])
        return found

    monkeypatch.setattr(ingest, "let_go", then)
    deliver(hub, me, "day", big)
    settle(hub)
    data = hub.config.data
    files = [p for name in ("raw", "spool") for p in (data / name).rglob("*") if p.is_file()]
    with hub.engine.connect() as conn:
        rows = conn.exec_driver_sql("select sha256 from raw_bodies where body is null")
        assert {path.stem for path in files} == {*rows.scalars()}
    assert len(files) == (meanwhile != "nothing")


def test_no_file_leaves_the_disk_between_its_place_and_its_row(hub, me, monkeypatch):
    keep, free = raw.keep, []

    def then(*asked):
        kept = keep(*asked)
        with holding.alone(hub.raw) as alone:
            free.append(alone)
        return kept

    monkeypatch.setattr(raw, "keep", then)
    deliver(hub, me, "day", [measured("heart_rate", MONDAY, 20_000, 1000, seed=1)])
    assert free and not any(free)
    with holding.alone(hub.raw) as alone:
        assert alone


def test_a_version_that_was_let_go_is_read_when_it_comes_again(hub, me, tmp_path):
    for things in (a_day(0), a_day(1)):
        deliver(hub, me, "day", things)
        settle(hub)
    expire(hub, me)
    deliver(hub, me, "day", a_day(0))
    settle(hub)
    assert [line["item_id"] for line in lines(picture(hub, me, tmp_path), "originals")] == ["day"]
    with hub.engine.connect() as conn:
        rows = conn.exec_driver_sql("select state, current from raw_items order by receipt")
        assert [(row.state, bool(row.current)) for row in rows] == [
            ("done", True),
            ("expired", False),
        ]


def test_by_default_everything_is_kept(hub, me, tmp_path):
    filled(hub, me)
    before = picture(hub, me, tmp_path)
    with write(hub.engine) as conn:
        conn.exec_driver_sql("update raw_items set received_at = 1")
    expiring.expire_by_rules(hub)
    assert lines(picture(hub, me, tmp_path), "samples") == lines(before, "samples")
    assert len(lines(picture(hub, me, tmp_path), "originals")) == len(lines(before, "originals"))
    with pytest.raises(Refused, match="a day at least"):
        expiring.expire_originals(hub, me, account(hub, me), 0)


def test_a_rule_lets_go_what_is_old_enough(hub, me, tmp_path):
    deliver(hub, me, "old", a_day(0))
    deliver(hub, me, "new", [measured("heart_rate", MONDAY + DAY, 10, 1000)])
    settle(hub)
    rule = {account(hub, me): expiring.Rule(30)}
    with write(hub.engine) as conn:
        conn.exec_driver_sql("update raw_items set received_at = 1 where item_id = 'old'")
        settings.put(conn, me, expiring.SETTING, rule)
    for _ in range(2):
        scheduled.ask_if_wanted(hub)
        settle(hub)
    assert [one.kind for one in tasks.listed(hub, me)] == ["expiry"]
    assert [line["item_id"] for line in lines(picture(hub, me, tmp_path), "originals")] == ["new"]


def test_a_choice_says_what_would_go_holds_a_day_later_and_can_be_taken_back(
    hub, me, tmp_path, monkeypatch
):
    filled(hub, me)
    home = account(hub, me)
    with write(hub.engine) as conn:
        conn.exec_driver_sql("update raw_items set received_at = 1")
    before = lines(picture(hub, me, tmp_path), "originals")
    with asking(hub) as client:
        address = f"{API}/retention/{home}"

        def choose(days, **more):
            answer = client.put(address, json={"days": days, **more})
            assert answer.status_code == 200, answer.text
            return answer.json()

        def listed():
            items = client.get(f"{API}/retention").json()["items"]
            return next(one for one in items if one["connection_id"] == home)

        free = listed()
        assert (free["days"], free["holds_from"], free["originals"]) == (None, None, 5)
        asked = choose(30)
        assert asked["going"] == {"originals": 5, "size": free["size"]}
        assert listed() == free
        assert choose(30, dry_run=False)["days"] == 30
        expiring.expire_by_rules(hub)
        assert lines(picture(hub, me, tmp_path), "originals") == before
        assert choose(None, dry_run=False) == free
        late = expiring.now_ms() + 2 * expiring.GRACE_MS
        with monkeypatch.context() as clock:
            clock.setattr(expiring, "now_ms", lambda: late)
            expiring.expire_by_rules(hub)
        assert lines(picture(hub, me, tmp_path), "originals") == before
        choose(30, dry_run=False)
        monkeypatch.setattr(expiring, "now_ms", lambda: late)
        expiring.expire_by_rules(hub)
        gone = listed()
        assert (gone["originals"], gone["size"]) == (0, 0)
        assert expiring.expire_originals(hub, me, home, 30) == expiring.Expired(0, 0)
        assert client.put(address, json={"days": 0}).status_code == 400


def kept(hub, me, of):
    wanted = account(hub, me, of)
    return next(one for one in expiring.kept(hub, me) if one.connection_id == wanted)


def test_bytes_that_another_source_needs_are_not_counted(hub, me):
    for of in ("home", "away"):
        deliver(hub, me, "same", a_day(0), of=of)
    deliver(hub, me, "other", a_day(1))
    settle(hub)
    home, away = kept(hub, me, "home"), kept(hub, me, "away")
    assert (away.originals, away.size) == (1, 0)
    freed = expire(hub, me)
    assert (home.originals, home.size) == (freed.originals, freed.size)
    assert freed.originals == 2
    assert kept(hub, me, "away").size > 0
