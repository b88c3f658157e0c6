"""What an app asks before it signs in."""

import pytest
from support.asking import API, asking, hub_on, newcomer

PATH = f"{API}/app/status"
BANNER = {"level": "warn", "message": "Down on Sunday from eight.", "until": "2099-01-01T00:00:00Z"}


@pytest.fixture
def client(tmp_path, database_url):
    with asking(hub_on(tmp_path / "data", database_url)) as client:
        yield client


def read(client):
    return client.get(PATH, headers={"authorization": ""}).json()


def test_an_app_learns_without_a_token_what_the_owner_announced(client):
    first = read(client)
    assert first.pop("version") == client.get(f"{API}/meta").json()["version"]
    nothing = {"api": "v1", "least_build": None, "latest_build": None, "update_url": None}
    assert first == nothing | {"banner": None}
    said = {"least_build": 12, "latest_build": 15, "update_url": "https://example.org/app"}
    assert client.put(PATH, json=said | {"banner": BANNER}).json()["banner"] == BANNER
    found = read(client)
    assert {name: found[name] for name in said} == said
    assert found["banner"] == BANNER
    client.put(PATH, json=said | {"banner": BANNER | {"until": "2026-01-01T00:00:00"}})
    assert read(client)["banner"] is None  # over
    client.put(PATH, json={})
    assert read(client)["least_build"] is None


def test_only_the_owner_announces_and_only_what_is_meant_for_it(client):
    other = {"authorization": f"Bearer {newcomer(client.app.state.hub)}"}
    assert client.put(PATH, json={"banner": BANNER}, headers=other).status_code == 403
    for wrong in (
        {"bannner": BANNER},
        {"banner": BANNER | {"level": "loud"}},
        {"banner": BANNER | {"message": ""}},
        {"update_url": "javascript:alert(1)"},
        {"least_build": 0},
    ):
        assert client.put(PATH, json=wrong).status_code == 400, wrong
    assert read(client)["banner"] is None
