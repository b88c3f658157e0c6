"""Ways in for tests: keys of the owner, and a hub with people who sign in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import TestClient
from openfit.access.desk import Access
from openfit.access.limits import Doors
from openfit.access.links import setup_link
from openfit.access.passwords import Passwords
from openfit.config import Config
from openfit.hub import Hub, now_ms, open_hub, owner_id
from openfit.store import audit, engine, keys, people
from support.apps import app_over


def owner_key(hub: Hub, **limits) -> str:
    """A new key of the owner, of all scopes where no limits are given."""
    with engine.write(hub.engine) as conn:
        return keys.add(conn, owner_id(hub), "tests", now_ms(), **limits)


def owner_key_in(data: Path, url: str | None = None) -> str:
    """The same for a hub that another process serves."""
    made = engine.create(url or f"sqlite:///{data / 'openfit.db'}")
    try:
        with engine.write(made) as conn:
            return keys.add(conn, people.owner(conn), "tests", now_ms())
    finally:
        made.dispose()


# A hub in this process, several people, and a clock that is moved by hand -------------------------

API = "/api/v1"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
GOOD = "correct horse battery staple"


class Clock:
    def __init__(self) -> None:
        self.at = now_ms()

    def ms(self) -> int:
        return self.at

    def seconds(self) -> float:
        return self.at / 1000

    def pass_by(self, **span: float) -> None:
        self.at += round(timedelta(**span).total_seconds() * 1000)


class Post:
    """Stands for the mail server."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    def send(self, to: str, subject: str, text: str) -> None:
        self.sent.append((to, subject, text))

    def close(self) -> None:
        pass


class House:
    """A hub that answers requests, with cheap passwords."""

    def __init__(self, hub: Hub, app: Litestar) -> None:
        self.hub, self.app, self.clock = hub, app, Clock()
        self.access: Access = self.app.state.access
        self.access.now = self.clock.ms
        self.access.doors = Doors(self.clock.seconds)
        self.access.passwords = Passwords(CHEAP)
        self.client = TestClient(self.app, base_url="http://localhost")

    def call(self, method, path, body=None, *, token=None, cookies=None, headers=None, **how):
        """One request; nothing is brought along but what is named."""
        self.client.cookies.clear()
        headers = dict(headers or {})
        if token:
            headers["authorization"] = f"Bearer {token}"
        if cookies:
            headers["cookie"] = "; ".join(f"{k}={v}" for k, v in cookies.items())
        if body is not None or method in ("post", "put", "patch"):
            how["json"] = body if body is not None else {}
        return self.client.request(
            method, API + path, headers=headers, follow_redirects=False, **how
        )

    def get(self, path, **how):
        return self.call("get", path, **how)

    def post(self, path, body=None, **how):
        return self.call("post", path, body, **how)

    def settle(self) -> None:
        """Have done what is done behind the answers."""
        self.access.settle()

    def set_up(self, **who) -> dict:
        """The owner comes in by the first link."""
        _, _, token = setup_link(self.hub, self.clock.ms()).partition("#")
        who = {"name": "Ann", "email": "ann@example.org", "password": GOOD} | who
        answer = self.post("/auth/setup", {"token": token} | who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def add(self, name, **more) -> int:
        """A member who signs in with the good password, at <name>@example.org."""
        email = f"{name.lower()}@example.org"
        with engine.write(self.hub.engine) as conn:
            user_id = people.add(conn, name, self.clock.ms(), email=email)
            values = {"password": self.access.passwords.hash(GOOD)} | more
            people.change(conn, user_id, **values)
        return user_id

    def login(self, name, password=GOOD, **more):
        where = {"headers": more.pop("headers", None), "cookies": more.pop("cookies", None)}
        body = {"email": f"{name.lower()}@example.org", "password": password} | more
        return self.post("/auth/login", body, **where)

    def token(self, name) -> str:
        return self.login(name).json()["access_token"]

    def user(self, user_id):
        with self.hub.engine.connect() as conn:
            return people.get(conn, user_id)

    def events(self, user_id) -> list[str]:
        """What the audit says of somebody, the newest first."""
        self.settle()
        with self.hub.engine.connect() as conn:
            return [row.what for row in audit.of_user(conn, user_id, 100, None)]


@contextmanager
def house_on(data: Path, database: str | None = None, **settings) -> Iterator[House]:
    config = Config(
        data=data, database_url=database or f"sqlite:///{data / 'openfit.db'}", **settings
    )
    hub = open_hub(config)
    with app_over(hub) as app:
        house = House(hub, app)
        with house.client:
            yield house
