"""Every route says what it asks of its caller."""

from openfit.api.scopes import SCOPES
from openfit.app import build
from openfit.config import Config
from openfit.hub import open_hub


def test_every_route_says_its_scope(tmp_path):
    hub = open_hub(Config(data=tmp_path, database_url=f"sqlite:///{tmp_path / 'openfit.db'}"))
    handlers = {
        handler
        for route in build(hub).routes
        if route.path.startswith("/api/v1") and "openapi" not in route.path
        for handler in route.route_handlers
    }
    said = {
        str(handler): handler.opt.get("scope", "open" if handler.opt.get("open") else None)
        for handler in handlers
        if handler.operation_id
    }
    assert len(said) >= 29
    assert {name: scope for name, scope in said.items() if scope not in (*SCOPES, "open")} == {}
