"""The second factor: codes of an app, and what to do without it, on both databases."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from openfit.access import totp
from openfit.access.limits import Doors
from openfit.errors import SetupError
from openfit.store import engine, people
from support.access import GOOD, Post, house_on


@pytest.fixture
def house(tmp_path, database_url):
    with house_on(tmp_path / "data", database_url) as house:
        house.set_up()
        house.access.mailer = Post()
        yield house


def asked(house, email="ann@example.org"):
    """The code that the mail says, if one was sent."""
    before = len(house.access.mailer.sent)
    assert house.post("/auth/request-otp", {"email": email}).status_code == 202
    house.settle()
    sent = house.access.mailer.sent[before:]
    return re.search(r"^\d{6}$", sent[0][2], re.MULTILINE)[0] if sent else None


def shown(house, code, email="ann@example.org", **more):
    return house.post("/auth/verify-otp", {"email": email, "code": code} | more)


def step_code(house, secret, ahead=0):
    return totp.at_step(secret, house.clock.ms() // 30_000 + ahead)


def switched_on(house, token=None):
    """The secret, and the recovery codes."""
    token = token or house.token("ann")
    offer = house.post("/account/totp", {"password": GOOD}, token=token).json()
    secret = totp.base64.b32decode(offer["secret"] + "=" * (-len(offer["secret"]) % 8))
    done = house.call("put", "/account/totp", {"code": step_code(house, secret)}, token=token)
    assert done.status_code == 200, done.text
    house.clock.pass_by(seconds=60)
    return secret, done.json()["recovery_codes"]


def test_codes_are_those_of_rfc_6238():
    """Its appendix B, the last six digits of the vectors for SHA-1."""
    secret = b"12345678901234567890"
    vectors = {59: "287082", 1111111109: "081804", 1111111111: "050471", 20000000000: "353130"}
    assert {at: totp.at_step(secret, at // 30) for at in vectors} == vectors


def test_an_offered_second_factor_holds_once_a_code_of_it_was_shown(house):
    token = house.token("ann")
    offer = house.post("/account/totp", {"password": GOOD}, token=token)
    assert offer.headers["cache-control"] == "no-store"
    address = urlsplit(offer.json()["address"])
    query = parse_qs(address.query)
    assert (address.scheme, address.netloc, query["secret"]) == (
        "otpauth", "totp", [offer.json()["secret"]],
    )  # fmt: skip
    assert offer.json()["picture"].startswith("<svg")
    assert house.login("ann").status_code == 200  # not yet
    wrong = house.call("put", "/account/totp", {"code": "000000"}, token=token)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "totp")
    switched_on(house, token)
    needed = house.login("ann")
    assert (needed.status_code, needed.json()["code"]) == (401, "totp_needed")
    assert house.get("/account", token=token).json()["has_totp"] is True
    assert house.post("/account/totp", {"password": GOOD}, token=token).json()["code"] == "totp_on"


def test_each_code_of_the_app_is_used_once(house):
    secret, _ = switched_on(house)
    code = step_code(house, secret)
    assert house.login("ann", totp=code).status_code == 200
    assert house.login("ann", totp=code).json()["code"] == "totp"
    older = step_code(house, secret, -1)
    assert house.login("ann", totp=older).json()["code"] == "totp"
    assert house.login("ann", totp=step_code(house, secret, 1)).status_code == 200
    assert house.login("ann", "wrong wrong", totp=step_code(house, secret, 1)).status_code == 401


def test_a_code_a_step_early_or_late_is_taken_and_no_further(house):
    secret, _ = switched_on(house)
    assert house.login("ann", totp=step_code(house, secret, -2)).json()["code"] == "totp"
    assert house.login("ann", totp=step_code(house, secret, 2)).json()["code"] == "totp"
    assert house.login("ann", totp=step_code(house, secret, -1)).status_code == 200


def test_a_recovery_code_opens_once(house):
    _, recovery = switched_on(house)
    assert len(set(recovery)) == 10
    assert house.login("ann", totp=recovery[3].upper()).status_code == 200
    assert house.login("ann", totp=recovery[3]).json()["code"] == "totp"
    assert house.login("ann", totp=recovery[4].replace("-", "")).status_code == 200


def test_five_wrong_codes_close_the_second_factor_for_an_hour(house):
    secret, recovery = switched_on(house)
    house.access.doors = Doors(house.clock.seconds)
    wrong = [house.login("ann", totp="000000").json()["code"] for _ in range(6)]
    assert wrong == ["totp"] * 5 + ["too_many_tries"]
    for good in (step_code(house, secret), recovery[0]):
        assert house.login("ann", totp=good).status_code == 429
    house.clock.pass_by(hours=1)
    assert house.login("ann", totp=step_code(house, secret)).status_code == 200


def test_a_mailed_code_wants_the_second_factor_too(house):
    secret, _ = switched_on(house)
    code = asked(house)
    assert shown(house, code).json()["code"] == "totp_needed"
    assert shown(house, code, totp="000000").json()["code"] == "totp"
    assert shown(house, code, totp=step_code(house, secret)).status_code == 200


def test_a_link_wants_the_second_factor_too_and_is_not_used_up_by_a_wrong_one(house):
    """Who runs the hub makes links; they must not be a way around what somebody switched on."""
    ann = house.token("ann")
    secret, recovery = switched_on(house, ann)
    made = house.post("/users/1/link", token=ann).json()["link"]
    link = {"token": made.partition("#")[2]}
    new = "a new one for ann"
    for wish, code in (
        ({}, "totp_needed"),
        ({"password": new}, "totp_needed"),
        ({"password": new, "totp": "000000"}, "totp"),
    ):
        refused = house.post("/auth/setup", link | wish)
        assert (refused.status_code, refused.json()["code"]) == (401, code), wish
    assert house.login("ann", new, totp=step_code(house, secret)).status_code == 401
    came = house.post("/auth/setup", link | {"password": new, "totp": recovery[0]})
    assert came.status_code == 200, came.text
    assert house.login("ann", new, totp=step_code(house, secret)).status_code == 200
    assert house.post("/auth/setup", link | {"totp": recovery[1]}).json()["code"] == "link"


def test_the_second_factor_is_switched_off_with_password_and_code(house):
    token = house.token("ann")
    secret, _ = switched_on(house, token)
    for proof in ({"password": GOOD}, {"code": step_code(house, secret)}):
        assert house.post("/account/totp/off", proof, token=token).status_code in (401, 403)
    both = {"password": GOOD, "code": step_code(house, secret)}
    assert house.post("/account/totp/off", both, token=token).status_code == 204
    assert house.login("ann").status_code == 200
    assert house.events(1)[:2] == ["sign_in", "totp_off"]


def test_the_secret_is_sealed_for_its_own_row(house):
    secret, _ = switched_on(house)
    bob = house.add("Bob")
    stored = house.user(1).totp
    assert secret not in stored
    with engine.write(house.hub.engine) as conn:
        people.change(conn, bob, totp=stored)
    with pytest.raises(SetupError):
        house.access.second.is_on(house.user(bob))
