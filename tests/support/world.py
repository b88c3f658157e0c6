"""Ann, who has something of everything that routes name, and Bob, who has nothing."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from itertools import count

from openfit.store import engine, grants, keys, tasks
from openfit.store.tables import metadata
from openfit_sdk.schema import Device, Metric, Sleep, Wellness
from sqlalchemy import select
from support.access import API
from support.files import gpx
from support.persons import Asker
from support.routes import Examples, Route, routes

NIGHT = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
# What would show that something of this family was seen.
MARKS = {
    "workout": ["Zebrafahrt", "zebratag"],
    "journal": ["okapi note", "okapitag"],
    "profile": ["187.25"],
    "body": ["71.25"],
    "sleep": [],  # the night's id, once it has one
}

QUERIES = {
    "importFile": {"name": "b.gpx"},
    "search": {"q": "okapi"},
    "correlate": {"metrics": "weight,resting_heart_rate"},
    "compareDevices": {"metric": "weight"},
    "getTrends": {"metric": "weight"},
    "unsetProfile": {"since": "2026-01-01"},
    "listActivities": {"twins": "all"},
    "getMetric": {"start": "2026-02-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"},
    "listJournal": {"from": "2026-02-01", "to": "2026-04-01"},
    "getHistory": {"range": "90d", "to": "2026-04-01"},
    "getWellness": {"from": "2026-02-01", "to": "2026-04-01"},
    "getMetricDays": {"from": "2026-02-01", "to": "2026-04-01"},
}
ENTRY = {"kind": "weight", "at": "2026-03-03T08:00:00+00:00", "kilograms": 70.5}
BODIES = {
    "sendPiece": b"<gpx>",
    "importFile": gpx(2, points=20),
    "beginUpload": {"name": "b.gpx", "size": 10},
    "chooseTwins": {"choice": "split"},
    "correctActivity": {"name": "mine now"},
    "writeJournal": {"day": "2026-03-02", "note": "of another"},
    "putJournalDay": {"note": "of another", "tags": ["other"]},
    "connect": {"integration": "fileimport"},
    "correctSleep": {"kind": "nap"},
    "setProfile": {"value": 150, "since": "2026-01-01"},
    "setPreferences": {"theme": "dark"},
    "setRetention": {"days": 30, "dry_run": False},
    "confirmEmail": {"email": "x@example.org", "code": "123456"},
    "confirmTotp": {"code": "123456"},
    "changeEmail": {"email": "x@example.org"},
    "makeKey": {"name": "k", "scopes": ["read"]},
    "changePassword": {"new": "a long enough new one"},
    "renameAccount": {"name": "Another"},
    "acceptGrant": {"token": "nothing"},
    "giveGrant": {"families": ["journal"]},
    "addEntry": ENTRY,
    "replaceEntry": ENTRY,
    "changeUser": {"role": "owner"},
    "inviteUser": {"name": "Somebody"},
    "setLadder": {"ranking": ["watch"]},
    "planBackups": {"plan": {}},
    "lookAtLink": {"token": "nothing"},
    "login": {"email": "x@example.org", "password": "x"},
    "register": {"email": "x@example.org"},
    "requestCode": {"email": "x@example.org"},
    "setUp": {"token": "nothing"},
    "verifyCode": {"email": "x@example.org", "code": "123456"},
}
HEADERS = {
    "sendPiece": {"content-type": "application/offset+octet-stream", "upload-offset": "0"},
}
NUMBERS = count(1)
ABSENT = {"getWebhookAddress": "no_webhook"}  # nobody calls the plugin that is asked for
# What a grant, a look at it and the use of a key leave behind.
COME_AND_GO = {"grants", "access_log", "tokens", "replays"}
# Names something of the hub, not of a person: its plugins, or everybody for the owner.
OF_THE_HUB = {"user_id"}


class World:
    """Ann, who has something of everything; Bob, who has nothing."""

    def __init__(self, house) -> None:
        self.house, self.hub = house, house.hub
        self.ann_session = house.set_up()["access_token"]
        self.ann_key = key_of(self.hub, 1)
        self.bob_id = house.add("Bob")
        self.bob_key = key_of(self.hub, self.bob_id)
        self.sessions = {self.ann_key: self.ann_session, self.bob_key: house.token("bob")}
        self.ann = Asker(house.client, self.hub, 1, self.ann_key)
        self.marks = {family: list(marks) for family, marks in MARKS.items()}
        self.things: dict[str, str] = {}
        self.live_through()
        self.examples = Examples(self.things, QUERIES, BODIES, HEADERS)
        every = routes(house.app)
        self.lacking = {r.id: lacks for r in every if (lacks := self.examples.missing(r))}
        self.routes = [route for route in every if route.id not in self.lacking]
        self.reads = [r for r in self.routes if r.scope == "read" and not r.opt.get("streams")]

    def live_through(self) -> None:
        """Ann's life, as far as routes name parts of it."""
        ann, things = self.ann, self.things
        taken = ann.ask("POST", "/activities/import", params={"name": "a.gpx"}, content=gpx(1))
        ann.settle()
        [file] = ann.get(f"/imports/{taken['import_id']}")["files"]
        things["import_id"], things["receipt"] = taken["import_id"], str(file["receipt"])
        things["activity_id"] = activity = file["activities"][0]
        things["exportActivity.file"] = f"{activity}.gpx"
        given = {"name": "Zebrafahrt", "tags": ["zebratag"]}
        edits = ann.send("PATCH", f"/activities/{activity}", given)["edits"]
        things["undoCorrection.edit_id"] = str(edits[0]["edit_id"])
        other = ann.ask("POST", "/activities/import", params={"name": "c.gpx"}, content=gpx(9))
        ann.settle()
        things["other_id"] = ann.get(f"/imports/{other['import_id']}")["files"][0]["activities"][0]
        device = Device(key="watch", type="watch", name="Watch")
        hours = timedelta(hours=7)
        night = Sleep(
            key="n",
            start=NIGHT,
            end=NIGHT + hours,
            utc_offset="+00:00",
            device="watch",
            kind="main",
        )
        told = {"resting_heart_rate": 52.0, "weight": 71.25}
        days = [date(2026, 3, 2) + timedelta(days=n) for n in range(12)]
        ann.store(device, night, *(summary(day, told) for day in days), weighed())
        [row] = [one for day in ann.get("/sleep")["days"] for one in day["sleeps"]]
        things["sleep_id"] = row["id"]
        self.marks["sleep"].append(row["id"])
        self.marks["workout"].append(activity)
        ann.send("PUT", "/profile/max_heart_rate", {"value": 187.25, "since": "2026-01-01"})
        ann.send("PUT", "/journal/2026-03-02", {"note": "okapi note", "tags": ["okapitag"]})
        corrected = ann.send("PATCH", f"/sleep/{row['id']}", {"kind": "main"})
        things["undoSleepCorrection.edit_id"] = str(corrected["edits"][0]["edit_id"])
        things["upload_id"] = ann.send("POST", "/uploads", {"name": "u.gpx", "size": 99})[
            "upload_id"
        ]
        with self.hub.engine.connect() as conn:
            [first, *_] = conn.exec_driver_sql("select connection_id from connections").scalars()
        things["connection_id"] = str(first)
        wish = {"families": ["journal"]}
        things["grant_id"] = self.house.post("/grants", wish, token=self.ann_session).json()["id"]
        things["session_id"] = ann.get("/account/sessions")["items"][0]["id"]
        things["key_id"] = ann.get("/account/keys")["items"][0]["id"]
        things["entry_id"] = ann.send("POST", "/entries", BODIES["addEntry"])["id"]
        ann.settle()
        things["user_id"] = "1"
        made = ann.send("POST", "/export/tickets", {"include": "said"})
        things["ticket"] = made["address"].rpartition("/")[2]
        with engine.write(self.hub.engine) as conn:
            things["task_id"] = tasks.add(conn, 1, "delete", {}, self.house.clock.ms())

    def ask(self, route: Route, key: str, *, person=None, made_up=False):
        if route.opt.get("session"):
            key = self.sessions.get(key, key)
        path = self.examples.path(route, made_up=made_up)
        how = self.examples.asked(route, person=person)
        how["headers"] = how["headers"] | {"authorization": f"Bearer {key}"}
        self.house.client.cookies.clear()
        return self.house.client.request(
            route.method.upper(), API + path, follow_redirects=False, **how
        )

    def picture(self) -> dict[str, list[tuple]]:
        """All rows that are Ann's, but those that say who came and looked."""
        self.house.settle()
        with self.hub.engine.connect() as conn:
            return {
                table.name: [
                    tuple(row)
                    for row in conn.execute(
                        select(table).where(table.c.user_id == 1).order_by(*table.primary_key)
                    )
                ]
                for table in metadata.sorted_tables
                if table.name not in COME_AND_GO
            }

    def grant(self, *families: str, **more) -> str:
        row = {
            "user_id": 1,
            "grant_id": f"of {families[0]} {next(NUMBERS)}",
            "grantee_id": self.bob_id,
            "role": "viewer",
            "families": " ".join(families),
            "made_at": 0,
        }
        with engine.write(self.hub.engine) as conn:
            conn.exec_driver_sql(f"delete from grants where grantee_id = {self.bob_id}")
            grants.add(conn, row | more)
        return str(row["grant_id"])

    def shown(self, text: str, *, but: str | None = None) -> list[str]:
        """Marks of Ann's that stand in a text, but those of one family."""
        return [
            mark
            for family, marks in self.marks.items()
            for mark in marks
            if family != but and mark in text
        ]


def key_of(hub, user_id: int, scopes=None) -> str:
    with engine.write(hub.engine) as conn:
        return keys.add(conn, user_id, "k", 0, scopes=scopes)


def summary(day: date, values: dict[str, float]) -> Wellness:
    return Wellness(key=f"watch {day}", device="watch", day=day, values=values)


def weighed() -> Metric:
    return Metric(key="scale", type="weight", start=NIGHT + timedelta(hours=9), t=[0], v=[71.25])


def text_of(answer) -> str:
    """What an answer says, also inside a zip, and where it sends one."""
    head = "".join(f"{k}: {v}\n" for k, v in answer.headers.items() if k in ("location", "upload"))
    if answer.content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            return head + "".join(
                archive.read(name).decode(errors="replace") for name in archive.namelist()
            )
    return head + answer.content.decode(errors="replace")
