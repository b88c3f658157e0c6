"""The live channel: what happened is told once to everybody who listens, cheaply."""

import asyncio
import contextlib

import msgspec
import pytest
from openfit.cli import importing_now
from openfit.deriving import derive
from openfit.hub import owner_id
from openfit.store import keys
from openfit.store.engine import write
from openfit.watching import live, live_state
from support.asking import API, asking, hub_on, newcomer, served
from support.files import gpx


@pytest.fixture
def hub(tmp_path, database_url):
    return hub_on(tmp_path / "data", database_url)


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


def send(client, n=1):
    answer = client.post(f"{API}/activities/import", params={"name": "a.gpx"}, content=gpx(n))
    return answer.json()["import_id"]


# What is news ------------------------------------------------------------------------------------


def kinds(hub, before):
    after = live_state.read(hub, owner_id(hub), before)
    return after, [kind for kind, _ in live_state.news(before, after)]


def test_an_import_is_told_from_its_taking_to_its_last_day(hub, client):
    user_id = owner_id(hub)
    state = live_state.read(hub, user_id)
    import_id = send(client)
    state, found = kinds(hub, state)
    assert "import" in found and "connection" in found
    importing_now.read_all(hub, user_id, import_id)
    after = live_state.read(hub, user_id, state)
    told = dict(live_state.news(state, after))
    assert (told["import"]["import_id"], told["import"]["done"]) == (import_id, 1)
    while derive.run(hub, user_id):
        pass
    assert kinds(hub, live_state.read(hub, user_id))[1] == []


def test_days_that_changed_are_named_while_they_wait(hub, client):
    user_id = owner_id(hub)
    import_id = send(client)
    state = live_state.read(hub, user_id)
    from openfit.background.work import drain
    from openfit.hosting.hosts import Hosts

    with Hosts(hub) as hosts:
        drain(hub, hosts, user_id=user_id, derive_too=False)
    told = dict(live_state.news(state, live_state.read(hub, user_id, state)))
    assert "activity" in told["data"]["kinds"]
    assert told["data"]["first_day"] <= told["data"]["last_day"]
    assert "derived" not in told
    assert told["import"]["import_id"] == import_id


def test_nothing_that_happened_is_no_news(hub, client):
    send(client)
    state = live_state.read(hub, owner_id(hub))
    assert kinds(hub, state)[1] == []


# The channel, in this process --------------------------------------------------------------------


def channel_of(hub):
    async def run(work):
        return work()

    return live.Channel(hub, run)


def drained(listener):
    found = []
    while not listener.queue.empty():
        found.append(listener.queue.get_nowait())
    return found


def test_one_look_serves_every_listener(hub, monkeypatch):
    looks = []
    real = live_state.read
    monkeypatch.setattr(live_state, "read", lambda *args: looks.append(1) or real(*args))

    async def scenario():
        channel, user_id = channel_of(hub), owner_id(hub)
        listeners = [await channel.join(user_id) for _ in range(50)]
        assert len(looks) == 1
        await channel.look()
        channel.tell(user_id, "data", {"kinds": ["activity"]})
        channel.close()
        return [[event.kind for event in drained(one)] for one in listeners], len(looks)

    told, n = asyncio.run(scenario())
    assert told == [["hello", "data"]] * 50
    assert n == 2


def test_who_comes_back_hears_what_was_missed_and_no_more(hub):
    async def scenario():
        channel, user_id = channel_of(hub), owner_id(hub)
        staying, leaving = await channel.join(user_id), await channel.join(user_id)
        channel.tell(user_id, "data", 1)
        seen = drained(leaving)[-1].id
        channel.leave(leaving)
        channel.tell(user_id, "data", 2)
        channel.tell(user_id, "data", 3)
        back = await channel.join(user_id, seen)
        late = await channel.join(user_id, "0-1")
        channel.close()
        return [one.data for one in drained(back)], [one.kind for one in drained(late)], staying

    missed, late, _ = asyncio.run(scenario())
    assert missed == [b"2", b"3"]
    assert late == ["reset"]


