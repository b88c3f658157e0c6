"""What SQLite does for the questions that pages ask most: it goes by an index, whatever the years.

SQLite plans by rules of thumb here, as it has counted nothing; a question that is put in order in
an unlucky way makes it walk all series, or all entities, of a user.
"""

from datetime import UTC, datetime, timedelta

import pytest
from openfit.config import Config
from openfit.hub import open_hub
from openfit.views import reading, series_view, streams
from openfit_sdk.schema import Activity, Device, Metric
from sqlalchemy import event
from support.persons import asking, person

START = datetime(2026, 3, 1, 7, tzinfo=UTC)


@pytest.fixture
def hub(tmp_path):
    url = f"sqlite:///{tmp_path / 'openfit.db'}"
    return open_hub(Config(data=tmp_path / "data", database_url=url))


@pytest.fixture
def ada(hub):
    with asking(hub) as client:
        found = person(client, hub)
        found.store(
            Device(key="watch", type="watch"), *(page for n in range(3) for page in ride(n))
        )
        yield found


def ride(n):
    start = START + timedelta(days=n)
    end = start + timedelta(hours=1)
    yield Activity(key=f"{n}", device="watch", start=start, end=end, sport="cycling")
    for key, activity in (("all day", None), ("ride", f"{n}")):
        yield Metric(
            key=f"{key} {n}",
            type="heart_rate",
            start=start,
            interval_ms=1000,
            v=[100.0, 101.0],
            activity=activity,
            device="watch",
        )


def plans(hub, ask):
    """Steps of SQLite for each statement that `ask` runs, by the statement."""
    asked = []

    def note(conn, cursor, statement, parameters, context, many):
        asked.append((statement, parameters))

    with hub.engine.connect() as conn:
        event.listen(hub.engine, "before_cursor_execute", note)
        try:
            answer = ask(conn)
        finally:
            event.remove(hub.engine, "before_cursor_execute", note)
        found = {
            statement: [
                row[3]
                for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            ]
            for statement, parameters in asked
        }
    return answer, found


def test_a_page_of_activities_begins_at_its_place_and_lists_no_entities_beside(hub, ada):
    user_id, place = ada.user_id, (int((START + timedelta(days=2)).timestamp() * 1000), "")
    (listed, _), found = plans(
        hub, lambda conn: reading.activities(conn, user_id, limit=1, before=place)
    )
    [row] = listed
    assert row.start == START + timedelta(days=2)
    [steps] = [some for statement, some in found.items() if "twins.entity_id !=" in statement]
    of_entities = [step for step in steps if "entities" in step]
    assert of_entities[0].endswith("(user_id=? AND kind=? AND start_at<?)")
    assert [step for step in of_entities[1:] if "entity_id=?" not in step] == []


def test_samples_of_an_activity_are_found_by_it(hub, ada):
    [newest, *_] = ada.get("/activities")["items"]
    answer, found = plans(hub, lambda conn: streams.streams(hub, conn, ada.user_id, newest["id"]))
    assert [stream.v for stream in answer.streams] == [[100.0, 101.0]]
    assert by_activity(found)


def test_a_day_is_found_without_looking_at_all_activities(hub, ada):
    answer, found = plans(
        hub,
        lambda conn: series_view.metric(
            hub, conn, ada.user_id, "heart_rate", START, START + timedelta(days=1), 1000
        ),
    )
    assert sorted(len(source.v) for source in answer.sources) == [2, 2]
    assert by_activity(found)


def by_activity(found):
    """Whether each look at the list of series goes by activity, all-day ones being of none."""
    steps = [step for some in found.values() for step in some if step.startswith("SEARCH series ")]
    return steps != [] and all("series_by_activity" in step for step in steps)
