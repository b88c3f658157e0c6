"""Starting to serve: database brought up, address free, and a link to open."""

import errno
import logging
import socket
import sys

from openfit.config import Config
from openfit.errors import SetupError
from openfit.hub import Hub, now_ms, open_hub


def set_up_log() -> None:
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def serve_hub(config: Config) -> None:
    """Serve until interrupted."""
    set_up_log()
    listener = claim(config)
    hub = open_hub(config)
    greet(hub)
    run(hub, listener)


def serve_demo(config: Config) -> None:
    """Serve at once; the made-up data comes in by the same door as anybody's files."""
    from openfit.demo.seeding import mark, now, seeded

    set_up_log()
    listener = claim(config)
    mark(config, now())
    hub = open_hub(config)
    with seeded(hub):
        greet(hub)
        run(hub, listener)


def claim(config: Config) -> socket.socket:
    """Take the address first: a second hub on it must not begin to work."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error})"
        raise SetupError(
            f"{config.host}:{config.port} {why}.",
            code="listen",
            next_step="Stop what listens there, or set OPENFIT_LISTEN=host:port to another one.",
        ) from error
    return listener


def greet(hub: Hub) -> None:
    """Where the hub is, and how its owner comes in while there is no other way yet."""
    from openfit.access.links import hub_address, setup_link

    address = hub_address(hub.config)
    if hub.config.demo and hub.config.is_local:
        print(f"OpenFit demo: {address}/", flush=True)
        return
    print(f"OpenFit: {address}/", flush=True)
    if link := setup_link(hub, now_ms()):
        print(f"Nobody has signed in yet. Open this link to set the hub up: {link}")
        print("(It works once, for a week, until the hub is started again.)", flush=True)


def run(hub: Hub, listener: socket.socket) -> None:
    import uvicorn

    from openfit.app import build

    settings = uvicorn.Config(
        build(hub),
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(settings).run(sockets=[listener])
