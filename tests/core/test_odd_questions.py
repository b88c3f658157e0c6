"""Questions at the edges of calendars, numbers and texts are answered or refused, on both
databases: none is a bug's 500."""

import base64
import json

import pytest
from openfit.config import Config
from openfit.hub import open_hub
from support.persons import BASE, asking, person

FAR = "99999999999999999999"
FIRST, LAST = "0001-01-01", "9999-12-31"


@pytest.fixture
def ada(tmp_path, database_url):
    hub = open_hub(Config(data=tmp_path / "data", database_url=database_url))
    with asking(hub) as client:
        ada = person(client, hub)
        ada.send(
            "PUT", "/journal/2026-03-01", {"note": "one\x00two \x1e three", "tags": ["a\x00b"]}
        )
        entry = {"kind": "workout", "start": "2026-03-01T08:00:00", "end": "2026-03-01T09:00:00"}
        ada.send("POST", "/entries", entry | {"sport": "x", "notes": "nul \x00 inside"})
        ada.send("POST", "/entries", entry | {"kind": "sleep"})
        ada.settle()
        yield ada


def cursor(place):
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


SPANS = [{"from": a, "to": b} for a in (FIRST, LAST) for b in (FIRST, LAST)]
QUESTIONS = [
    *(
        (path, span | more)
        for span in SPANS
        for path, more in [
            ("/activities", {}), ("/activities/calendar", {}), ("/sleep", {}), ("/wellness", {}),
            ("/journal", {}), ("/metrics/weight", {}), ("/metrics/weight/daily", {}),
            ("/metrics/correlate", {"metrics": "steps,weight"}),
            ("/analytics/trends", {"metric": "steps"}),
            ("/analytics/cross-device", {"metric": "steps"}),
        ]
    ),
    *(("/history", {"to": day, "range": "365d"}) for day in (FIRST, LAST)),
    *((f"/day/{day}", {}) for day in (FIRST, LAST, "2026-03-01")),
    *((f"/night/{day}", {}) for day in (FIRST, LAST, "9998-12-31", "1900-01-01", "2026-03-01")),
    ("/night/2026-03-01", {"start": "0001-01-01T00:00:00", "end": "9999-12-31T23:59:59"}),
    ("/night/2026-03-01", {"start": "2026-03-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}),
    *(("/analytics/trends", {"metric": "steps", "scale": s, "anchor": d})
      for s in ("week", "year") for d in (FIRST, LAST)),
    ("/activities", {"cursor": cursor([int(FAR), "x"])}),
    ("/activities", {"cursor": cursor([-int(FAR), "x"])}),
    ("/activities", {"source": FAR, "tag": "a\x00b", "q": "\x00"}),
    ("/activities", {"min_distance": "1e308", "max_duration": "1e308"}),
    ("/sleep", {"cursor": cursor(FIRST)}), ("/sleep", {"cursor": cursor("x")}),
    ("/journal", {"cursor": cursor(1)}), ("/search", {"q": "one", "cursor": cursor(["", ""])}),
    ("/entries", {"cursor": cursor(["", ""])}), ("/entries", {"cursor": "???"}),
    ("/metrics/weight", {"sources": FAR}), ("/metrics/weight", {"sources": "²"}),
    ("/metrics/weight", {"start": "0001-01-01T00:00:00", "end": "9999-12-31T23:59:59"}),
    ("/metrics/correlate", {"metrics": f"steps@{FAR},weight@²"}),
    ("/metrics/correlate", {"metrics": "@,@1"}),
    ("/analytics/cross-device", {"metric": "weight", "sources": "9223372036854775807,1"}),
]  # fmt: skip
WRITES = [
    ("POST", "/entries", {"kind": "weight", "at": "0001-01-01T00:00:00", "kilograms": 70}),
    ("POST", "/entries", {"kind": "weight", "at": "9999-12-31T23:59:59-12:00", "kilograms": 70}),
    ("POST", "/entries", {"kind": "metric", "at": "2026-03-01T00:00:00", "metric": "mine.x",
                          "value": 1e308}),
    ("PATCH", "/profile", {"since": FIRST, "zone": "Europe/Berlin"}),
    ("PATCH", "/profile", {"since": LAST, "height": 1.7}),
    ("PUT", "/profile/height", {"since": FIRST, "value": 1.8}),
    ("PUT", f"/journal/{FIRST}", {"note": "long ago"}),
    ("PUT", f"/journal/{LAST}", {"note": "some day"}),
    ("PUT", "/ladders/*", {"ranking": [FAR, "ring"]}),
    ("POST", "/integrations/fileimport/connect", {"history_from": "0001-01-01T00:00:00+14:00"}),
]  # fmt: skip


def test_no_question_is_a_bug(ada):
    for path, params in QUESTIONS:
        answer = ada.client.get(BASE + path, params=params, headers=ada.headers)
        assert answer.status_code in (200, 400), (path, params, answer.text)
    assert ada.get("/search", q="two three")["items"] == []
    assert ada.get("/search", q="inside")["items"][0]["kind"] == "activity"


def test_a_name_that_cannot_be_is_of_nothing(ada):
    for path in ("activities", "sleep", "connections", "entries", "raw", "metrics", "imports"):
        answer = ada.client.get(f"{BASE}/{path}/%00", headers=ada.headers)
        assert answer.status_code in (400, 404, 405), (path, answer.text)
    for path, place in [
        ("search", ["\x00", "x"]),
        ("journal", "\x00"),
        ("activities", [1, "\x00"]),
    ]:
        params = {"cursor": cursor(place), "q": "one"}
        answer = ada.client.get(f"{BASE}/{path}", params=params, headers=ada.headers)
        assert answer.status_code in (200, 400), (path, answer.text)


def test_no_write_is_a_bug(ada):
    [row] = ada.get("/sleep")["days"][0]["sleeps"]
    corrections = [
        ("PATCH", f"/sleep/{row['id']}", {"start": "0001-01-01T00:00:00+14:00"}),
        ("PATCH", f"/sleep/{row['id']}", {"end": "9999-12-31T23:59:59-14:00"}),
    ]
    for method, path, body in WRITES + corrections:
        answer = ada.client.request(method, BASE + path, json=body, headers=ada.headers)
        assert answer.status_code < 500, (path, body, answer.text)
        ada.settle()
    for path, params in QUESTIONS:
        answer = ada.client.get(BASE + path, params=params, headers=ada.headers)
        assert answer.status_code in (200, 400), (path, params, answer.text)
    assert ada.get("/today")["day"]
