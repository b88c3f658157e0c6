"""Plugin processes: kept warm, but never more than a small machine has room for."""

import pytest
from openfit.config import Config
from openfit.hosting import hosts as module
from openfit.hosting.hosts import Hosts
from openfit.hub import open_hub
from openfit_sdk import RawItem
from support.fit_writer import activity

ITEM = RawItem(kind="file", id="a", name="a.fit", media_type="", body=activity(seconds=10))


@pytest.fixture
def hosts(tmp_path, database_url):
    with Hosts(open_hub(Config(data=tmp_path / "data", database_url=database_url))) as hosts:
        yield hosts


def test_a_host_is_kept_for_the_next_call(hosts):
    first = hosts.host(1, "fileimport")
    assert hosts.host(1, "fileimport") is first
    first.close()
    assert hosts.host(1, "fileimport") is not first


def test_many_users_do_not_make_many_processes(hosts, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    pages = hosts.normalize(1, "fileimport", ITEM)
    first = next(pages)
    for user_id in (2, 3, 4, 3):
        assert hosts.host(user_id, "fileimport").hooks()
    assert [user for user, _ in hosts.running] == [1, 3]  # 1 is in the middle of its pages
    whole = first + [thing for page in pages for thing in page]
    assert "Activity" in {type(thing).__name__ for thing in whole}
    assert hosts.host(5, "fileimport").alive
    assert [user for user, _ in hosts.running] == [3, 5]
