"""The test kit: a good plugin passes, and each rule catches the plugin that breaks it."""

from pathlib import Path

import msgspec
import pytest
from openfit_sdk import Request, Response
from openfit_sdk.http import Fetch
from openfit_sdk.testing import IntegrationSuite, Tape, record, replay
from openfit_sdk.testing.tapes import Exchange

API = "https://api.vendor.example"
MANIFEST = """
id = "vendor"
name = "Vendor"
sdk = "1"
data_types = ["metric:weight"]
sync_modes = ["poll"]
hosts = ["api.vendor.example"]
[auth]
type = "api_key"
"""
CODE = '''
import datetime, random, socket, sys, time, uuid
import msgspec
from openfit_sdk import *
from openfit_sdk.schema import Metric, Sleep

API = "https://api.vendor.example"
LAST = []

@hookimpl
def authenticate(credentials, http):
    return AuthState(access_token=credentials.key)

@hookimpl
def sync(auth_state, http, cursor):
    page = int(cursor.get("page", "1"))
    while page <= 3:
        found = http.get(f"{API}/weighings", {"page": page}, type=list[msgspec.Raw])
        page += 1
        items = [RawItem.from_json("weighing", record) for record in found]
        yield SyncResult(items, {"page": str(page)})

@hookimpl
def normalize(raw_item):
    weighing = msgspec.json.decode(raw_item.read())
    start = datetime.datetime.fromisoformat(weighing["at"])
    yield Metric(key=weighing["id"], type="weight", start=start, t=[0], v=[weighing["kg"]])
'''
YIELD = "    yield Metric("
TAPE = Tape(
    start="2026-03-01T00:00:00Z",
    end="2026-03-08T00:00:00Z",
    credentials={"kind": "api_key", "key": "key-of-somebody"},
    exchanges=[
        {
            "method": "GET",
            "url": f"{API}/weighings?page={page}",
            "body": [
                {"id": f"w{page}{n}", "at": f"2026-03-0{page}T07:0{n}:00+01:00", "kg": 71.3}
                for n in range(2)
            ],
        }
        for page in (1, 2, 3)
    ],
)
