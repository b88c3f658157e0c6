"""Who may use Bluetooth: plugins whose manifests say so, and everybody is told."""

import pytest
from openfit import doctor
from openfit.hosting.hosts import Hosts, way_out
from openfit.hosting.registry import Registry
from openfit.hub import owner_id
from openfit_sdk import RawItem, bus
from support import devices
from support.asking import API, asking, hub_on
from support.kernels import needs_filters


@pytest.fixture
def hub(tmp_path, database_url, monkeypatch):
    hub = hub_on(tmp_path / "data", database_url)
    devices.install(hub, monkeypatch)
    return hub


def test_only_a_plugin_for_a_bluetooth_device_has_a_way_out(hub):
    ways = {name: way_out(found) for name, found in hub.plugins.plugins.items()}
    assert ways["pulsebelt"] == bus.path()
    said = {
        name
        for name, found in hub.plugins.plugins.items()
        if found.manifest is not None and found.manifest.auth.type == "ble"
    }
    assert {name for name, way in ways.items() if way is not None} == said
    assert way_out(hub.plugins.plugins["fileimport"]) is None


def test_where_the_bus_lies_elsewhere_that_is_the_way(hub, monkeypatch):
    monkeypatch.setenv(bus.ADDRESS, "unix:path=/srv/bus")
    assert way_out(hub.plugins.plugins["pulsebelt"]) == "/srv/bus"


def test_doctor_names_who_has_it_and_where_it_leads(hub, monkeypatch):
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls, **_: hub.plugins))
    found = {one.said.split()[0]: one for one in doctor.bluetooth()}
    assert "pulsebelt" in found and "fileimport" not in found
    said = found["pulsebelt"]
    assert (said.what, said.ok, said.open) == ("plugin Bluetooth", True, True)
    assert f"through D-Bus: of all sockets it reaches {bus.path()}" in said.said


def test_the_page_is_told(hub):
    with asking(hub) as client:
        items = client.get(f"{API}/integrations").json()["items"]
    bluetooth = {one["id"]: one.get("bluetooth", False) for one in items}
    assert bluetooth["pulsebelt"] is True
    assert bluetooth["fileimport"] is False


@needs_filters
def test_its_host_has_the_layers_of_every_other(hub):
    with Hosts(hub) as hosts:
        belt = hosts.host(owner_id(hub), "pulsebelt")
        other = hosts.host(owner_id(hub), "fileimport")
        active = [{one.name: one.active for one in host.layers()} for host in (belt, other)]
        assert active[0] == active[1]
        assert active[0]["calls"]
        item = RawItem(kind="frames", id="1", body=b"")
        assert [
            type(one).__name__ for page in hosts.normalize(1, "pulsebelt", item) for one in page
        ]
