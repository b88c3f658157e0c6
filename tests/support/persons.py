"""Users of a hub who ask its API, in process, and what the worker would do meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from litestar.testing import TestClient
from openfit.background import work
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, now_ms
from openfit.intake import storing
from openfit.intake.storing import Reading
from openfit.store import connections, people
from openfit.store.engine import write
from openfit.store.entities import Stamp
from support.apps import app_over

BASE = "/api/v1"
receipts = count(1_000_000)


class Asker:
    """One user's requests. An answer that is no success raises, unless its status is expected."""

    def __init__(self, client: TestClient, hub: Hub, user_id: int, token: str) -> None:
        self.client, self.hub, self.user_id = client, hub, user_id
        self.headers = {"authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, status: int | None = None, **more):
        answer = self.client.request(method, BASE + path, headers=self.headers, **more)
        wanted = range(200, 300) if status is None else [status]
        assert answer.status_code in wanted, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def get(self, path: str, status: int | None = None, **params):
        return self.ask("GET", path, status, params=params)

    def send(self, method: str, path: str, body=None, status: int | None = None, **params):
        return self.ask(method, path, status, json=body, params=params)

    def store(self, *entities, integration: str = "bench", account: str = "") -> None:
        """What a plugin yields, as the worker stores it, and everything that follows."""
        with write(self.hub.engine) as conn:
            row = connections.ensure(conn, self.user_id, integration, now_ms(), account=account)
        number = next(receipts)
        stamp = Stamp(self.user_id, row.connection_id, number, f"{number:064x}")
        with write(self.hub.engine) as conn:
            storing.apply(self.hub, conn, Reading(stamp, True, "1"), list(entities))
        self.settle()

    def settle(self) -> None:
        with Hosts(self.hub) as hosts:
            work.drain(self.hub, hosts, user_id=self.user_id)


@contextmanager
def asking(hub: Hub) -> Iterator[TestClient]:
    with app_over(hub) as app, TestClient(app, base_url="http://localhost") as client:
        yield client


def person(client: TestClient, hub: Hub, name: str = "Ada") -> Asker:
    """A user of the hub, made for the test."""
    with write(hub.engine) as conn:
        user_id, token = people.create_user(conn, name, now_ms())
    return Asker(client, hub, user_id, token)
