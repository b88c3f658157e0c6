"""Signing in by npm's oidc-provider, which others wrote and certified. It is fetched once into the
folder that OPENFIT_TEST_NPM names."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from openfit.store import engine, people
from support.access import house_on
from support.provider import CLIENT, SECRET

PACKAGE = "oidc-provider@9.13.3"
SCRIPT = Path(__file__).parent.parent / "support" / "oidc_provider.mjs"
BACK = "http://localhost/api/v1/auth/oidc/callback"


@pytest.fixture(scope="module")
def issuer():
    folder = os.environ.get("OPENFIT_TEST_NPM")
    if not folder or not shutil.which("node"):
        pytest.skip("npm's oidc-provider absent: set OPENFIT_TEST_NPM to a folder for it")
    if not (Path(folder) / "node_modules" / "oidc-provider").is_dir():
        fetched = subprocess.run(
            ["npm", "install", "--ignore-scripts", "--no-audit", "--prefix", folder, PACKAGE],
            capture_output=True,
        )
        if fetched.returncode:
            pytest.skip("npm's oidc-provider cannot be had here")
    command = ["node", SCRIPT, folder, CLIENT, SECRET, BACK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield next(line.strip() for line in process.stdout if line.startswith("http://"))
        process.terminate()


def as_browser(address: str, name: str) -> str:
    """Sign in at the provider's own pages, and agree; the address that it sends one back to."""
    with httpx.Client(follow_redirects=False) as browser:
        answer = browser.get(address)
        for _ in range(12):
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if address.startswith(BACK):
                    return address
                answer = browser.get(address)
                continue
            assert answer.status_code == 200, answer.text
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)[1]
            action = re.search(r'action="([^"]+)"', answer.text)[1]
            form = {"prompt": prompt, "login": name, "password": "any"}
            answer = browser.post(urljoin(str(answer.url), action), data=form)
    raise AssertionError("the provider goes round in circles")


def test_somebody_invited_comes_in_by_another_service(issuer, tmp_path, sqlite_url):
    settings = {
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
    }
    with house_on(tmp_path / "data", sqlite_url, **settings) as house:
        house.set_up()
        with engine.write(house.hub.engine) as conn:
            bob = people.add(conn, "Bob", 0, email="bob@example.org")
        for name, place in (("bob", "/activities"), ("stranger", "/sign-in#problem=oidc_unknown")):
            start = house.get("/auth/oidc/start", params={"to": "/activities"})
            kept = start.headers["set-cookie"].partition(";")[0].partition("=")
            back = as_browser(start.headers["location"], name)
            query = {key: value for key, [value] in parse_qs(urlsplit(back).query).items()}
            came = house.get("/auth/oidc/callback", params=query, cookies={kept[0]: kept[2]})
            assert (came.status_code, came.headers["location"]) == (302, place)
        assert house.user(bob).subject == f"{issuer} bob"
        assert house.events(bob)[0] == "sign_in"
