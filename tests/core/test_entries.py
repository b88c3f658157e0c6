"""What a person enters by hand, read by its plugin in a host, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from openfit.config import Config
from openfit.deriving import rebuild
from openfit.hub import open_hub
from openfit_sdk.schema import Device, Metric
from support.persons import asking, person


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def ada(hub):
    with asking(hub) as client:
        ada = person(client, hub)
        ada.send("PUT", "/profile/zone", {"value": "Europe/Berlin", "since": "2020-01-01"})
        ada.settle()
        yield ada


def weights(ada):
    ada.settle()
    found = ada.get("/metrics/weight/daily")
    return dict(zip(found["days"], found["values"], strict=True))


def test_a_weight_is_dated_by_the_persons_clock_changed_and_taken_back(ada):
    entry = {"kind": "weight", "at": "2026-03-29T01:30:00", "kilograms": 71.4}
    made = ada.send("POST", "/entries", entry, 201)
    assert made["entry"]["utc_offset"] == "+01:00"
    assert made["entry"]["at"] == "2026-03-29T01:30:00+01:00"
    assert weights(ada) == {"2026-03-29": 71.4}
    [listed] = ada.get("/entries")["items"]
    assert (listed["id"], listed["state"]) == (made["id"], "done")
    again = entry | {"at": "2026-03-30T23:30:00", "kilograms": 71.0, "body_fat": 18.0}
    changed = ada.send("PUT", f"/entries/{made['id']}", again)
    assert (changed["id"], changed["entry"]["utc_offset"]) == (made["id"], "+02:00")
    assert weights(ada) == {"2026-03-30": 71.0}  # nothing of the other day stays
    assert ada.get("/metrics/body_fat/daily")["values"] == [18.0]
    wrong = {"kind": "sleep", "start": "2026-03-30T22:00:00Z", "end": "2026-03-31T06:00:00Z"}
    assert ada.send("PUT", f"/entries/{made['id']}", wrong, 400)["code"] == "entry_kind"
    ada.send("DELETE", f"/entries/{made['id']}")
    assert weights(ada) == {}
    assert ada.get("/entries")["items"] == []
    assert ada.send("DELETE", f"/entries/{made['id']}", None, 404)["code"] == "no_entry"


def test_a_persons_word_counts_before_a_devices(ada):
    at = datetime(2026, 3, 1, 7, tzinfo=UTC)
    ada.store(
        Device(key="scale", type="scale"),
        Metric(key="w", type="weight", device="scale", start=at, v=[80.0], utc_offset="+01:00"),
    )
    ada.send("POST", "/entries", {"kind": "weight", "at": "2026-03-01T09:00:00Z", "kilograms": 70})
    assert weights(ada) == {"2026-03-01": 70.0}


def test_every_kind_becomes_what_it_is(ada):
    ada.send("POST", "/entries", {
        "kind": "blood_pressure", "at": "2026-03-01T08:00:00", "systolic": 121, "diastolic": 79,
        "pulse": 60,
    })  # fmt: skip
    workout = ada.send("POST", "/entries", {
        "kind": "workout", "start": "2026-03-01T18:00:00", "end": "2026-03-01T19:00:00",
        "sport": "yoga", "name": "Evening flow", "notes": "calm", "distance": 12,
    })  # fmt: skip
    night = ada.send("POST", "/entries", {
        "kind": "sleep", "start": "2026-03-01T23:00:00", "end": "2026-03-02T07:00:00",
    })  # fmt: skip
    ada.send("POST", "/entries", {
        "kind": "metric", "metric": "steps", "value": 1200, "at": "2026-03-02T10:00:00",
        "seconds": 3600,
    })  # fmt: skip
    ada.settle()
    [listed] = ada.get("/activities")["items"]
    assert (listed["id"], listed["sport"], listed["integration"]) == (
        workout["entities"][0],
        "yoga",
        "manual",
    )
    assert listed["start"] == "2026-03-01T17:00:00Z"
    assert ada.get("/search", q="calm")["items"][0]["id"] == listed["id"]
    [row] = ada.get("/sleep")["days"][0]["sleeps"]
    assert (row["id"], row["role"], row["method"]) == (night["entities"][0], "night", "manual")
    assert row["day"] == "2026-03-02"
    assert ada.get("/metrics/blood_pressure_systolic/daily")["values"] == [121.0]
    assert ada.get("/metrics/steps/daily")["values"] == [1200.0]
    found = ada.get("/entries")["items"]
    assert [one["entry"]["kind"] for one in found] == [
        "metric",
        "sleep",
        "workout",
        "blood_pressure",
    ]
    assert len(ada.get("/entries", kind="workout")["items"]) == 1


def test_entries_come_in_pages_and_can_be_read_again(ada):
    for n in range(5):
        at = (datetime(2026, 3, 1, 8, tzinfo=UTC) + timedelta(days=n)).isoformat()
        ada.send("POST", "/entries", {"kind": "weight", "at": at, "kilograms": 70 + n})
    seen, cursor = [], {}
    while True:
        page = ada.get("/entries", limit=2, **cursor)
        seen += [one["entry"]["kilograms"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [74.0, 73.0, 72.0, 71.0, 70.0]


def test_entries_from_before_1970_have_their_order_too(ada):
    years = ("1969", "1901", "1971", "1950")
    for year in years:
        entry = {"kind": "weight", "at": f"{year}-05-01T08:00:00Z", "kilograms": 50}
        ada.send("POST", "/entries", entry)
    listed = ada.get("/entries")["items"]
    assert [one["entry"]["at"][:4] for one in listed] == sorted(years, reverse=True)


def test_entries_are_read_again_with_everything(ada):
    ada.send("POST", "/entries", {"kind": "weight", "at": "2026-03-01T08:00:00Z", "kilograms": 70})
    before = weights(ada)
    [link] = ada.get("/integrations/manual/status")["connections"]
    rebuild.request(ada.hub, ada.user_id, link["connection_id"])
    assert weights(ada) == before


def test_entries_of_some_days_by_the_clock_they_were_made_on(ada):
    for day, hour in ((9, "22:59"), (9, "23:00"), (10, "22:59"), (10, "23:00")):
        at = f"2026-03-{day:02}T{hour}:00Z"  # Berlin is an hour ahead: midnight lies at 23:00
        ada.send("POST", "/entries", {"kind": "weight", "at": at, "kilograms": 70})
    elsewhere = {"utc_offset": "-08:00", "kilograms": 71}
    ada.send("POST", "/entries", {"kind": "weight", "at": "2026-03-11T07:00:00Z"} | elsewhere)
    ada.send("POST", "/entries", {
        "kind": "sleep", "start": "2026-03-10T23:30:00", "end": "2026-03-11T07:00:00",
    })  # fmt: skip

    def instants(**asked):
        found = [one["entry"] for one in ada.get("/entries", **asked)["items"]]
        return [one.get("at") or one["start"] for one in found]

    assert instants(**{"from": "2026-03-10", "to": "2026-03-10"}) == [
        "2026-03-11T07:00:00Z",  # an hour before midnight, eight hours behind
        "2026-03-10T22:59:00Z",
        "2026-03-10T23:30:00+01:00",
        "2026-03-09T23:00:00Z",
    ]
    assert instants(to="2026-03-09") == ["2026-03-09T22:59:00Z"]
    assert instants(**{"from": "2026-03-11"}) == ["2026-03-10T23:00:00Z"]
    assert instants(kind="sleep", **{"from": "2026-03-10"}) == ["2026-03-10T23:30:00+01:00"]
    page = ada.get("/entries", to="2026-03-10", limit=3)
    assert len(page["items"]) == 3
    rest = ada.get("/entries", to="2026-03-10", cursor=page["next_cursor"])
    assert [one["entry"]["at"] for one in rest["items"]] == [
        "2026-03-09T23:00:00Z",
        "2026-03-09T22:59:00Z",
    ]
    assert ada.get("/entries", 400, **{"from": "2026-03-10", "to": "2026-03-09"})["code"] == "span"


UNFIT = [
    {"kind": "weight", "at": "2026-03-01T08:00:00", "kilograms": 7000},
    {"kind": "weight", "at": "2026-03-01T08:00:00", "kilograms": -1},
    {"kind": "weight", "kilograms": 70},
    {"kind": "metric", "metric": "nonsense", "at": "2026-03-01T08:00:00", "value": 1},
    {"kind": "workout", "sport": "", "start": "2026-03-01T08:00:00", "end": "2026-03-01T09:00:00"},
    {"kind": "workout", "sport": "x", "start": "2026-03-01T08:00:00", "end": "2026-03-01T07:00:00"},
    {"kind": "sleep", "start": "2026-03-01T08:00:00", "end": "2026-03-01T08:00:00", "extra": 1},
    {"kind": "nothing"},
    {},
]


def test_what_does_not_fit_is_refused_and_leaves_nothing(ada):
    for entry in UNFIT:
        answer = ada.send("POST", "/entries", entry, 400)
        assert answer["message"], entry
    assert ada.get("/entries")["items"] == []


def test_another_user_can_neither_see_nor_change(ada, hub):
    made = ada.send(
        "POST", "/entries", {"kind": "weight", "at": "2026-03-01T08:00:00", "kilograms": 70}
    )
    eve = person(ada.client, hub, "Eve")
    assert eve.get("/entries")["items"] == []
    eve.send("DELETE", f"/entries/{made['id']}", None, 404)
    again = {"kind": "weight", "at": "2026-03-01T08:00:00", "kilograms": 1}
    eve.send("PUT", f"/entries/{made['id']}", again, 404)
    for odd in ("%", "_", made["id"][:8]):
        ada.send("DELETE", f"/entries/{odd}", None, 404)
    assert weights(ada) == {"2026-03-01": 70.0}


def test_what_can_be_entered_is_said_as_a_form_would_ask_for_it(ada):
    """Each kind's required fields, filled within the bounds that are said, are taken."""
    said = ada.get("/entries/kinds")
    kinds = {one["kind"]: {f["name"]: f for f in one["fields"]} for one in said["kinds"]}
    assert {*kinds} == {"weight", "blood_pressure", "metric", "workout", "sleep"}
    assert kinds["weight"]["kilograms"] == {
        "name": "kilograms", "form": "number", "required": True, "unit": "kg",
        "low": 1.0, "high": 700.0,
    }  # fmt: skip
    assert kinds["workout"]["distance"]["unit"] == "m"
    assert kinds["sleep"]["type"]["choices"] == ["main", "nap", "rest"]
    metrics = {one["type"]: one for one in said["metrics"]}
    assert metrics["steps"]["sum"] and not metrics["weight"]["sum"]
    assert "ecg" not in metrics and "rr_interval" not in metrics
    for kind, fields in kinds.items():
        given = {
            name: value_for(field)
            for name, field in fields.items()
            if field.get("required") and name != "end"
        }
        if "end" in fields:
            given["end"] = "2026-03-01T09:00:00"
        ada.send("POST", "/entries", {"kind": kind} | given, 201)
        over = [one for one, f in fields.items() if f["form"] == "number" and f.get("high")]
        for name in over:
            beyond = {"kind": kind} | given | {name: fields[name]["high"] * 2}
            if kind != "workout":  # a total is kept as reported
                ada.send("POST", "/entries", beyond, 400)


def value_for(field):
    text = {"metric": "weight", "text": "yoga", "instant": "2026-03-01T08:00:00"}
    return text.get(field["form"]) or (field.get("low") or 0) + 1
