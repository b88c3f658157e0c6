"""Plugins written on the spot, and hosts that run them."""

import pytest
from openfit_sdk import RawItem
from openfit_sdk.spawn import Host

IMPORTS = """
import ctypes, gc, os, signal, socket, sys, time
from openfit_sdk import *
ok = Report(status="ok", code="read", message="fine")
"""
HEAD = "@hookimpl\ndef normalize(raw_item):\n"


@pytest.fixture
def plugin(tmp_path):
    """Write a plugin whose hook, normalize unless `head` says another, has this body."""

    def write(body: str, name: str = "openfit_rogue", head: str = HEAD) -> str:
        package = tmp_path / name
        package.mkdir(exist_ok=True)
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        (package / "__init__.py").write_text(IMPORTS + head + lines)
        return name

    return write


@pytest.fixture
def start(tmp_path):
    """Start hosts that may import from the test's own folder."""
    hosts = []

    def begin(module: str, **options) -> Host:
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        options.setdefault("deadline", 20.0)
        host = Host.start(module, scratch=scratch, paths=[tmp_path], **options)
        hosts.append(host)
        return host

    yield begin
    for host in hosts:
        host.close()


@pytest.fixture
def read():
    """All that a host makes of one item."""
    ride = RawItem(kind="file", id="1", body=b"bytes", name="ride.fit")

    def everything(host: Host, item: RawItem = ride) -> list:
        return [thing for page in host.pages("normalize", raw_item=item) for thing in page]

    return everything
