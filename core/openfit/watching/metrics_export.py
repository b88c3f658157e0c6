"""Figures about the hub itself, for Prometheus: how requests go, what waits, what is full."""

import shutil
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select, text

from openfit.hub import Hub
from openfit.store.tables import connections, dirty, raw_items, users

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Monitor:
    """Counts of this process, in a registry of its own. Labels are route templates, which are
    bounded, and never paths, which have people's ids in them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "openfit_request_seconds",
            "Time from a request's first byte to its answer's last",
            ("method", "route"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.requests = Counter(
            "openfit_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.listeners = Gauge(
            "openfit_live_listeners", "Open live channels", registry=self.registry
        )
        self.children: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        method = method if method in METHODS else "other"
        found = self.children.get((method, route, status))
        if found is None:
            found = (
                self.seconds.labels(method, route),
                self.requests.labels(method, route, str(status)),
            )
            self.children[method, route, status] = found
        found[0].observe(seconds)
        found[1].inc()

    def text(self, hub: Hub) -> bytes:
        """Everything, as Prometheus reads it."""
        state = CollectorRegistry()
        state.register(State(hub))
        return generate_latest(self.registry) + generate_latest(state)


class State:
    """What the database says at the moment of asking."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def describe(self) -> list[Any]:
        return []  # known only when asked

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self.hub.engine.connect() as conn:
            waiting = conn.execute(
                select(func.count()).where(raw_items.c.state == "pending")
            ).scalar_one()
            reading = conn.execute(
                select(func.count()).where(
                    raw_items.c.state == "pending", raw_items.c.lease_owner.is_not(None)
                )
            ).scalar_one()
            days = conn.execute(select(func.count()).select_from(dirty)).scalar_one()
            people = conn.execute(select(func.count()).select_from(users)).scalar_one()
            by_status = conn.execute(
                select(connections.c.integration, connections.c.status, func.count()).group_by(
                    connections.c.integration, connections.c.status
                )
            ).all()
            size = database_bytes(self.hub, conn)
        yield gauge("openfit_originals_waiting", "Originals that wait to be read", waiting)
        yield gauge("openfit_hosts_reading", "Originals that a plugin's process reads now", reading)
        yield gauge("openfit_marks_waiting", "Stretches of days that wait to be derived", days)
        yield gauge("openfit_users", "People with an account", people)
        yield gauge("openfit_database_bytes", "Size of the database", size)
        yield gauge("openfit_disk_free_bytes", "Free in the data folder", free_bytes(self.hub))
        family = GaugeMetricFamily(
            "openfit_connections", "Connections by state", labels=("integration", "status")
        )
        for integration, status, n in by_status:
            family.add_metric((integration, status), n)
        yield family


def gauge(name: str, help: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help, value=value)


def free_bytes(hub: Hub) -> int:
    return shutil.disk_usage(hub.config.data).free


def database_bytes(hub: Hub, conn: Any) -> int:
    if conn.dialect.name == "postgresql":
        return int(conn.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages = conn.exec_driver_sql("PRAGMA page_count").scalar()
    return int(pages) * int(conn.exec_driver_sql("PRAGMA page_size").scalar())
