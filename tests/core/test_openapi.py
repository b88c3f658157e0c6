"""The document says what the API does: every status, every shape, nothing else."""

import contextlib
import re
from collections import Counter
from copy import deepcopy

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from jsonschema_rs import validator_for
from openfit.hub import owner_id
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import definitions
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from support.access import Post
from support.asking import API, activity_in, asking, hub_on, served
from support.files import gpx
from support.repository import texts

EXAMPLES = 3
# What is well formed may still name what is not there, and tokens are asked about on their own.
LEFT_OUT = [ignored_auth, positive_data_acceptance]
METHODS = {"get", "put", "post", "delete", "patch", "head"}
EVERYTHING = {"registration": "open", "metrics_token": "for a monitor"}
STREAMS = {"listenLive"}  # never ends


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    folder = tmp_path_factory.mktemp("document")
    hub = hub_on(folder, f"sqlite:///{folder / 'openfit.db'}")
    with asking(hub) as client:
        answer = client.get(f"{API}/openapi/openapi.json")
        assert answer.status_code == 200
        return answer.json()


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            yield path, method, item[method]


def test_the_document_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    meta = definitions.OPENAPI_31
    errors = [error.message for error in validator_for(meta).iter_errors(document)]
    assert errors == []


def test_every_operation_has_an_id_of_its_own_a_tag_and_words(document):
    found = [(one["operationId"], one) for *_, one in operations(document)]
    ids = [id for id, _ in found]
    assert len(set(ids)) == len(ids) > 40
    assert [id for id, one in found if not one.get("tags")] == []
    assert [id for id, one in found if not one.get("description")] == []


CALL = re.compile(r"\b(GET|HEAD|POST|PUT|PATCH|DELETE) (/[\w{}/.-]+)")
NAMED = re.compile(r"(?<![\w.])/[\w{}/.-]*")
CODE = re.compile(r"`([^`\n]+)`")


def plain(path):
    """Without what parameters are called; a table's two endings are parts of one name."""
    path = re.sub(r"{\w+}(\.(csv|fit))?", "{}", path.removeprefix(API))
    return path.removesuffix("/") or "/"


def test_the_documents_name_every_route_and_none_that_is_not_there(document):
    """Of a write also how; where a page says `GET`, `PUT` and `DELETE /x` it says all three."""
    said = "\n".join(
        text for path, text in texts().items() if path.suffix == ".md" and "docs" in path.parts
    )
    routes = {(method.upper(), plain(path)) for path, method, _ in operations(document)}
    paths = {path for _, path in routes}
    spans = CODE.findall(said)
    named = {plain(found) for span in spans for found in NAMED.findall(span)}
    assert sorted(paths - named) == []
    calls = {(method, plain(path)) for span in spans for method, path in CALL.findall(span)}
    known = routes | {("HEAD", path) for method, path in routes if method == "GET"}
    assert len(calls) > 60
    assert sorted(calls - known) == []


def test_every_refusal_is_a_problem(document):
    problem = {"$ref": "#/components/schemas/Problem"}
    for path, method, one in operations(document):
        for status, answer in one["responses"].items():
            if status[0] in "45" and (path, status) != (f"{API}/ready", "503"):
                [(media, content)] = answer["content"].items()
                assert media == "application/problem+json", (method, path, status)
                assert content["schema"] == problem, (method, path, status)


def test_what_a_route_asks_for_can_be_refused(document):
    for path, method, one in operations(document):
        said = set(one["responses"])
        assert {"400", "429"} <= said, (method, path)
        if "{" in path:
            assert "404" in said, (method, path)
        if method not in ("get", "head"):
            assert {"409", "412", "422"} <= said, (method, path)


def test_what_a_grant_reaches_takes_a_person(document):
    asks = {
        one["operationId"]: [
            p["schema"]["type"] for p in one.get("parameters", []) if p["name"] == "person"
        ]
        for *_, one in operations(document)
    }
    assert {id for id, types in asks.items() if types == ["integer"]} >= {
        "listActivities",
        "getToday",
        "getMetric",
        "exportMetric",
        "exportActivity",
        "listSleep",
    }
    for own in ("exportEverything", "listConnections", "health", "enter", "putJournalDay"):
        assert asks.get(own, []) == [], own
    assert all(types in ([], ["integer"]) for types in asks.values())


def test_no_answer_is_of_any_shape(document):
    """JSON is described; what is not JSON says its media type."""
    vague = [
        (method, path)
        for path, method, one in operations(document)
        for status, answer in one["responses"].items()
        if status[0] == "2"
        for media, content in (answer.get("content") or {}).items()
        if media == "application/json" and not content.get("schema")
    ]
    assert vague == []


