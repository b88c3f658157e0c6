"""The journal of days, and the search over it and over activities, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.config import Config
from openfit.hub import open_hub
from openfit.store import words
from openfit_sdk.schema import Activity
from support.persons import asking, person

TODAY = date(2026, 3, 1)


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


@pytest.fixture
def ada(client, hub):
    return person(client, hub)


def activity(key, name, notes=None, day=1):
    start = datetime(2026, 3, day, 7, tzinfo=UTC)
    return Activity(
        key=key,
        sport="running",
        name=name,
        notes=notes,
        start=start,
        end=start + timedelta(hours=1),
        utc_offset="+00:00",
    )


def test_a_day_is_written_read_and_taken_away(ada):
    written = ada.send("PUT", "/journal/2026-03-01", {"tags": ["#Travel", "Late  Meal", "travel"]})
    assert (written["tags"], written["note"]) == (["travel", "late meal"], "")
    again = ada.send("POST", "/journal", {"day": "2026-03-01", "note": " slept badly "})
    assert (again["tags"], again["note"]) == ([], "slept badly")
    assert ada.get("/journal/2026-03-01") == again
    emptied = ada.send("PUT", "/journal/2026-03-01", {"tags": [" "], "note": "  "})
    assert emptied == {"day": "2026-03-01", "tags": [], "note": "", "updated_at": None}
    assert ada.get("/journal")["items"] == []
    assert ada.get("/search", q="slept")["items"] == []


UNFIT = [
    ({"note": "x" * 1001}, "note_too_long"),
    ({"tags": [str(n) for n in range(25)]}, "too_many_tags"),
    ({"tags": ["x" * 49]}, "tag_too_long"),
]


def test_what_does_not_fit_is_refused_and_nothing_is_written(ada):
    for given_words, code in UNFIT:
        assert ada.send("PUT", "/journal/2026-03-01", given_words, 400)["code"] == code
        assert ada.get("/journal/2026-03-01")["updated_at"] is None


def test_pages_follow_each_other_without_a_gap(ada):
    for n in range(1, 8):
        ada.send("PUT", f"/journal/2026-03-0{n}", {"tags": ["odd"] if n % 2 else ["even"]})
    seen, cursor = [], {}
    while True:
        page = ada.get("/journal", limit=3, **cursor)
        seen += [item["day"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [f"2026-03-0{n}" for n in range(7, 0, -1)]
    odd = ada.get("/journal", tag="ODD", limit=3)
    assert [item["day"][-1] for item in odd["items"]] == ["7", "5", "3"]
    assert len(ada.get("/journal", **{"from": "2026-03-02", "to": "2026-03-04"})["items"]) == 3
    assert len(ada.get("/journal", to="2026-03-07", range="7d")["items"]) == 7
    assert ada.get("/journal", 400, **{"from": "2026-03-04", "to": "2026-03-02"})["code"] == "span"


def test_another_user_sees_none_of_it(ada, client, hub):
    ada.send("PUT", "/journal/2026-03-01", {"tags": ["secret"], "note": "mine"})
    eve = person(client, hub, "Eve")
    assert eve.get("/journal")["items"] == []
    assert eve.get("/journal/2026-03-01")["note"] == ""
    assert eve.get("/journal/tags")["items"] == []
    assert eve.get("/search", q="mine")["items"] == []
    eve.send("DELETE", "/journal/2026-03-01")
    assert ada.get("/journal/2026-03-01")["note"] == "mine"


def test_search_finds_activities_and_days_by_all_words_folded(ada):
    ada.store(activity("a", "Zürich Marathon", "Øvre Årdal, 3°"), activity("b", "Easy run", day=2))
    ada.send("PUT", "/journal/2026-03-03", {"note": "Marathon legs", "tags": ["müde"]})
    found = ada.get("/search", q="marathon")
    assert [(one["kind"], one["day"]) for one in found["items"]] == [
        ("day", "2026-03-03"),
        ("activity", "2026-03-01"),
    ]
    [one] = ada.get("/search", q="ZURICH mara")["items"]
    assert one["title"] == "Zürich Marathon"
    marks = [one["snippet"]["text"][a:b] for a, b in one["snippet"]["marks"]]
    assert marks == ["Zürich", "Marathon"]
    assert len(ada.get("/search", q="ovre ardal")["items"]) == 1
    assert len(ada.get("/search", q="mude")["items"]) == 1
    assert ada.get("/search", q="mara zurich")["items"] == []  # only the last word may go on


def test_search_follows_corrections_and_deletion_at_once(ada):
    ada.store(activity("a", "Morning Run"))
    [one] = ada.get("/search", q="morning")["items"]
    ada.send("PATCH", f"/activities/{one['id']}", {"name": "Evening jog", "notes": None})
    assert ada.get("/search", q="morning")["items"] == []
    assert ada.get("/search", q="evening jog")["items"][0]["id"] == one["id"]
    ada.store(activity("a", "Morning Run at last"))  # delivered again: the correction holds
    assert ada.get("/search", q="morning")["items"] == []
    ada.send("DELETE", f"/activities/{one['id']}")
    assert ada.get("/search", q="evening")["items"] == []


def test_pages_of_a_search_hold_each_thing_once(ada):
    ada.store(*(activity(str(n), f"Loop {n}", day=1 + n % 3) for n in range(7)))
    seen, cursor = [], {}
    while True:
        page = ada.get("/search", q="loop", limit=2, **cursor)
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(seen) == len(set(seen)) == 7


HOSTILE = [
    '"', "'", "*", "a OR b", "NEAR(a b)", "body:x", "-x", "a AND", "(", ")", "x^", "{a}", "a:*",
    "' | 'x", "!x", "<->", "a & b", "\\", "%", "_", "x'; DROP TABLE texts; --", "\x00", "\x1e",
    "a" * 200, "🚴", "एक", "1e5", "3.14", "a-b", "a/b", "x@y.z",
]  # fmt: skip


def test_no_query_is_a_command(ada):
    ada.send("PUT", "/journal/2026-03-01", {"note": "plain words: a b x y z, 3.14, a-b"})
    for query in HOSTILE:
        found = ada.get("/search", q=query)["items"]
        assert {one["day"] for one in found} <= {"2026-03-01"}
        assert len(found) == 1 or query not in ("3.14", "a-b", "a & b", "a/b")


@given(st.lists(st.text(max_size=12), max_size=5).map(" ".join))
def test_a_text_is_found_by_each_of_its_words(text):
    known = words.words_of(text)
    for word in known[: words.MOST_WORDS]:
        assert words.asked(word) == [word]
        assert word.isalnum() or not word.isascii()
    if known:
        piece = words.snippet(text, known[:1])
        assert all(0 <= a < b <= len(piece.text) for a, b in piece.marks)


def test_hubs_that_were_there_before_are_searched_too(ada):
    """The migration marks everybody's days; here the mark is laid by hand."""
    from openfit.store import days, texts
    from openfit.store.engine import write

    ada.store(activity("a", "Old friend"))
    with write(ada.hub.engine) as conn:
        texts.forget(conn, ada.user_id, [ada.get("/activities")["items"][0]["id"]])
        days.mark_spans(conn, ada.user_id, texts.MARK, [(date(1900, 1, 1), date(9999, 12, 30))])
    assert ada.get("/search", q="friend")["items"] == []
    ada.settle()
    assert len(ada.get("/search", q="friend")["items"]) == 1
