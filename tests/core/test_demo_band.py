"""The demo's athlete wears a band at night: always the same, posted once, shown as it was worn."""

from datetime import UTC, datetime, timedelta

import pytest
from openfit.background import work
from openfit.config import Config
from openfit.demo import band, nights, seeding
from openfit.demo.story import Story
from openfit.hosting.hosts import Hosts
from openfit.hub import open_hub, owner_id
from openfit.intake import pushing
from openfit.store import connections
from openfit.views import night

NOON = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
HERS = Story(NOON.date())


@pytest.fixture
def hub(tmp_path):
    config = Config(data=tmp_path, database_url=f"sqlite:///{tmp_path}/openfit.db")
    seeding.mark(config, NOON)
    return open_hub(config)


def test_her_last_night_on_the_band_is_the_same_and_over():
    first, again = (band.worn(HERS, NOON) for _ in range(2))
    assert [one.tobytes() for one in first.records] == [one.tobytes() for one in again.records]
    true = nights.night(HERS, HERS.until)
    seconds = first.records.view(band.RECORD)[:, 0]
    assert seconds["at"][[0, -1]].tolist() == [true.bed.timestamp(), true.up.timestamp() - 1]
    before = band.worn(HERS, true.up - timedelta(seconds=1)).records.view(band.RECORD)[:, 0]
    assert before["at"][-1] < true.bed.timestamp()


def test_her_night_is_posted_once_and_shown_second_by_second(hub):
    user = owner_id(hub)
    for _ in range(2):
        band.wear(hub, user, HERS, NOON)
    with Hosts(hub) as hosts:
        work.drain(hub, hosts, user_id=user)
    worn = band.worn(HERS, NOON)
    with hub.engine.connect() as conn:
        found = night.night(hub, conn, user, None, NOON, bool, points=100, beats=150_000)
    [source] = found.sources
    assert found.day == HERS.until
    assert (source.heart_rate.n, source.heart_rate.gaps) == (len(worn.records), 1)
    assert source.beats.n == worn.records.view(band.RECORD)["n"].sum()
    assert 3 < source.beats.gaps < 20
    [off] = source.off_wrist
    assert (off.end - off.start).total_seconds() == band.OFF[1]


def test_where_no_plugin_takes_posts_no_band_is_worn(hub, monkeypatch):
    [(integration, _)] = [one for one in pushing.manifests(hub) if "batch" in one[1].push]
    monkeypatch.delitem(hub.plugins.plugins, integration)
    band.wear(hub, owner_id(hub), HERS, NOON)
    with hub.engine.connect() as conn:
        assert list(connections.of_user(conn, owner_id(hub))) == []
