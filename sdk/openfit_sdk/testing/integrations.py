"""IntegrationSuite: subclass it, name the plugin, and every rule of the contract is tested.

All of it goes through a real host, as in the hub.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import msgspec
import pytest
from openfit_schema import ENTITIES, Metric, check
from openfit_schema.metrics import Catalogue, define

from openfit_sdk.auth import AuthState, secrets
from openfit_sdk.errors import (
    BadInput,
    IntegrationError,
    PermanentError,
    ReauthRequired,
    TransientError,
)
from openfit_sdk.http import Fetch, Request, Response
from openfit_sdk.items import Cursor, RawItem, Report, SyncResult, Window
from openfit_sdk.manifest import Manifest, folder_of, read_manifest
from openfit_sdk.spawn import Host
from openfit_sdk.testing.tapes import Tape, replay
from openfit_sdk.wire import encode

MAX_KILLS = 5
FAULTS: dict[str, tuple[Response, tuple[type[IntegrationError], ...]]] = {
    "401": (Response(status=401), (ReauthRequired,)),
    "403": (Response(status=403), (PermanentError,)),
    "429": (Response(status=429, headers={"retry-after": "17"}), (TransientError,)),
    "500": (Response(status=500), (TransientError,)),
    "truncated": (Response(status=200, body=b'{"records": [{"id":'), (TransientError, BadInput)),
}


class IntegrationSuite:
    """`plugin` is the package; `tapes` a folder of tapes for what it fetches; `items` a folder of
    files for a plugin that reads files. At least one of the two folders is needed."""

    plugin: ClassVar[str]
    tapes: ClassVar[Path | None] = None
    items: ClassVar[Path | None] = None

    # What the tests stand on --------------------------------------------------------------------

    @pytest.fixture
    def manifest(self) -> Manifest:
        return read_manifest(self.plugin)

    @pytest.fixture
    def recordings(self) -> list[Tape]:
        folder = self.tapes
        found = [] if folder is None else sorted(folder.glob("*.json"))
        return [Tape.load(path) for path in found]

    @pytest.fixture
    def raw_items(self, recordings: list[Tape], manifest: Manifest) -> list[RawItem]:
        """Everything that the tapes bring and the files that lie ready."""
        fetched = [item for tape in recordings for item in self.fetched(tape, manifest)]
        folder = self.items
        files = [] if folder is None else sorted(p for p in folder.iterdir() if p.is_file())
        found = fetched + [
            RawItem(kind="file", id=path.name, body=path.read_bytes(), name=path.name)
            for path in files
        ]
        assert found, "set `tapes` or `items` to a folder that holds something"
        return found

    @contextmanager
    def host(
        self, log: list[str] | None = None, runner: str = "openfit_sdk.host"
    ) -> Iterator[Host]:
        with tempfile.TemporaryDirectory() as scratch:
            host = Host.start(
                self.plugin,
                scratch=Path(scratch),
                log=log.append if log is not None else None,
                paths=[folder_of(self.plugin).parent],
                runner=runner,
                redact=False,  # the suite listens for what a hub would hide
            )
            try:
                yield host
            finally:
                host.close()

    def arguments(self, tape: Tape, manifest: Manifest, cursor: Cursor) -> dict[str, Any]:
        return {
            "window": Window(start=tape.start, end=tape.end),
            "cursor": cursor,
            "manifest": manifest,
            "settings": tape.settings,
            "now": tape.end,
        }

    def signed_in(self, host: Host, tape: Tape, manifest: Manifest, http: Fetch) -> AuthState:
        state: AuthState = host.call(
            "authenticate",
            http=http,
            credentials=tape.credentials,
            manifest=manifest,
            settings=tape.settings,
        )
        return state

    def pages(
        self, host: Host, tape: Tape, manifest: Manifest, http: Fetch, cursor: Cursor
    ) -> Iterator[SyncResult]:
        state = self.signed_in(host, tape, manifest, http)
        arguments = self.arguments(tape, manifest, cursor)
        for page in host.pages("sync", http=http, auth_state=state, **arguments):
            yield from page

    def fetched(self, tape: Tape, manifest: Manifest) -> list[RawItem]:
        with self.host() as host:
            pages = self.pages(host, tape, manifest, replay(tape), {})
            return [in_memory(item) for page in pages for item in page.items]

    def entities(self, items: list[RawItem]) -> list[Any]:
        return [entity for found in self.by_item(items) for entity in found]

    def by_item(self, items: list[RawItem], runner: str = "openfit_sdk.host") -> list[list[Any]]:
        with self.host(runner=runner) as host:
            return [
                [entity for page in host.pages("normalize", raw_item=item) for entity in page]
                for item in items
            ]

    # The rules ------------------------------------------------------------------------------------

    def test_the_manifest_is_valid(self, manifest: Manifest) -> None:
        assert manifest.data_types, "data_types says what the plugin brings"
        assert manifest.sync_modes, "sync_modes says how it comes"
        catalogue = define(manifest.definitions())
        known = {f"metric:{metric}" for metric in (*catalogue, "*")}
        known |= {str(entity.__struct_config__.tag) for entity in ENTITIES}
        assert set(manifest.data_types) - known == set(), "no such type; see the catalogue"

    def test_the_hooks_fit_the_contract(self, manifest: Manifest) -> None:
        with self.host() as host:
            hooks = host.hooks()
        assert "normalize" in hooks
        if "poll" in manifest.sync_modes:
            assert {"authenticate", "sync"} <= set(hooks)
        listed = {
            "act": manifest.actions,
            "receive": manifest.push or manifest.files,
            "webhook": "webhook" in manifest.sync_modes,
        }
        for hook, wanted in listed.items():
            assert (hook in hooks) == bool(wanted), f"the manifest says otherwise of {hook}"

    def test_only_listed_hosts_are_contacted(
        self, recordings: list[Tape], manifest: Manifest
    ) -> None:
        for tape in recordings:
            http = replay(tape)
            with self.host() as host:
                list(self.pages(host, tape, manifest, http, {}))
            asked = {urlsplit(request.url).hostname or "" for request in http.asked}
            assert {host for host in asked if not manifest.may_contact(host)} == set()

    def test_entities_are_announced_in_the_manifest(
        self, raw_items: list[RawItem], manifest: Manifest
    ) -> None:
        for entity in self.entities(raw_items):
            if isinstance(entity, Metric):
                assert manifest.emits("metric", entity.type), entity.type
            elif not isinstance(entity, Report):
                kind = str(entity.__struct_config__.tag)
                assert manifest.emits(kind), kind

    def test_entities_are_sound(self, raw_items: list[RawItem], manifest: Manifest) -> None:
        catalogue: Catalogue = define(manifest.definitions())
        for entity in self.entities(raw_items):
            if not isinstance(entity, Report):
                assert check.rejected(check.problems(entity, catalogue)) == []

    def test_the_same_bytes_give_the_same_entities(self, raw_items: list[RawItem]) -> None:
        """In two processes and in two orders: what was read before leaves no trace."""
        forward = self.by_item(raw_items)
        backward = self.by_item(raw_items[::-1])[::-1]
        assert encode(forward) == encode(backward)

    def test_normalize_asks_for_the_bytes_alone(self, raw_items: list[RawItem]) -> None:
        """No clock, no chance, no network: any of them raises here."""
        self.by_item(raw_items, runner="openfit_sdk.watched")

    def test_fetching_again_brings_no_new_raw_item(
        self, recordings: list[Tape], manifest: Manifest
    ) -> None:
        for tape in recordings:
            first, again = (names(self.fetched(tape, manifest)) for _ in range(2))
            assert again == first
            assert len(set(first)) == len(first), "one record is one raw item"

    def test_a_kill_after_any_page_loses_nothing(
        self, recordings: list[Tape], manifest: Manifest
    ) -> None:
        for tape in recordings:
            whole = set(names(self.fetched(tape, manifest)))
            for kill_after in range(1, MAX_KILLS):
                kept, cursor, finished = self.cut_off(tape, manifest, kill_after)
                with self.host() as host:
                    pages = self.pages(host, tape, manifest, replay(tape), cursor)
                    rest = [in_memory(item) for page in pages for item in page.items]
                assert set(names(kept)) | set(names(rest)) == whole
                if finished:
                    break

    def cut_off(
        self, tape: Tape, manifest: Manifest, after: int
    ) -> tuple[list[RawItem], Cursor, bool]:
        """What was committed, with its cursor, when the host died after some pages."""
        kept: list[RawItem] = []
        cursor: Cursor = {}
        http = replay(tape)
        with self.host() as host:
            for n, page in enumerate(self.pages(host, tape, manifest, http, {}), 1):
                kept += map(in_memory, page.items)
                cursor = cursor if page.next_cursor is None else page.next_cursor
                if n == after:
                    host.close()  # before the loop ends, which would stop the plugin politely
                    return kept, cursor, False
        return kept, cursor, True

    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_fault_becomes_the_right_error(
        self, fault: str, recordings: list[Tape], manifest: Manifest
    ) -> None:
        response, expected = FAULTS[fault]
        for tape in recordings:
            with self.host() as host:
                state = self.signed_in(host, tape, manifest, replay(tape))
                arguments = self.arguments(tape, manifest, {})
                with pytest.raises(expected) as caught:
                    pages = host.pages(
                        "sync", http=lambda _: response, auth_state=state, **arguments
                    )
                    list(pages)
            if isinstance(caught.value, TransientError) and fault == "429":
                assert caught.value.retry_after == 17
            assert caught.value.message.rstrip(".") != "", "say what happened"

    def test_secrets_are_not_said(self, recordings: list[Tape], manifest: Manifest) -> None:
        for tape in recordings:
            said: list[str] = []
            with self.host(said) as host:
                list(self.pages(host, tape, manifest, replay(tape), {}))
                state = self.signed_in(host, tape, manifest, replay(tape))
                arguments = self.arguments(tape, manifest, {})
                try:
                    list(host.pages("sync", http=broken, auth_state=state, **arguments))
                except IntegrationError as error:
                    said += [error.message, error.detail]
            hidden = secrets(state, tape.credentials)
            assert [secret for secret in hidden if any(secret in line for line in said)] == []


def broken(_: Request) -> Response:
    return Response(status=500, body=b"trouble")


def names(items: list[RawItem]) -> list[tuple[str, str, str]]:
    return [(item.kind, item.id, hashlib.sha256(item.read()).hexdigest()) for item in items]


def in_memory(item: RawItem) -> RawItem:
    """A downloaded body lies in a file of its tape, which goes away with it."""
    return msgspec.structs.replace(item, body=item.read())
