"""Fetching for a plugin, and handing it what comes of it."""

from openfit_sdk import wire
from openfit_sdk.errors import IntegrationError, PermanentError
from openfit_sdk.failures import failure_of
from openfit_sdk.http import Fetch, Response, host_of
from openfit_sdk.wire import Answer, Ask

MAX_ANSWER = wire.MAX_FRAME - 1024 * 1024  # the rest is for headers


def answer(ask: Ask, http: Fetch | None) -> Answer:
    """Fetch for the plugin; what goes wrong is its to handle."""
    try:
        return Answer(response=fetched(ask, http))
    except IntegrationError as error:
        return Answer(failure=failure_of(error))


def fetched(ask: Ask, http: Fetch | None) -> Response:
    if http is None:
        raise PermanentError("This hook may not use the network.")
    response = http(ask.request)
    if len(response.body) > MAX_ANSWER:
        raise PermanentError(
            f"{host_of(ask.request.url)} answered with {len(response.body):,} bytes; "
            f"{MAX_ANSWER:,} fit. The plugin must fetch this with http.download."
        )
    return response
