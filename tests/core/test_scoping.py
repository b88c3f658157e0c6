"""Every route of the OpenAPI document, asked with another person's ids, and through grants that
are not there, ended, or for something else. A new route is in this by itself; one that needs
something real to be asked for fails, until support/world.py says what that is."""

import shutil

import pytest
from openfit.api.scopes import BY_METRIC, EACH, SCOPES
from openfit.store import grants
from support.access import house_on
from support.routes import Route, like
from support.world import ABSENT, OF_THE_HUB, World, key_of, text_of


@pytest.fixture(scope="module")
def world(tmp_path_factory, migrated_file):
    folder = tmp_path_factory.mktemp("world")
    copy = shutil.copy(migrated_file, folder / "openfit.db")
    with house_on(folder / "data", f"sqlite:///{copy}") as house:
        yield World(house)


# That the test itself holds ----------------------------------------------------------------------


def test_every_route_can_be_asked_for_something_real(world):
    assert world.lacking == {}, "say in support/world.py what is real there"
    assert len(world.routes) > 80


def test_what_is_asked_for_is_really_there(world):
    """Ann gets all of it, and every mark stands in some answer."""
    seen = ""
    for route in world.reads:
        answer = world.ask(route, world.ann_key)
        if route.id in ABSENT:
            assert problem(answer) == ABSENT[route.id]
            continue
        assert answer.status_code < 300, (route.id, answer.text)
        seen += text_of(answer)
    assert [m for marks in world.marks.values() for m in marks if m not in seen] == []


def test_things_that_were_made_up_are_not_there(world):
    for route in world.routes:
        if route.identities and not {*route.identities} & OF_THE_HUB:
            answer = world.ask(route, world.ann_key, made_up=True)
            assert answer.status_code == 404, (route.id, answer.status_code, answer.text)


# Another's ids -----------------------------------------------------------------------------------


def test_anothers_ids_are_like_made_up_ones(world):
    """Nothing is read, nothing changed, and nothing told: not even that there is such a thing."""
    before = world.picture()
    for route in world.routes:
        if not route.identities or route.opt.get("open"):
            continue
        real = world.ask(route, world.bob_key)
        made_up = world.ask(route, world.bob_key, made_up=True)
        assert real.status_code in (403, 404), (route.id, real.status_code, real.text)
        told = [
            answer.text.replace(world.examples.path(route, made_up=kind), "PATH")
            for answer, kind in ((real, False), (made_up, True))
        ]
        assert real.status_code == made_up.status_code, route.id
        assert without_ids(world, route, told[0]) == without_ids(world, route, told[1]), route.id
    assert world.picture() == before


def without_ids(world, route, text):
    for name in route.identities:
        real = world.examples.thing(route, name)
        for one in (real, like(real, name)):
            text = text.replace(one, "ID").replace(one.partition(".")[0], "ID")
    return text


def test_ones_own_lists_hold_nothing_of_another(world):
    for route in world.reads:
        if route.identities:
            continue
        answer = world.ask(route, world.bob_key)
        assert answer.status_code < 500, (route.id, answer.text)
        assert world.shown(text_of(answer)) == [], route.id
        ids = [one for one in world.things.values() if len(one) > 12]
        assert [one for one in ids if one in text_of(answer)] == [], route.id


# Grants ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["none", "revoked", "expired", "offered", "of another"])
def test_without_a_live_grant_no_route_speaks_of_another(world, state):
    more = {
        "revoked": {"revoked_at": 1},
        "expired": {"expires_at": 1},
        "offered": {"grantee_id": grants.NOBODY},
        "of another": {"grantee_id": 12345},
    }.get(state, {"revoked_at": 1})
    world.grant("all", **more)
    before = world.picture()
    for route in world.routes:
        if route.opt.get("open"):
            continue
        answer = world.ask(route, world.bob_key, person=1)
        assert answer.status_code == 403, (route.id, answer.status_code, answer.text)
        assert world.shown(text_of(answer)) == [], route.id
    assert world.picture() == before


@pytest.mark.parametrize("family", ["journal", "workout", "profile", "body", "sleep", "mind"])
def test_a_grant_of_one_family_opens_that_family_alone(world, family):
    grant_id = world.grant(family)
    before = world.picture()
    opened = set()
    for route in world.routes:
        if route.opt.get("open") or (route.opt.get("streams") and route.family is not None):
            continue
        answer = world.ask(route, world.bob_key, person=1)
        text = text_of(answer)
        assert answer.status_code < 500, (route.id, text)
        if not reaches(world, route, family):
            assert answer.status_code == 403, (route.id, answer.status_code, text)
        elif route.family != EACH:
            assert answer.status_code < 300, (route.id, answer.status_code, text)
        if answer.status_code < 300:
            opened.add(route.id)
        assert world.shown(text, but=family) == [], route.id
    assert opened
    assert world.picture() == before
    booked = world.ann.get("/grants/access-log")["items"]
    assert grant_id in {row["grant_id"] for row in booked}


def reaches(world, route: Route, family: str) -> bool:
    if route.scope != "read" or route.family is None:
        return False
    if route.family == EACH:
        return True
    of = world.hub.plugins.metric("weight").family if route.family == BY_METRIC else route.family
    return of == family


def test_a_grant_of_everything_opens_all_that_a_grant_can_and_changes_nothing(world):
    world.grant("all")
    before, seen = world.picture(), ""
    for route in world.routes:
        if route.opt.get("open") or (route.opt.get("streams") and route.family is not None):
            continue
        answer = world.ask(route, world.bob_key, person=1)
        if route.scope == "read" and route.family is not None:
            assert answer.status_code < 300, (route.id, answer.text)
            seen += text_of(answer)
        else:
            assert answer.status_code == 403, (route.id, answer.status_code)
    assert [m for marks in world.marks.values() for m in marks if m not in seen] == []
    assert world.picture() == before


# Scopes ------------------------------------------------------------------------------------------


def test_every_route_refuses_a_key_that_lacks_its_scope(world):
    held = {scope: key_of(world.hub, 1, [s for s in SCOPES if s != scope]) for scope in SCOPES}
    before = world.picture()
    for route in world.routes:
        if route.opt.get("open"):
            continue
        assert route.scope in SCOPES, route.id
        answer = world.ask(route, held[route.scope])
        assert (answer.status_code, problem(answer)) == (403, "scope"), (route.id, answer.text)
    assert world.picture() == before


def test_every_route_refuses_who_brings_nothing(world):
    for route in world.routes:
        if not route.opt.get("open"):
            for bad in ("of_unknown", "eyJhbGciOiJub25lIn0.e30."):
                assert world.ask(route, bad).status_code == 401, route.id


def problem(answer) -> str:
    return answer.json()["code"] if answer.content else "scope"  # HEAD has no body
