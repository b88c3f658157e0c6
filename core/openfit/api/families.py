"""Families of metrics that a caller may see, where a route names metrics in its query."""

from collections.abc import Iterable

from litestar.exceptions import PermissionDeniedException
from openfit.api.auth import Caller
from openfit.errors import Refused
from openfit.hub import Hub
from openfit.views import values
from openfit.views.values import Wish

MOST = 8


def wishes(hub: Hub, caller: Caller, text: str, *, least: int = 1) -> list[Wish]:
    """Metrics as a query names them (`steps,heart_rate@1234`), each once and seen by the caller."""
    found = list(dict.fromkeys(values.parse(one) for one in text.split(",") if one.strip()))
    if not least <= len(found) <= MOST:
        raise Refused(
            f"{len(found)} metrics were named.",
            code="metrics",
            next_step=f"Name {least} to {MOST}, with commas between.",
        )
    ensure(hub, caller, (wish.metric for wish in found))
    return found


def ensure(hub: Hub, caller: Caller, metrics: Iterable[str]) -> None:
    for metric in metrics:
        if not caller.may_see(values.family_of(hub, metric)):
            raise PermissionDeniedException(f"{metric} is not among what you may see.")


def source_ids(text: str | None) -> list[int] | None:
    """Sources as a query names them: their ids, with commas between."""
    if text is None or not text.strip():
        return None
    found = [one.strip() for one in text.split(",") if one.strip()]
    if not all(map(values.is_id, found)):
        raise Refused(
            f"{text!r} names no sources.",
            code="sources",
            next_step="Give the ids that GET /devices lists, with commas between.",
        )
    return [int(one) for one in found]
