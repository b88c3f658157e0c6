"""The second factor: codes of an app, and what to do without it, on both databases."""

import re
from math import log2
from urllib.parse import parse_qs, urlsplit

import pytest
from openfit.access import resealing, totp
from openfit.access.limits import Doors
from openfit.cli import data
from openfit.config import Config
from openfit.leaving import backup, restore
from openfit.leaving.sealed import Secret
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
    """Moved to another, it opens nothing, and is no way past either."""
    secret, recovery = switched_on(house)
    bob = house.add("Bob")
    stored = house.user(1).totp
    assert secret not in stored
    codes = house.access.settled(
        lambda conn: house.access.second.new_recovery_codes(conn, bob, house.clock.ms())
    )
    with engine.write(house.hub.engine) as conn:
        people.change(conn, bob, totp=stored, totp_step=1)
    assert house.login("bob").json()["code"] == "totp_needed"
    for code in (step_code(house, secret), recovery[0]):
        assert house.login("bob", totp=code).json()["code"] == "totp_lost"
    assert house.login("bob", totp=codes[0]).status_code == 200


# Another key, as after a restore without the old one ---------------------------------------------


def under_another_key(house):
    house.access.keyring.master = bytes(32)
    house.clock.pass_by(minutes=1)


def test_with_the_key_lost_a_recovery_code_still_opens_and_the_factor_is_made_anew(house):
    secret, recovery = switched_on(house)
    under_another_key(house)
    assert house.login("ann").json()["code"] == "totp_needed"
    lost = house.login("ann", totp=step_code(house, secret))
    assert (lost.status_code, lost.json()["code"]) == (401, "totp_lost")
    assert "recovery code" in lost.json()["next_step"]
    assert "reset-password" in lost.json()["next_step"]
    came = house.login("ann", totp=recovery[0])
    assert came.status_code == 200
    token = came.json()["access_token"]
    assert house.get("/account", token=token).json()["has_totp"] is True
    off = {"password": GOOD, "code": recovery[1]}
    assert house.post("/account/totp/off", off, token=token).status_code == 204
    again, _ = switched_on(house, token)
    assert house.login("ann", totp=step_code(house, again)).status_code == 200


def test_with_the_key_lost_guesses_are_still_counted(house):
    _, recovery = switched_on(house)
    under_another_key(house)
    house.access.doors = Doors(house.clock.seconds)
    wrong = [house.login("ann", totp="000000").json()["code"] for _ in range(6)]
    assert wrong == ["totp_lost"] * 5 + ["too_many_tries"]
    assert house.login("ann", totp=recovery[0]).status_code == 429


def test_with_the_key_lost_an_offer_that_nobody_confirmed_holds_nobody_up(house):
    token = house.token("ann")
    assert house.post("/account/totp", {"password": GOOD}, token=token).status_code == 200
    under_another_key(house)
    came = house.login("ann")
    assert came.status_code == 200
    token = came.json()["access_token"]
    assert house.call("put", "/account/totp", {"code": "000000"}, token=token).status_code == 400
    again, _ = switched_on(house, token)
    assert house.login("ann", totp=step_code(house, again)).status_code == 200


def test_what_is_kept_of_a_recovery_code_cannot_be_guessed(house):
    """No key guards it, so it has to be long: a hash a picosecond would take a thousand years."""
    _, recovery = switched_on(house)
    letters = [len(code.replace("-", "")) for code in recovery]
    assert min(letters) * log2(len(totp.ALPHABET)) > 75
    with house.hub.engine.connect() as conn:
        kept = conn.exec_driver_sql("select token_hash from links where purpose = 'recovery'")
        hashes = set(kept.scalars())
    assert len(hashes) == 10 and not any(code in str(hashes) for code in recovery)


def test_recovery_codes_come_back_with_a_backup_and_open_without_its_key(house, tmp_path):
    secret, recovery = switched_on(house)
    house.login("ann", totp=recovery[0])
    made = backup.create(backup.Hoard(house.hub.engine, house.hub.raw), tmp_path)
    elsewhere = tmp_path / "elsewhere"
    config = Config(data=elsewhere, database_url=f"sqlite:///{elsewhere / 'openfit.db'}")
    restore.restore(config, made.path, Secret())
    with house_on(elsewhere) as there:
        assert there.login("ann", totp=step_code(there, secret)).json()["code"] == "totp_lost"
        assert there.login("ann", totp=recovery[0]).json()["code"] == "totp_lost"  # used
        assert there.login("ann", totp=recovery[1]).status_code == 200
        with there.hub.engine.connect() as conn:
            left = conn.exec_driver_sql("select distinct purpose from links").scalars().all()
            lost = resealing.unopened(conn, there.access.keyring.master)
        assert left == ["recovery"]  # no way in that was open comes back
        assert lost == {"second factor": 1}
        [told] = data.sealed_away(config)  # what `openfit restore` says
        assert told.startswith("second factors (1)") and "reset-password" in told
