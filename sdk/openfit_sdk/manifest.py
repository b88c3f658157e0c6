"""What a plugin is and may do: static TOML beside its code, read without running any of it."""

import re
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct
from openfit_schema.metrics import MetricDef

from openfit_sdk.arguments import NAME, RESERVED, Argument, argument
from openfit_sdk.inputs import Wish

SDK_VERSION = "1"
GROUP = "openfit"
DEMO_GROUP = "openfit.demo"  # of plugins that are there in a demo only
BUILT_IN = "openfit.analytics"
DOTTED = (
    BUILT_IN,
    "openfit.demo.devices",
    "openfit.manual",
)  # their parents, which are imported, are empty
HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*")
SPAN = re.compile(r"(\d+)(s|m|h|d)")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "min": 60, "hour": 3600, "day": 86_400}
CARD_MODULE = re.compile(r"cards/(?:[\w-]+/)*[\w-]+\.js")
CARD_READS = re.compile(r"activities|metric:[a-z][a-z0-9_.]*")
FIRST_LINES = 20
PUSH_ROUTE = re.compile(r"[a-z][a-z0-9_-]*")
RATE = re.compile(r"(\d+)/(?:(\d+)\s*)?(s|m|h|d|min|hour|day)")


class ManifestError(ValueError):
    """What is wrong in which file and key, and what to write instead."""


def seconds(span: str) -> float:
    """`30m`, `3d`, `1h30m` in seconds."""
    parts = SPAN.findall(span)
    if not parts or "".join(n + unit for n, unit in parts) != span:
        raise ValueError(f"{span!r} is no span of time; write it as 90s, 30m, 6h or 3d")
    return float(sum(int(n) * SECONDS[unit] for n, unit in parts))


def rate(text: str) -> tuple[int, float]:
    """`100/15min` as (100, 900.0)."""
    found = RATE.fullmatch(text.replace(" ", ""))
    if found is None:
        raise ValueError(f"{text!r} is no rate; write it as 100/min or 1000/day")
    n, several, unit = found.groups()
    return int(n), float(int(several or 1) * SECONDS[unit])


