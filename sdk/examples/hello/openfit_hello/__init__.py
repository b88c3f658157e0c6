"""Days of the Hello Band, from a made-up vendor's API."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
from openfit_sdk import ApiKey, AuthState, Http, RawItem, SyncResult, Window, hookimpl
from openfit_sdk.schema import Covers, Metric, Sleep, Stage

API = "https://api.hello.example/v1"


class Page(msgspec.Struct):
    days: list[msgspec.Raw]
    next_page: int | None = None


class Night(msgspec.Struct):
    start: datetime
    stages: list[tuple[str, int]]  # stage, minutes


class Day(msgspec.Struct):
    id: str
    start: datetime  # with the wearer's offset
    bpm: list[int | None]  # a minute each; null while the band was off
    steps: list[int]  # a minute each
    night: Night | None = None


@hookimpl
def authenticate(credentials: ApiKey, http: Http) -> AuthState:
    account = http.get(f"{API}/me", token=credentials.key)
    return AuthState(access_token=credentials.key, account_id=account["id"])


@hookimpl
def sync(auth_state: AuthState, window: Window, http: Http) -> Iterator[SyncResult]:
    query = {"from": window.start.date(), "to": window.end.date(), "page": 1}
    while True:
        page = http.get(f"{API}/days", query, token=auth_state.access_token, type=Page)
        yield SyncResult([RawItem.from_json("day", record) for record in page.days])
        if page.next_page is None:
            return
        query["page"] = page.next_page


@hookimpl
def normalize(raw_item: RawItem) -> Iterator[Metric | Sleep]:
    day = msgspec.json.decode(raw_item.read(), type=Day)
    clock = {"utc_offset": day.start.strftime("%z")[:3] + ":" + day.start.strftime("%z")[3:]}
    whole = Covers(start=day.start, end=day.start + timedelta(minutes=len(day.bpm)))
    worn = [(minute * 60_000, bpm) for minute, bpm in enumerate(day.bpm) if bpm is not None]
    if worn:
        t, v = zip(*worn, strict=True)
        yield Metric(
            key=f"{day.id}/hr", type="heart_rate", start=day.start, t=t, v=v, covers=whole, **clock
        )
    if day.steps:
        yield Metric(
            key=f"{day.id}/steps",
            type="steps",
            start=day.start,
            interval_ms=60_000,
            v=day.steps,
            **clock,
        )
    if day.night is not None:
        yield sleep(day.id, day.night, clock)


def sleep(id: str, night: Night, clock: dict[str, str]) -> Sleep:
    stages, at = [], night.start
    for stage, minutes in night.stages:
        stages.append(Stage(start=at, end=at + timedelta(minutes=minutes), stage=stage))
        at = stages[-1].end
    return Sleep(key=f"{id}/night", start=night.start, end=at, kind="main", stages=stages, **clock)
