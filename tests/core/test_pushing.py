"""What clients push: each record once, whatever comes how often, in what order, from how many."""

import gzip
import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openfit.background import work
from openfit.deriving import renormalizing
from openfit.hosting import inspecting
from openfit.hosting.hosts import Hosts
from openfit.hub import owner_id
from openfit.intake import pushing
from openfit.leaving import deleting, expiring
from openfit.leaving.deleting import Wish
from openfit.store import people, series
from openfit.store.engine import write
from openfit.store.tables import daily, metadata, pieces, raw_items, rollup
from openfit.store.tables import series as series_rows
from openfit_sdk import Push
from sqlalchemy import func, select
from support import band, sensor
from support.asking import API, asking, hub_on, newcomer, read_in
from support.sensor import post, record

T0 = 1_790_000_000


@pytest.fixture
def hub(tmp_path, database_url, monkeypatch):
    hub = hub_on(tmp_path / "data", database_url)
    sensor.install(hub, tmp_path, monkeypatch)
    return hub


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


def send(client, records, **said):
    found = client.post(f"{API}/ingest/sensor/batch", json=post(records, **said))
    assert found.status_code == 200, found.text
    return found.json()


def drain(hub):
    with Hosts(hub) as hosts:
        work.drain(hub, hosts)


def stored(hub, user_id=None):
    """All samples and what is rolled up from them, by metric."""
    user_id = user_id or owner_id(hub)
    found = {}
    with hub.engine.connect() as conn:
        rows = conn.execute(
            select(series_rows).where(series_rows.c.user_id == user_id, series_rows.c.live)
        )
        for row in rows:
            one = series.rows.of_row(row)
            t, v = series.read(conn, user_id, one, 0, None)
            found.setdefault(row.metric, []).append(list(zip(t.tolist(), v.tolist(), strict=True)))
        sums = [rollup.c.res, rollup.c.n, rollup.c.sum, rollup.c.min, rollup.c.max]
        found["rollup"] = sorted(
            tuple(row) for row in conn.execute(select(*sums).where(rollup.c.user_id == user_id))
        )
        days = select(daily.c.metric, daily.c.day, daily.c.value).where(daily.c.user_id == user_id)
        found["daily"] = sorted(tuple(row) for row in conn.execute(days))
    return found


def count(hub, table):
    with hub.engine.connect() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def test_the_answer_counts_honestly(client):
    some = [record(T0 + i, 60 + i) for i in range(5)]
    first = send(client, some)
    assert {name: first[name] for name in ("ok", "received", "new", "duplicate", "decoded")} == {
        "ok": True,
        "received": 5,
        "new": 5,
        "duplicate": 0,
        "decoded": 5,
    }
    assert first["stored"] == 5 and len(first["raw_key"]) == 64
    again = send(client, some[2:] + [record(T0 + 9)] + [record(T0 + 9)])
    assert (again["received"], again["new"], again["duplicate"]) == (5, 1, 4)
    nothing = send(client, some)
    assert (nothing["new"], nothing["duplicate"], nothing["raw_key"]) == (0, 5, None)


def test_clients_of_old_post_without_a_version(hub, client):
    found = client.post("/ingest/brief", json=post([record(T0)]))
    assert (found.status_code, found.json()["new"]) == (200, 1)
    assert client.post("/ingest/sensor/batch", json=post([record(T0)])).json()["duplicate"] == 1
    del client.headers["authorization"]
    assert client.post("/ingest/brief", json=post([record(T0)])).status_code == 401


def test_what_waits_is_read_as_one(hub, client):
    for at in range(20):
        send(client, [record(T0 + at), record(T0 + at + 1)])
    assert count(hub, raw_items) == 20
    drain(hub)
    assert count(hub, raw_items) == count(hub, pieces) == 1
    assert stored(hub)["heart_rate"] == [[((T0 + at) * 1000, 60.0) for at in range(21)]]
    assert send(client, [record(T0 + 3)])["duplicate"] == 1