class Auth(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    type: Literal["oauth2", "api_key", "password", "ble", "file_import", "none"]
    authorize_url: str | None = None
    token_url: str | None = None
    scopes: list[str] = []

    def __post_init__(self) -> None:
        if self.type == "oauth2" and not (self.authorize_url and self.token_url):
            raise ValueError("oauth2 needs authorize_url and token_url")


class Limits(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How often and how much may be asked of the vendor."""

    requests: list[str] = []  # "100/min"
    every: str | None = None  # between two polls
    slice: str | None = None  # the span of one window
    reread: str | None = None  # late edits: the last days are asked for again

    def __post_init__(self) -> None:
        for text in self.requests:
            rate(text)
        for span in (self.every, self.slice, self.reread):
            if span is not None:
                seconds(span)

    @property
    def every_seconds(self) -> float | None:
        return None if self.every is None else seconds(self.every)

    @property
    def slice_seconds(self) -> float | None:
        return None if self.slice is None else seconds(self.slice)

    @property
    def reread_seconds(self) -> float | None:
        return None if self.reread is None else seconds(self.reread)

    @property
    def rates(self) -> list[tuple[int, float]]:
        return [rate(text) for text in self.requests]


class PushRoute(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A route at which clients hand over what a device sent: /ingest/<plugin>/<name>."""

    body_bytes: int = 10 * 1024 * 1024  # the most, once unpacked
    short: bool = False  # also /ingest/<name>, where no other plugin wants that

    def __post_init__(self) -> None:
        if self.body_bytes < 1:
            raise ValueError("body_bytes is at least 1")


class Files(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Files that belong to this plugin rather than to file import."""

    lines: str  # a pattern that each of the first lines matches as a whole

    def __post_init__(self) -> None:
        try:
            re.compile(self.lines)
        except re.error as error:
            raise ValueError(f"files.lines is no regular expression: {error}") from None

    def fit(self, head: bytes) -> bool:
        """Whether a file that begins like this is one of them."""
        lines = [line.strip() for line in head.split(b"\n")[:FIRST_LINES] if line.strip()]
        pattern = re.compile(self.lines.encode())
        return bool(lines) and all(pattern.fullmatch(line) for line in lines)


class Action(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that a source can be told to do, by the hook `act`: a button with a small form on
    the page, a command on the command line."""

    title: str
    arguments: dict[str, str] = {}  # name: one line of `openfit_sdk.arguments`
    danger: bool = False  # asks for consent each time
    live: bool = False  # goes on until it is stopped
    needs: Literal["connection", "nothing"] = "connection"

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError("an action has a title: what its button says, as in Set an alarm")
        taken = sorted(RESERVED & {*self.arguments})
        if taken:
            raise ValueError(f"argument {taken[0]!r} is the hub's own; give it another name")
        self.form()

    def form(self) -> list[Argument]:
        """What it asks for, in the order of the manifest."""
        return [argument(name, line) for name, line in self.arguments.items()]


class Card(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something of the plugin's on the page of today: an ES module in its package. It runs in a
    frame that reaches nothing, and is handed what it `reads`: "metric:<type>" or "activities"."""

    id: str
    title: str
    module: str  # "cards/week.js", beside manifest.toml
    reads: list[str]
    days: int = 28  # so far back

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.id):
            raise ValueError(f"card id {self.id!r} may hold small letters, digits and _ only")
        if not CARD_MODULE.fullmatch(self.module):
            raise ValueError(
                f"card module {self.module!r} is to be a file below cards/, as in cards/week.js"
            )
        strange = [one for one in self.reads if not CARD_READS.fullmatch(one)]
        if strange or not self.reads:
            raise ValueError('card reads are "activities" or "metric:<type>", at least one of them')
        if not 1 <= self.days <= 366:
            raise ValueError("card days are between 1 and 366")


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The whole of manifest.toml. The version is the distribution's, never repeated here."""

    id: str
    name: str
    sdk: str
    data_types: list[str]  # "activity", "sleep", "metric:heart_rate", "metric:*"
    auth: Auth
    sync_modes: list[Literal["poll", "webhook", "push"]] = []
    access: Literal["official", "unofficial", "file", "local"] = "official"
    fallbacks: list[str] = []
    hosts: list[str] = []
    on_disconnect: Literal["keep", "delete", "ask"] = "keep"
    terms_url: str | None = None
    attribution: str | None = None
    limits: Limits = Limits()
    metrics: dict[str, dict[str, Any]] = {}  # its own types, by name without the namespace
    actions: dict[str, Action] = {}
    push: dict[str, PushRoute] = {}  # by the last part of the route
    files: Files | None = None
    analyses: dict[str, int] = {}  # id and version of each analysis that it brings
    reads: list[str] = []  # all that these are given, as they ask for it
    exports: list[str] = []  # formats that it writes entities in: "fit", "gpx"
    cards: list[Card] = []

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.id):
            raise ValueError(f"id {self.id!r} may hold small letters, digits and _ only")
        if self.sdk.partition(".")[0] != SDK_VERSION:
            raise ValueError(f"sdk {self.sdk!r} is not spoken here; this is sdk {SDK_VERSION}")
        for name in self.actions:
            if not NAME.fullmatch(name):
                raise ValueError(f"action {name!r} may hold small letters, digits and _ only")
        for host in self.hosts:
            if not HOST.fullmatch(host):
                raise ValueError(
                    f"host {host!r} is no bare name; write it as api.example.com or *.example.com"
                )
        for route in self.push:
            if not PUSH_ROUTE.fullmatch(route):
                raise ValueError(f"push route {route!r} may hold small letters, digits, - and _")
        for wish in self.reads:
            Wish.parse(wish)
        self.definitions()

    def definitions(self) -> list[MetricDef]:
        """The plugin's own metric types, under its namespace."""
        rows = [{"id": f"{self.id}.{name}", **row} for name, row in self.metrics.items()]
        return msgspec.convert(rows, list[MetricDef])

    def emits(self, entity: str, metric: str | None = None) -> bool:
        """Whether `data_types` announces an entity, or a metric's samples."""
        if metric is None:
            return entity in self.data_types
        return f"metric:{metric}" in self.data_types or "metric:*" in self.data_types

    def may_contact(self, host: str) -> bool:
        """A host that is listed, or below one listed as `*.example.com`."""
        return any(
            host == listed or listed.startswith("*.") and host.endswith(listed[1:])
            for listed in self.hosts
        )


def read_manifest(package: str) -> Manifest:
    """The manifest of an importable package, which is not imported for it."""
    return parse_manifest(folder_of(package) / "manifest.toml")


def folder_of(package: str) -> Path:
    """Where a package lies, which is not imported for it."""
    plain = "." not in package or package in DOTTED
    spec = find_spec(package) if plain else None
    if spec is None or not spec.submodule_search_locations:
        raise ManifestError(
            f"{package} is no top-level package that can be found; an entry point of the group "
            f"{GROUP!r} names one, with manifest.toml beside its __init__.py"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def parse_manifest(path: Path) -> Manifest:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise ManifestError(f"{path.parent.name} has no manifest.toml beside __init__.py") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ManifestError(
            f"{path.parent.name}/manifest.toml: {error}. Correct that, and the plugin can be used."
        ) from None


class Installed:
    """A plugin that an entry point names. Its code has not run."""

    rivals: Sequence[str] = ()  # other distributions that use the same name

    def __init__(self, entry_point: EntryPoint, rivals: Sequence[str] = ()) -> None:
        self.name = entry_point.name
        self.module = entry_point.value
        self.dist = entry_point.dist.name if entry_point.dist else ""
        self.version = entry_point.dist.version if entry_point.dist else ""
        self.rivals = rivals

    @cached_property
    def _read(self) -> tuple[Manifest | None, str | None]:
        if self.rivals:
            both = " and ".join(sorted({self.dist, *self.rivals}))
            return None, f"{both} both call themselves {self.name}; remove one of them"
        try:
            manifest = read_manifest(self.module)
        except ManifestError as error:
            return None, str(error)
        if manifest.id != self.name:
            return None, f"the entry point is called {self.name}, the manifest {manifest.id}"
        return manifest, None

    @property
    def manifest(self) -> Manifest | None:
        return self._read[0]

    @property
    def error(self) -> str | None:
        return self._read[1]


def installed(group: str = GROUP) -> list[Installed]:
    """Every installed plugin, in order of name."""
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=group):
        found.setdefault(point.name, []).append(point)
    return [
        Installed(first, [other.dist.name for other in others if other.dist])
        for _, (first, *others) in sorted(found.items())
    ]
