"""What holds of every route alike: what it is not asked for in its query, HEAD, and refusals that
say what to do next."""

import ast
import shutil
from pathlib import Path

import openfit
import pytest
from openfit.errors import HubError, NotFound, SetupError
from support.access import API, house_on
from support.world import World

# What changes between two answers to the same question.
PASSING = {"date", "x-request-id", "ratelimit", "etag", "content-length"}
DAY = "is no day; write it as 2026-01-31"
MISTYPED = {"frmo": "2026-01-01"}


@pytest.fixture(scope="module")
def world(tmp_path_factory, migrated_file):
    folder = tmp_path_factory.mktemp("world")
    copy = shutil.copy(migrated_file, folder / "openfit.db")
    with house_on(folder / "data", f"sqlite:///{copy}") as house:
        yield World(house)


def asked(world, route, method=None, *, made_up=False, token=None, **more):
    path = world.examples.path(route, made_up=made_up)
    how = world.examples.asked(route)
    how["params"] |= more.pop("query", {})
    how["headers"] = how["headers"] | {"authorization": f"Bearer {token or world.ann_key}"}
    if "json" in more:
        how.pop("content", None)
    world.house.client.cookies.clear()
    method = (method or route.method).upper()
    return world.house.client.request(method, API + path, follow_redirects=False, **how | more)


# Queries -----------------------------------------------------------------------------------------


def test_no_route_takes_what_it_does_not_know(world):
    before = world.picture()
    for route in world.routes:
        if route.opt.get("any_query"):
            continue
        answer = asked(world, route, token=world.ann_session, query=MISTYPED)
        assert answer.status_code == 400, (route.id, answer.status_code, answer.text)
        if route.method == "head":
            continue
        told = answer.json()
        assert told["code"] == "unknown_parameter", route.id
        [fault] = told["problems"]
        assert (fault["where"], fault["name"]) == ("query", "frmo")
        assert all(f"`{name}`" in told["next_step"] for name in route.wants), route.id
    assert world.picture() == before


def test_a_mistyped_name_is_told_with_what_is_near_and_what_there_is(world):
    told = world.ann.get("/activities", 400, frmo="2026-01-01", limit=5)
    assert told["message"] == "`frmo` is not known here; perhaps `from` is meant."
    assert {"`from`", "`sport`", "`has`", "`person`"} <= set(
        told["next_step"].replace(",", " ").replace(".", " ").split()
    )
    assert "`first`" not in told["next_step"]
    twice = world.ann.client.get(
        f"{API}/activities?limit=5&limit=6&sport=a&sport=b", headers=world.ann.headers
    ).json()
    assert (twice["code"], twice["problems"][0]["name"]) == ("repeated_parameter", "limit")
    assert world.ann.get("/activities", person=1)["items"]


# Problems ----------------------------------------------------------------------------------------


def refusals(world):
    """(route, answer) of every route, asked wrongly in all the ways there are."""
    for route in world.routes:
        if route.method == "head" or route.opt.get("any_query"):
            continue
        if not route.opt.get("streams"):
            yield route, asked(world, route, made_up=True)
        yield route, asked(world, route, token="nothing")
        if route.identities:
            yield route, asked(world, route, token=world.bob_key)
        yield route, asked(world, route, query=MISTYPED)
        yield route, asked(world, route, "TRACE")
        if route.has_body:
            yield route, asked(world, route, json=["no", "object"])
            yield route, asked(world, route, json={"no": "field"})


def test_every_refusal_says_what_happened_and_what_to_do_next(world):
    found = {}
    for route, answer in refusals(world):
        if answer.status_code < 400:
            continue
        told = answer.json()
        found.setdefault(answer.status_code, set()).add(told["code"])
        assert answer.headers["content-type"] == "application/problem+json"
        assert told["next_step"] and told["title"], (route.id, told)
        assert told["detail"] == told["message"] and isinstance(told["detail"], str)
        assert told["status"] == answer.status_code
        assert "?" not in told["message"], (route.id, told)
    assert {400, 401, 403, 404, 405} <= set(found)
    assert {"unknown_parameter", "invalid"} <= found[400]


def kinds_of(error):
    """Of a refusal, all that are made where they are raised."""
    yield error
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


