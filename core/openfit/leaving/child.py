"""A process that writes an export to its standard output, so that what serves pages neither slows
down nor grows, and a download that is given up leaves nothing behind."""

import os
import sys
from datetime import date
from typing import Literal

import msgspec
from msgspec import Struct

from openfit.config import Config
from openfit.errors import HubError
from openfit.hub import Hub, open_hub
from openfit.leaving import series_out, tables
from openfit.leaving.contents import PARTS, Choice
from openfit.leaving.export import export_to
from openfit.store import outgoing

NICENESS = 5


class Order(Struct, frozen=True, kw_only=True):
    """What is asked of the process."""

    user_id: int
    what: Literal["everything", "metric", "daily", "activity"]
    format: tables.Format = "csv"
    include: tuple[str, ...] = PARTS
    start: date | None = None
    end: date | None = None
    name: str = ""  # of the metric or the activity
    resolution: series_out.Resolution = "raw"
    families: tuple[str, ...] | None = None  # whose days may be written; None: all


class Failure(Struct, frozen=True):
    status: int
    code: str
    message: str
    next_step: str


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    os.nice(NICENESS)
    output = sys.stdout.buffer
    try:
        write(open_hub(Config.from_env()), order, output.write)
        output.flush()
    except HubError as error:
        failure = Failure(error.status, error.code, error.message, error.next_step)
        sys.stderr.write(msgspec.json.encode(failure).decode() + "\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os._exit(0)  # whoever asked is gone


def write(hub: Hub, order: Order, sink: tables.Write) -> None:
    choice = Choice(order.include, order.start, order.end)
    if order.what == "everything":
        export_to(hub, order.user_id, sink, choice)
        return
    with outgoing.snapshot(hub.engine) as conn:
        if order.what == "metric":
            table = series_out.metric_table(
                hub, conn, order.user_id, order.name, choice, order.resolution
            )
        elif order.what == "daily":
            table = series_out.daily_table(hub, conn, order.user_id, choice, order.families)
        else:
            table = series_out.activity_table(hub, conn, order.user_id, order.name)
        tables.write(table, order.format, sink)


if __name__ == "__main__":
    main()
