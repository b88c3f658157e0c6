"""Starting to serve: database brought up, address free, and a link to open."""

import errno
import socket
import sys
from types import FrameType
from typing import Any

from openfit.config import Config
from openfit.errors import SetupError
from openfit.hub import Hub, collect_rarely, now_ms, open_hub
from openfit.leaving import in_use
from openfit.watching import logs


def serve_hub(config: Config) -> None:
    """Serve until interrupted."""
    logs.set_up(config.log)
    listener = claim(config)
    hub = open_hub(config)
    greet(hub)
    run(hub, listener)


def serve_demo(config: Config) -> None:
    """Serve at once; the made-up data comes in by the same door as anybody's files."""
    from openfit.demo.seeding import mark, now, seeded

    logs.set_up(config.log)
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
        listener.listen(1024)
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

    sys.setswitchinterval(0.001)  # s; threads that read must not hold up the loop for long
    app = build(hub)
    collect_rarely()  # what was just made stays; looking through it all stopped answers for 0.1 s

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            app.state.live.closing = True  # or the stop would wait for those who listen
            app.state.actions.stop()  # and for devices that are watched
            super().handle_exit(sig, frame)

    with in_use.shared(hub.config.data):
        Server(uvicorn.Config(app, **settings(hub.config))).run(sockets=[listener])


def settings(config: Config) -> dict[str, Any]:
    """Of the server. What a proxy says of whom it speaks for is believed of named ones alone."""
    return {
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": bool(config.proxies),
        "forwarded_allow_ips": list(config.proxies),
        "h11_max_incomplete_event_size": 64 * 1024,
        "limit_concurrency": 1000,
        "timeout_keep_alive": 65,  # longer than proxies keep theirs: none meets a closed one
        "timeout_graceful_shutdown": 5,
    }
