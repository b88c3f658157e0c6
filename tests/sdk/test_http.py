"""Http: what it sends, and which error each answer becomes. OAuth on top of it."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from openfit_sdk import (
    ApiKey,
    AuthState,
    Http,
    OAuthCode,
    PermanentError,
    ReauthRequired,
    Refresh,
    Request,
    Response,
    TransientError,
    oauth2,
)
from openfit_sdk.http import retry_after
from openfit_sdk.manifest import Auth, Manifest

URL = "https://api.vendor.example/v1/days"
VENDOR = Manifest(
    id="vendor",
    name="Vendor",
    sdk="1",
    data_types=["sleep"],
    auth=Auth(
        type="oauth2",
        authorize_url="https://vendor.example/allow",
        token_url="https://vendor.example/token",
    ),
)


class Vendor:
    """Answers the same thing to everybody and remembers what it was asked."""

    def __init__(self, status=200, body=b"{}", headers=None):
        self.answer = Response(status=status, body=body, headers=headers or {})
        self.asked: list[Request] = []

    def __call__(self, request):
        self.asked.append(request)
        return self.answer


def test_a_get_sends_query_and_token_and_gives_what_was_asked_for():
    vendor = Vendor(body=b'{"days": [1, 2]}')
    got = Http(vendor).get(URL, {"from": "2026-03-01", "q": "a b"}, token="t", type=dict[str, list])
    assert got == {"days": [1, 2]}
    [request] = vendor.asked
    assert request.url == f"{URL}?from=2026-03-01&q=a+b"
    assert request.headers == {"authorization": "Bearer t"}


def test_a_query_is_added_to_one_that_is_there():
    vendor = Vendor()
    Http(vendor).get(f"{URL}?page=2", {"n": 1})
    assert vendor.asked[0].url == f"{URL}?page=2&n=1"


def test_a_post_sends_json_or_a_form():
    vendor = Vendor()
    Http(vendor).post(URL, json={"a": 1})
    Http(vendor).post(URL, form={"a": "1 2"})
    assert [(r.headers["content-type"], r.body) for r in vendor.asked] == [
        ("application/json", b'{"a":1}'),
        ("application/x-www-form-urlencoded", b"a=1+2"),
    ]


STATUSES = {
    400: (PermanentError, "refused the request (400)"),
    401: (ReauthRequired, "asks for a new sign-in"),
    403: (PermanentError, "does not allow this request (403)"),
    404: (PermanentError, "refused the request (404)"),
    408: (TransientError, "has trouble (408)"),
    410: (PermanentError, "refused the request (410)"),
    429: (TransientError, "asks to wait"),
    500: (TransientError, "has trouble (500)"),
    503: (TransientError, "has trouble (503)"),
    302: (PermanentError, "refused the request (302)"),
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_becomes_one_of_the_errors_and_names_the_host(status):
    kind, said = STATUSES[status]
    with pytest.raises(kind) as caught:
        Http(Vendor(status=status, body=b"because")).get(URL)
    assert type(caught.value) is kind
    assert caught.value.message.startswith(f"api.vendor.example {said}")
    assert caught.value.detail == f"{status} because"


NOON = "Wed, 21 Oct 2015 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "17"}, 17.0),
        ({"retry-after": "Wed, 21 Oct 2015 12:01:30 GMT", "date": NOON}, 90.0),
        ({"retry-after": "Wed, 21 Oct 2015 11:00:00 GMT", "date": NOON}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2015 12:01:30 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 12:01:30", "date": NOON}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-5"}, None),
    ],
)
def test_how_long_to_wait(headers, expected):
    assert retry_after(headers) == expected


def test_a_truncated_answer_is_a_hiccup_and_another_shape_is_not():
    with pytest.raises(TransientError, match="api.vendor.example sent a broken answer"):
        Http(Vendor(body=b'{"days": "x", [')).get(URL, type=dict[str, int])
    with pytest.raises(PermanentError, match="does not know. Update the plugin") as caught:
        Http(Vendor(body=b'{"days": "x"}')).get(URL, type=dict[str, int])
    assert "Expected `int`, got `str`" in caught.value.detail


def test_a_download_without_a_body_is_tried_again():
    with pytest.raises(TransientError, match="sent no body"):
        Http(Vendor()).download(URL)


# OAuth --------------------------------------------------------------------------------------------

CODE = OAuthCode(
    code="the-code",
    redirect_uri="https://hub.example/callback",
    client_id="app",
    client_secret="app-secret",
    code_verifier="verifier",
)
OLD = AuthState(
    access_token="old", refresh_token="old-refresh", account_id="7", extra={"region": "eu"}
)


def authenticated(vendor, credentials):
    return oauth2.authenticate(credentials, VENDOR, Http(vendor))


def form(request):
    return dict(pair.split("=") for pair in request.body.decode().split("&"))


def test_a_code_is_traded_with_its_verifier():
    vendor = Vendor(body=b'{"access_token":"a","refresh_token":"r","expires_in":3600}')
    before = datetime.now(UTC)
    state = authenticated(vendor, CODE)
    assert (state.access_token, state.refresh_token) == ("a", "r")
    assert timedelta(minutes=59) < state.expires_at - before < timedelta(minutes=61)
    assert vendor.asked[0].url == "https://vendor.example/token"
    assert form(vendor.asked[0]) == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": "https%3A%2F%2Fhub.example%2Fcallback",
        "client_id": "app",
        "client_secret": "app-secret",
        "code_verifier": "verifier",
    }


def test_a_refresh_keeps_what_the_vendor_does_not_say_again():
    vendor = Vendor(body=b'{"access_token":"new"}')
    state = authenticated(vendor, Refresh(state=OLD, client_id="app"))
    assert state == msgspec.structs.replace(OLD, access_token="new")
    assert form(vendor.asked[0]) == {
        "grant_type": "refresh_token",
        "refresh_token": "old-refresh",
        "client_id": "app",
    }


def test_a_refresh_token_that_was_replaced_is_taken():
    vendor = Vendor(body=b'{"access_token":"new","refresh_token":"newer"}')
    assert authenticated(vendor, Refresh(state=OLD)).refresh_token == "newer"


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, "invalid_grant", ReauthRequired),
        (401, "invalid_grant", ReauthRequired),
        (400, "invalid_client", PermanentError),
        (401, "invalid_client", PermanentError),
        (400, "invalid_scope", PermanentError),
        (503, "temporarily_unavailable", TransientError),
    ],
)
def test_a_refusal_of_the_token_endpoint_is_told_apart(status, error, kind):
    vendor = Vendor(status=status, body=msgspec.json.encode({"error": error}))
    with pytest.raises(kind) as caught:
        authenticated(vendor, Refresh(state=OLD))
    assert type(caught.value) is kind


@pytest.mark.parametrize("credentials", [Refresh(state=AuthState()), ApiKey(key="k")])
def test_nothing_to_sign_in_with_asks_for_a_new_connection(credentials):
    with pytest.raises(ReauthRequired, match="Connect it again"):
        authenticated(Vendor(), credentials)