def test_ids_are_told_apart_between_processes_and_grow(hub):
    first, second = channel_of(hub), channel_of(hub)
    ids = [first.event("data", 1).id, first.event("data", 1).id, second.event("data", 1).id]
    assert len(set(ids)) == 3
    assert ids[0].partition("-")[0] == ids[1].partition("-")[0] != ids[2].partition("-")[0]


def test_who_does_not_keep_up_is_let_go(hub):
    async def scenario():
        channel, user_id = channel_of(hub), owner_id(hub)
        slow, quick = await channel.join(user_id), await channel.join(user_id)
        for n in range(live.MOST_WAITING + 1):
            channel.tell(user_id, "data", n)
            drained(quick)
        channel.close()
        return slow, quick, channel

    slow, quick, channel = asyncio.run(scenario())
    assert (slow.dropped, quick.dropped) == (True, False)
    assert slow.queue.qsize() == live.MOST_WAITING
    assert len(channel.past[slow.user_id]) <= live.REMEMBERED


def test_nobody_hears_of_anybody_else(hub):
    newcomer(hub)

    async def scenario():
        channel, user_id = channel_of(hub), owner_id(hub)
        mine, theirs = await channel.join(user_id), await channel.join(user_id + 1)
        channel.tell(user_id, "data", 1)
        channel.close()
        return [one.kind for one in drained(mine)], [one.kind for one in drained(theirs)]

    assert asyncio.run(scenario()) == (["hello", "data"], ["hello"])


def test_when_the_last_one_left_nothing_is_kept(hub):
    async def scenario():
        channel = channel_of(hub)
        listener = await channel.join(owner_id(hub))
        channel.tell(owner_id(hub), "data", 1)
        channel.leave(listener)
        await asyncio.wait_for(channel.looking, 5)
        return channel

    channel = asyncio.run(scenario())
    assert (channel.count, channel.past, channel.states) == (0, {}, {})


def test_an_event_is_written_as_the_standard_has_it():
    event = live.Event("ab-1", "data", msgspec.json.encode({"kinds": ["a\nb"]}))
    assert event.as_sse() == b'id: ab-1\nevent: data\ndata: {"kinds":["a\\nb"]}\n\n'


# Over a socket -----------------------------------------------------------------------------------


def events_of(lines):
    """(kind, id, data) of each event of a stream."""
    found = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            found[name] = value
        elif "event" in found:
            yield found["event"], found.get("id"), msgspec.json.decode(found["data"])
            found = {}


def test_a_listener_hears_an_import_and_where_it_is_signed_out(hub):
    with served(hub) as client:
        with client.stream("GET", f"{API}/live") as stream:
            assert stream.status_code == 200
            assert stream.headers["content-type"] == "text/event-stream"
            assert stream.headers["cache-control"] == "no-store"
            assert "content-encoding" not in stream.headers
            told = events_of(stream.iter_lines())
            assert next(told)[0] == "hello"
            import_id = send(client)
            kind, last, data = next(one for one in told if one[0] == "import")
            assert data["import_id"] == import_id
        with client.stream("GET", f"{API}/live", headers={"last-event-id": last}) as stream:
            importing_now.read_all(hub, owner_id(hub), import_id)
            told = events_of(stream.iter_lines())
            done = next(data for kind, _, data in told if kind == "import" and data["done"])
            assert done["import_id"] == import_id
            key = client.headers["authorization"].partition(" ")[2]
            with write(hub.engine) as conn:
                conn.execute(
                    keys.tokens.delete().where(keys.tokens.c.token_hash == keys.hashed(key))
                )
            assert [kind for kind, *_ in told][-1] == "signed_out"
        assert client.app.state.live.count == 0


def test_fifty_listeners_and_no_more_than_a_hundred(hub):
    with served(hub) as client, contextlib.ExitStack() as stack:
        for _ in range(50):
            stream = stack.enter_context(client.stream("GET", f"{API}/live"))
            assert stream.status_code == 200
        assert client.app.state.live.count == 50
        assert "openfit_live_listeners 50.0" in client.get(f"{API}/meta/prometheus").text