RECORDS = st.lists(
    st.builds(
        lambda at, value, rank, counter: record(T0 + at, value, rank=rank, counter=counter),
        st.integers(0, 5),
        st.integers(60, 63),
        st.sampled_from([1, 3, 9]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=25,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(RECORDS, st.data())
def test_any_partition_order_and_repetition_is_the_same(shared, some, data):
    hub, (whole, parts) = shared.hub, shared.people()
    take, drain = shared.take, shared.drain
    take(whole, some)
    drain()
    left = data.draw(st.permutations(some + data.draw(st.lists(st.sampled_from(some), max_size=8))))
    while left:
        n = data.draw(st.integers(1, len(left)))
        take(parts, left[:n])
        left = left[n:]
        if data.draw(st.booleans()):
            drain()
    drain()
    assert stored(hub, parts) == stored(hub, whole)
    n = len({bytes(one) for one in some})
    assert held(hub, parts) == held(hub, whole) == n


def held(hub, user_id):
    with hub.engine.connect() as conn:
        rows = conn.execute(select(pieces).where(pieces.c.user_id == user_id))
        return sum(len(row.timed) + len(row.untimed or b"") for row in rows) // 8


class Shared:
    """One hub for all examples, new people for each."""

    def __init__(self, hub, hosts):
        self.hub, self.hosts, self.n = hub, hosts, 0

    def people(self):
        with write(self.hub.engine) as conn:
            self.n += 1
            return [people.create_user(conn, f"{self.n} {i}", 0)[0] for i in range(2)]

    def take(self, user_id, records):
        return taken(self.hub, self.hosts, user_id, records)

    def drain(self):
        work.drain(self.hub, self.hosts)


def taken(hub, hosts, user_id, records):
    body = json.dumps(post(records)).encode()
    push = Push(route="batch", body=body, media_type="application/json")
    return pushing.receive(hub, hosts, user_id, "sensor", push)


@pytest.fixture
def shared(hub):
    with Hosts(hub) as hosts:
        yield Shared(hub, hosts)


def test_two_clients_at_once_store_each_record_once(hub):
    """Each over its own process' worth of code: two desks on one database."""
    some = [record(T0 + i, 60 + i % 7) for i in range(300)]
    parts = [some[at : at + 30] for at in range(0, 270, 15)]  # each overlaps the next
    answers, failures = [], []

    def work_through(mine):
        try:
            with Hosts(hub) as hosts:
                answers.extend(taken(hub, hosts, owner_id(hub), part) for part in mine)
        except Exception as error:
            failures.append(error)

    both = [threading.Thread(target=work_through, args=(mine,)) for mine in (parts, parts[::-1])]
    [one.start() for one in both]
    [one.join() for one in both]
    drain(hub)
    assert not failures
    distinct = len({one for part in parts for one in part})
    assert sum(answer["new"] for answer in answers) == distinct == held(hub, owner_id(hub))
    assert len(stored(hub)["heart_rate"][0]) == distinct


def test_an_hour_is_read_whole_however_it_came(hub, client):
    seconds = [0, 1, 2, 5, 6, 3599, 3600, 3601]
    hour = T0 // 3600 * 3600
    for at in [5, 0, 3601, 2, 3599, 1, 6, 3600]:
        send(client, [record(hour + at, rank=sensor.WHOLE)])
        if at in (0, 1):
            drain(hub)
    drain(hub)
    assert [v for _, v in stored(hub)["steps"][0]] == [3.0, 1.0]
    assert sum(row[2] for row in stored(hub)["rollup"] if row[0] == "day") == 4
    assert count(hub, raw_items) == 2 and held(hub, owner_id(hub)) == len(seconds)
    assert count(hub, metadata.tables["feeds"]) == 2


def test_what_is_packed_is_unpacked_within_bounds(client):
    def sent(body, encoding, route="batch"):
        headers = {"content-encoding": encoding, "content-type": "application/json"}
        return client.post(f"{API}/ingest/sensor/{route}", content=body, headers=headers)

    plain = json.dumps(post([record(T0)])).encode()
    assert sent(gzip.compress(plain), "gzip").json()["new"] == 1
    assert sent(gzip.compress(plain)[:-9], "gzip").json()["code"] == "encoding"
    assert sent(plain, "br").status_code == 400
    assert sent(gzip.compress(plain + b" " * 1001), "gzip", "small").status_code == 413
    bomb = gzip.compress(bytes(300_000_000))
    assert sent(bomb, "gzip").status_code == 413


def test_what_cannot_be_taken_says_why(client):
    assert client.post(f"{API}/ingest/batches", json={}).json()["code"] == "no_push_route"
    wrong = client.post(f"{API}/ingest/sensor/batch", json={"records": []})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "shape")
    nameless = client.post(f"{API}/ingest/sensor/batch", json=post([record(T0)], device=" "))
    assert nameless.json()["code"] == "device"


def test_a_plugin_that_falls_over_takes_nothing_with_it(hub, client):
    send(client, [record(T0)])
    fell = client.post(f"{API}/ingest/sensor/batch", json=post([record(T0 + 1)]) | {"die": True})
    assert (fell.status_code, fell.json()["code"]) == (503, "plugin")
    assert int(fell.headers["retry-after"]) > 0 and "post it again" in fell.json()["next_step"]
    assert count(hub, raw_items) == 1
    assert send(client, [record(T0), record(T0 + 1)])["new"] == 1


def test_thirty_at_once_and_then_one_every_two_seconds(client):
    codes = [client.post(f"{API}/ingest/sensor/batch", json=post([record(T0)])) for _ in range(31)]
    assert [one.status_code for one in codes] == [200] * 30 + [429]
    assert codes[-1].headers["retry-after"] in ("1", "2")


def test_the_same_name_of_two_people_is_two_devices(hub, client):
    send(client, [record(T0)])
    headers = {"authorization": f"Bearer {newcomer(hub)}"}
    body = post([record(T0)])
    found = client.post(f"{API}/ingest/sensor/batch", json=body, headers=headers).json()
    assert found["new"] == 1


def lines(records) -> bytes:
    return "\n".join(one.hex() for one in records).encode()


def test_a_file_joins_what_was_pushed(hub, client):
    some = [record(T0 + at, 60 + at) for at in range(40)]
    send(client, some[:25])
    report = read_in(hub, client, "band.txt", lines(some[10:]))
    assert report["files"][0]["counts"] == {"decoded": 30, "new": 15, "received": 30}
    assert stored(hub)["heart_rate"] == [[((T0 + at) * 1000, 60.0 + at) for at in range(40)]]
    assert send(client, some)["duplicate"] == 40
    before = stored(hub)
    renormalizing.request(hub, owner_id(hub), "sensor")
    drain(hub)
    assert stored(hub) == before


def test_a_file_of_two_devices_asks_which(hub, client):
    for device in ("one", "two"):
        send(client, [record(T0)], device=device)
    body = lines([record(T0 + 5)])
    asked = client.post(f"{API}/activities/import", params={"name": "a"}, content=body)
    assert (asked.status_code, asked.json()["code"]) == (400, "several_devices")
    one = send(client, [record(T0)], device="one")["connection_id"]
    params = {"name": "a", "connection_id": one}
    found = client.post(f"{API}/activities/import", params=params, content=body)
    assert found.status_code == 202
    drain(hub)
    assert sorted(len(one) for one in stored(hub)["heart_rate"]) == [1, 2]


def test_a_renewed_reading_gives_the_same(hub, client):
    for at in range(6):
        send(client, [record(T0 + at, 60 + at, rank=rank, counter=rank) for rank in (9, 1, 3)])
        drain(hub)
    before = stored(hub)
    renormalizing.request(hub, owner_id(hub), "sensor")
    drain(hub)
    assert stored(hub) == before


def expire(hub, client):
    with write(hub.engine) as conn:
        conn.exec_driver_sql("update raw_items set received_at = 1 where state = 'done'")
    [one] = client.get(f"{API}/connections").json()["items"]
    return expiring.expire_originals(hub, owner_id(hub), one["connection_id"], 14).originals


def test_records_of_which_the_bytes_are_gone_still_count_once(hub, client):
    some = [record(T0 + at, 60 + at) for at in range(10)]
    send(client, some)
    drain(hub)
    before = stored(hub)
    assert expire(hub, client) == 1
    assert send(client, some[5:] + [record(T0 + 10, 70)])["new"] == 1
    reach = renormalizing.request(hub, owner_id(hub), "sensor")
    assert (reach.originals, reach.gone, reach.gone_to) == (0, 1, 1)
    said = " ".join(renormalizing.sentences(reach))
    assert "1 more, received up to 1970-01-01, are out of reach" in said
    drain(hub)
    assert stored(hub)["heart_rate"][0] == [*before["heart_rate"][0], ((T0 + 10) * 1000, 70.0)]


def test_what_is_read_whole_says_when_a_part_of_it_is_gone(hub, client):
    hour = T0 // 3600 * 3600
    send(client, [record(hour + at, rank=sensor.WHOLE) for at in range(4)])
    drain(hub)
    assert expire(hub, client) == 1
    assert send(client, [record(hour + 9, rank=sensor.WHOLE)])["new"] == 1
    drain(hub)
    assert [v for _, v in stored(hub)["steps"][0]] == [3.0]
    with hub.engine.connect() as conn:
        [kept] = conn.execute(select(raw_items).where(raw_items.c.state == "failed")).all()
    assert "retention rule" in kept.reports


def test_what_was_forgotten_may_come_again(hub, client):
    some = [record(T0 + at) for at in range(3)]
    wish = Wish(connection=send(client, some)["connection_id"], forget=True)
    drain(hub)
    _, word = deleting.preview(hub, owner_id(hub), wish)
    deleting.request(hub, owner_id(hub), wish, word)
    drain(hub)
    assert "heart_rate" not in stored(hub)
    assert send(client, some)["new"] == 3


def test_a_file_is_looked_into_by_the_plugin_whose_it_is(tmp_path):
    file = tmp_path / "day.txt"
    file.write_text("\n".join(band.second(band.START + at).hex() for at in range(3)))
    found = inspecting.inspect_file(file)
    assert (found["kind"], found["frames"], found["crc_failures"]) == ("band_frames", 3, 0)
    said = "\n".join(inspecting.sentences(file, found))
    assert "packet 2F, name HISTORICAL_DATA, length 96, version 24, count 3, decoded 3" in said


def test_a_device_that_goes_by_two_names_is_one(hub, client):
    """A band that was paired by its serial, and posts under what a phone calls it."""
    one = send(client, [record(T0)], device="serial")["connection_id"]
    changed = client.patch(f"{API}/connections/{one}", json={"devices": ["AA:BB", " AA:BB "]})
    assert changed.json()["devices"] == ["AA:BB"]
    again = send(client, [record(T0), record(T0 + 1)], device="AA:BB")
    assert (again["connection_id"], again["new"], again["duplicate"]) == (one, 1, 1)
    assert len(client.get(f"{API}/connections").json()["items"]) == 1
