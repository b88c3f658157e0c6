"""Taking files in, one at a time, and what the hub then shows and writes."""

from openfit.background import work
from openfit.hub import now_ms, owner_id
from openfit.intake import import_reports, importing
from openfit.leaving import writing
from openfit.store import raw
from openfit.views import reading


def take(hub, hosts, body, name="a file"):
    """Import one file to the end; answers the activities in it."""
    user_id, import_id = owner_id(hub), importing.new_import()
    importing.take_file(hub, user_id, import_id, name, raw.spool_chunks(hub.raw, [body], name))
    work.drain(hub, hosts)
    with hub.engine.connect() as conn:
        [file] = import_reports.report(hub, conn, user_id, import_id, now_ms()).files
    assert file.activities or file.status == "duplicate", file
    return file


def listed(hub, **wanted):
    with hub.engine.connect() as conn:
        return reading.activities(conn, owner_id(hub), limit=100, **wanted)[0]


def detail(hub, activity_id):
    with hub.engine.connect() as conn:
        return reading.activity(hub, conn, owner_id(hub), activity_id)


def written(hub, hosts, activity_id, format):
    file = writing.write_activity(hub, hosts, owner_id(hub), activity_id, format)
    return b"".join(writing.pieces(file))
