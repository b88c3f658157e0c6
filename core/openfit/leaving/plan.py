"""When backups are made, where they lie, and which of the old ones stay."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Connection

from openfit import crypto
from openfit.errors import Refused
from openfit.hub import Hub
from openfit.leaving.backup import secret_of
from openfit.leaving.sealed import Secret
from openfit.store import preferences_of_hub as kept

FOLDER = "backups"
NAMED = re.compile(r"openfit-(\d{8}T\d{6}Z)\.tar(\.sealed)?")
SECRET_ROW = "hub.backup.passphrase"

Count = Annotated[int, Meta(ge=0, le=1000)]
Every = Literal["off", "day", "week", "month"]
DAYS: dict[str, int] = {"day": 1, "week": 7, "month": 30}


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Backups by themselves. Of the last days, weeks and months that have any, the newest stays."""

    every: Every = "off"
    keep_days: Count = 7
    keep_weeks: Count = 4
    keep_months: Count = 12
    folder: str = ""  # <data>/backups
    encryption: Literal["none", "passphrase", "hub_key"] = "none"


class Kept(Struct, frozen=True):
    """A backup that lies in the folder."""

    name: str
    made_at: datetime
    size: int
    sealed: bool


def default_folder(data: Path) -> Path:
    folder = data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def read(conn: Connection) -> Plan:
    said = kept.read(conn, "hub.backup.plan")
    return Plan() if said is None else msgspec.json.decode(said, type=Plan)


def store(hub: Hub, conn: Connection, plan: Plan, passphrase: str | None) -> None:
    """The passphrase is sealed with the hub's key; an unattended backup needs it."""
    if plan.encryption == "passphrase" and not passphrase and kept.read(conn, SECRET_ROW) is None:
        raise Refused(
            "Say the passphrase that backups are to be sealed with.",
            code="no_passphrase",
            next_step="Send passphrase with the plan, or another encryption.",
        )
    if plan.folder and not Path(plan.folder).is_absolute():
        raise Refused(
            "The folder must be a whole path.",
            code="no_folder",
            next_step="Begin it with /, as in /var/backups/openfit.",
        )
    if plan.folder and not Path(plan.folder).is_dir():
        raise Refused(
            f"There is no folder {plan.folder} on the hub's machine.",
            code="no_folder",
            next_step="Make it, and let the hub's account write there.",
        )
    if passphrase:
        key = crypto.load_key(hub.config.data, hub.config.secret_key)
        sealed = crypto.seal(key, passphrase.encode(), SECRET_ROW).hex()
        kept.write(conn, SECRET_ROW, msgspec.json.encode(sealed).decode())
    kept.write(conn, "hub.backup.plan", msgspec.json.encode(plan).decode())


def folder_of(hub: Hub, plan: Plan) -> Path:
    return Path(plan.folder) if plan.folder else default_folder(hub.config.data)


def secret(hub: Hub, conn: Connection, plan: Plan) -> Secret | None:
    if plan.encryption != "passphrase":
        return secret_of(hub.config, None, hub_key=plan.encryption == "hub_key")
    key = crypto.load_key(hub.config.data, hub.config.secret_key)
    sealed = bytes.fromhex(msgspec.json.decode(kept.read(conn, SECRET_ROW) or '""'))
    return Secret(passphrase=crypto.unseal(key, sealed, SECRET_ROW).decode())


def listed(folder: Path) -> list[Kept]:
    """What lies there, the newest first."""
    found = [
        Kept(path.name, made_at(name[1]), path.stat().st_size, name[2] is not None)
        for path in folder.iterdir()
        if (name := NAMED.fullmatch(path.name))
    ]
    return sorted(found, key=lambda one: one.made_at, reverse=True)


def made_at(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def is_due(plan: Plan, found: Iterable[Kept], now: datetime) -> bool:
    if plan.every == "off":
        return False
    newest = max((one.made_at for one in found), default=None)
    return newest is None or (now.date() - newest.date()).days >= DAYS[plan.every]


def outlived(plan: Plan, found: Iterable[Kept]) -> list[Kept]:
    """Those that no rule keeps. The newest always stays."""
    newest_first = sorted(found, key=lambda one: one.made_at, reverse=True)
    stay = {one.name for one in newest_first[:1]}
    for count, period in (
        (plan.keep_days, lambda day: day),
        (plan.keep_weeks, lambda day: tuple(day.isocalendar())[:2]),
        (plan.keep_months, lambda day: (day.year, day.month)),
    ):
        stay |= newest_of_each(newest_first, count, period)
    return [one for one in newest_first if one.name not in stay]


def newest_of_each(newest_first: list[Kept], count: int, period: Any) -> set[str]:
    """Of each of the last so many periods that have any, the newest."""
    chosen: dict[Any, str] = {}
    for one in newest_first:
        of: date = one.made_at.date()
        chosen.setdefault(period(of), one.name)
    return {*list(chosen.values())[:count]}