def test_whoever_refuses_knows_the_next_step():
    """What is not there has one for all; what stops a start says how to write the setting; some
    make their own. All others say it where they are raised."""
    general = {*kinds_of(NotFound), *kinds_of(SetupError)}
    names = {
        kind.__name__
        for kind in kinds_of(HubError)
        if kind not in general and (kind is HubError or "__init__" not in vars(kind))
    }
    assert {"Refused", "NotAllowed", "Conflict", "Unfit"} <= names
    mute, seen = [], 0
    for path in Path(openfit.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", None) in names:
                seen += 1
                if not any(word.arg in ("next_step", None) for word in call.keywords):
                    mute.append(f"{path.parent.name}/{path.name}:{call.lineno}")
    assert mute == []
    assert seen > 100


@pytest.mark.parametrize(
    ("method", "path", "body", "faults"),
    [
        ("GET", "/activities?from=2026-99-01", None, [("query", "from", DAY)]),
        ("GET", "/activities?limit=many&has=x", None,
         [("query", "limit", "must be `int`, not `str`"), ("query", "has", "cannot be 'x'")]),
        ("GET", "/activities?min_distance=-1", None,
         [("query", "min_distance", "must be `float` >= 0.0")]),
        ("GET", "/day/xx", None, [("path", "day", DAY)]),
        ("PUT", "/journal/2026-13-20", {"note": "x"}, [("path", "day", DAY)]),
        ("GET", "/metrics/correlate", None, [("query", "metrics", "is missing")]),
        ("POST", "/journal", {"day": "x"}, [("body", "day", DAY)]),
        ("POST", "/journal", {"day": "2026-01-01", "tags": ["a", 3]},
         [("body", "tags[1]", "must be `str`, not `int`")]),
        ("PATCH", "/activities/x", {"bogus": 1}, [("body", "bogus", "is not known here")]),
        ("POST", "/uploads", {"name": "a"}, [("body", "size", "is missing")]),
        ("POST", "/journal", None, [("body", "", "is missing")]),
        ("PUT", "/journal/2026-01-01", [1], [("body", "", "must be `object`, not `array`")]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_as_the_client_knows_it(world, method, path, body, faults):
    headers = {"authorization": f"Bearer {world.ann_key}"}
    answer = world.house.client.request(method, API + path, json=body, headers=headers)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "invalid")
    assert [(one["where"], one["name"], one["message"]) for one in told["problems"]] == faults
    assert "openapi.json" in told["next_step"]


def test_what_is_wrong_with_an_address_is_said(world):
    ask = world.house.client.request
    wrong = ask("DELETE", f"{API}/activities")
    assert wrong.headers["allow"] == "GET, HEAD, OPTIONS"
    assert wrong.json()["next_step"] == "It takes GET, HEAD, OPTIONS."
    lost = ask("GET", f"{API}/activitys").json()
    assert (lost["code"], lost["message"]) == ("not_found", "There is no such address.")
    assert "openapi.json" in lost["next_step"]
    broken = ask(
        "POST",
        f"{API}/journal",
        content=b"{",
        headers={"authorization": f"Bearer {world.ann_key}", "content-type": "application/json"},
    ).json()
    assert broken["message"].startswith("The body could not be read")


# HEAD --------------------------------------------------------------------------------------------


def test_head_is_get_without_its_body(world):
    seen = 0
    for route in world.routes:
        if route.method != "get" or route.opt.get("once"):
            continue
        said = asked(world, route, "HEAD")
        assert said.content == b"", route.id
        if route.opt.get("streams"):
            assert said.headers["content-type"] == "text/event-stream"
            continue
        whole = asked(world, route, "GET")
        assert said.status_code == whole.status_code, route.id
        left = [{k: v for k, v in one.headers.items() if k not in PASSING} for one in (said, whole)]
        assert left[0] == left[1], route.id
        assert set(said.headers) == set(whole.headers), route.id
        seen += 1
    assert seen > 60


def test_head_of_pages_and_of_what_stands_still_is_the_same_to_the_byte(world):
    client, bearer = world.house.client, {"authorization": f"Bearer {world.ann_key}"}
    for path in (
        "/",
        "/more",
        "/static/app.js",
        "/static/none.js",
        f"{API}/activities",
        f"{API}/x",
    ):
        said, whole = (client.request(m, path, headers=bearer) for m in ("HEAD", "GET"))
        assert (said.status_code, said.content) == (whole.status_code, b"")
        for name in ("etag", "content-length", "content-type", "content-encoding"):
            assert said.headers.get(name) == whole.headers.get(name), (path, name)
    known = client.get(f"{API}/activities", headers=bearer).headers["etag"]
    unchanged = client.head(f"{API}/activities", headers=bearer | {"if-none-match": known})
    assert (unchanged.status_code, unchanged.headers["etag"]) == (304, known)
    assert client.head(f"{API}/auth/logout").status_code == 405


def test_head_uses_up_nothing(world):
    used_up = [route for route in world.routes if route.opt.get("once")]
    assert "finishOidc" in {route.id for route in used_up}
    for route in used_up:
        assert asked(world, route, "HEAD").status_code == 405, route.id
