"""A plugin's way to the network: it asks, the hub checks the host, spends the budget, fetches."""

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct

from openfit_sdk.errors import PermanentError, ReauthRequired, TransientError
from openfit_sdk.items import Blob

Query = Mapping[str, Any]
MAX_SHOWN = 200


class Request(Struct, frozen=True, kw_only=True):
    """What the hub is asked to fetch. `spool` wants the body as a blob."""

    method: str
    url: str
    headers: dict[str, str] = {}
    body: bytes | None = None
    spool: bool = False


class Response(Struct, frozen=True, kw_only=True):
    status: int
    headers: dict[str, str] = {}  # names in small letters
    body: bytes = b""
    blob: Blob | None = None


Fetch = Callable[[Request], Response]


class Http:
    """Speaks through `fetch`. A status that means trouble becomes one of the four errors."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    def get(
        self, url: str, query: Query | None = None, *, token: str | None = None, type: Any = Any
    ) -> Any:
        """The decoded JSON of a GET, as `type`."""
        response = self.request("GET", url, query=query, token=token)
        return decode(url, response.body, type)

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        token: str | None = None,
        type: Any = Any,
    ) -> Any:
        """The decoded JSON of a POST, as `type`."""
        response = self.request("POST", url, json=json, form=form, token=token)
        return decode(url, response.body, type)

    def download(self, url: str, query: Query | None = None, *, token: str | None = None) -> Blob:
        """A body that may be big: it is spooled by the hub and never whole in memory."""
        response = self.request("GET", url, query=query, token=token, spool=True)
        if response.blob is None:
            raise TransientError(f"{host_of(url)} sent no body.")
        return response.blob

    def request(
        self,
        method: str,
        url: str,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        token: str | None = None,
        spool: bool = False,
    ) -> Response:
        """Any request; what is not a success raises."""
        sent = dict(headers or {})
        body = None
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        if json is not None:
            sent["content-type"], body = "application/json", msgspec.json.encode(json)
        elif form is not None:
            sent["content-type"] = "application/x-www-form-urlencoded"
            body = urlencode(form).encode()
        full = f"{url}{'&' if '?' in url else '?'}{urlencode(query)}" if query else url
        response = self._fetch(
            Request(method=method, url=full, headers=sent, body=body, spool=spool)
        )
        raise_for_status(url, response)
        return response


def decode(url: str, body: bytes, type: Any) -> Any:
    """JSON as a type. A truncated answer is the vendor's hiccup, not the person's fault."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
        return msgspec.json.decode(body, type=type)
    except msgspec.ValidationError as error:
        raise PermanentError(
            f"{host_of(url)} answers in a form that this plugin does not know. Update the plugin.",
            detail=f"{url}: {error}",
        ) from error
    except msgspec.DecodeError as error:
        raise TransientError(f"{host_of(url)} sent a broken answer.", detail=str(error)) from error


def raise_for_status(url: str, response: Response) -> None:
    status, host = response.status, host_of(url)
    if 200 <= status < 300:
        return
    detail = f"{status} {response.body[:MAX_SHOWN].decode(errors='replace')}"
    if b'"invalid_client"' in response.body:  # RFC 6749, section 5.2, as the next one
        raise PermanentError(
            f"{host} does not know this app. Check its client id and secret in the settings.",
            detail=detail,
        )
    if status == 401 or (status == 400 and b'"invalid_grant"' in response.body):
        raise ReauthRequired(f"{host} asks for a new sign-in. History is kept.", detail=detail)
    if status == 403:
        raise PermanentError(
            f"{host} does not allow this request (403). Connect again and allow all that is asked.",
            detail=detail,
        )
    if status in (408, 425, 429) or status >= 500:
        wait = retry_after(response.headers)
        why = "asks to wait" if status == 429 else f"has trouble ({status})"
        raise TransientError(f"{host} {why}.", detail=detail, retry_after=wait)
    raise PermanentError(f"{host} refused the request ({status}).", detail=detail)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait. A date is measured against the vendor's own clock, not against ours."""
    stated = headers.get("retry-after", "")
    if stated.isdecimal():
        return float(stated)
    try:
        until, now = (parsedate_to_datetime(at) for at in (stated, headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):  # none, or one with a zone and one without
        return None


def host_of(url: str) -> str:
    return urlsplit(url).hostname or url
