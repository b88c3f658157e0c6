"""How a person likes to read is theirs, and follows them to other devices."""

import pytest
from openfit.config import Config
from openfit.hub import open_hub
from support.persons import asking, person

NOTHING = {"language": None, "units": None, "week_start": None, "theme": None}


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


def test_preferences_are_kept_for_their_person_alone(client, hub):
    ada, ben = person(client, hub), person(client, hub)
    assert ada.get("/preferences") == NOTHING
    wanted = NOTHING | {"language": "de", "units": "imperial", "week_start": "sunday"}
    assert ada.send("PUT", "/preferences", wanted) == wanted
    assert ada.get("/preferences") == wanted
    assert ben.get("/preferences") == NOTHING
    assert ada.send("PUT", "/preferences", {"theme": "dark"}) == NOTHING | {"theme": "dark"}


@pytest.mark.parametrize("body", [{"language": "xx"}, {"units": 1}, {"colour": "red"}])
def test_what_is_no_preference_is_refused(client, hub, body):
    ada = person(client, hub)
    answer = client.put("/api/v1/preferences", json=body, headers=ada.headers)
    assert answer.status_code == 400
    assert ada.get("/preferences") == NOTHING