def test_what_registering_answers_is_in_the_document(world, document):
    """With mail and without, as the walk below sends no address twice."""
    client, _ = world
    body = {"email": "new@example.org", "name": "New"}
    mails = client.app.state.access.mailer is not None
    if not mails:
        assert client.post(f"{API}/auth/register", json=body).json()["code"] == "by_invitation"
        return
    answer = client.post(f"{API}/auth/register", json=body)
    assert answer.status_code == 202
    described = document["paths"][f"{API}/auth/register"]["post"]["responses"]
    schemas = {
        status: described[status]["content"]["application/json"]["schema"]["$ref"]
        for status in ("201", "202")
    }
    assert [ref.rpartition("/")[2] for ref in schemas.values()] == ["SignedIn", "Sent"]
    assert set(answer.json()) <= set(document["components"]["schemas"]["Sent"]["properties"])


# Schemathesis over all of it ---------------------------------------------------------------------


@pytest.fixture
def world(tmp_path, database_url):
    """A hub with something in it, so that things can be found and not only missed; on one of the
    databases with all that a hub can have switched on."""
    whole = database_url.startswith("sqlite")
    hub = hub_on(tmp_path / "data", database_url, **(EVERYTHING if whole else {}))
    with asking(hub) as client:
        activity = activity_in(hub, client, gpx(1))
        client.put(f"{API}/profile/max_heart_rate", json={"value": 190, "since": "2026-01-01"})
        imported = client.get(f"{API}/imports").json()["items"][0]["import_id"]
        upload = client.post(f"{API}/uploads", json={"name": "a", "size": 10**6}).json()
        [mine] = [
            c["connection_id"]
            for i in client.get(f"{API}/integrations").json()["items"]
            for c in i.get("connections", [])
        ]
    known = {
        "activity_id": activity,
        "connection_id": mine,
        "field": "max_heart_rate",
        "file": f"{activity}.gpx",
        "import_id": imported,
        "person": owner_id(hub),
        "receipt": 1,
        "type": "heart_rate",
        "upload_id": upload["upload_id"],
    }
    with served(hub) as client:
        if whole:
            client.app.state.access.mailer = Post()
        yield client, known


@schemathesis.serializer("application/offset+octet-stream", "application/octet-stream")
def as_bytes(_, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def described(document):
    """Without its security, which is asked about apart from the rest."""
    plain = deepcopy(document)
    plain.pop("security")
    for _, _, one in operations(plain):
        one.pop("security", None)
    return plain


@pytest.fixture(scope="module")
def cases(document):
    """(operation, mode, cases): as the document has it, and in ways that it rules out. Thinking
    them up takes far longer than asking, so it is done once."""
    found = []
    for one in schemathesis.openapi.from_dict(described(document)).get_all_operations():
        operation = one.ok()
        if operation.definition.raw["operationId"] not in STREAMS:
            found += [(operation, mode, generated(operation, mode)) for mode in GenerationMode]
    return found


def generated(operation, mode):
    found = []

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def collect(case):
        found.append(case)

    with contextlib.suppress(Unsatisfiable):  # nothing can be wrong where nothing is sent
        collect()
    return found


def with_known(case, known, n):
    """Every other one asks about what is there."""
    if n % 2:
        for asked in (case.path_parameters or {}, case.query or {}):
            asked |= {name: known[name] for name in set(asked) & set(known)}
    return case


def failures_of(case, **asked):
    try:
        answer = case.call_and_validate(excluded_checks=LEFT_OUT, **asked)
    except FailureGroup as failed:
        return None, [f"{type(one).__name__}: {one}" for one in failed.exceptions]
    return answer.status_code, []


def test_nothing_fails_and_nothing_answers_off_the_document(world, cases):
    client, known = world
    headers = {"authorization": client.headers["authorization"]}
    asked = {"headers": headers, "base_url": str(client.base_url)}
    failures, statuses = [], Counter()
    for operation, mode, some in cases:
        for n, case in enumerate(some):
            valid = mode is GenerationMode.POSITIVE
            status, failed = failures_of(with_known(case, known, n) if valid else case, **asked)
            statuses[status] += 1
            failures += [f"{operation.label} ({mode.value}): {one}" for one in failed]
    assert failures == []
    assert statuses[200] > 80 and statuses[400] > 80 and statuses[404] > 20


def test_without_a_token_nothing_is_said(world, document, cases):
    client, known = world
    is_open = {one["operationId"] for *_, one in operations(document) if "security" in one}
    wrong = []
    for operation, mode, some in cases:
        id = operation.definition.raw["operationId"]
        for n, case in [*enumerate(some)][-2:]:
            asked = with_known(case, known, n) if mode is GenerationMode.POSITIVE else case
            answer = asked.call(headers={}, base_url=str(client.base_url))
            if answer.status_code == 404 and (
                case.method == "HEAD" or answer.json()["code"] == "not_found"
            ):
                continue  # no such address: a number in it is none
            expected = answer.status_code < 500 if id in is_open else answer.status_code == 401
            wrong += [] if expected else [(operation.label, answer.status_code)]
    assert wrong == []
    assert is_open >= {"health", "ready", "getMeta"}
