"""The end of an account: who may say so, and how they show that it is they."""

import pytest
from openfit.access import totp
from openfit.store import people
from support.access import GOOD, house_on


@pytest.fixture
def house(tmp_path, sqlite_url):
    with house_on(tmp_path / "data", sqlite_url) as house:
        house.set_up()
        yield house


def end(house, token, **proof):
    """Its last step, with the counts confirmed."""
    counted = house.call("delete", "/account", {}, token=token).json()
    body = {"dry_run": False, "confirm": counted["confirm"]} | proof
    return house.call("delete", "/account", body, token=token)


def said(answer):
    return answer.status_code, answer.json().get("code")


def by_link(house, user_id):
    made = house.post(f"/users/{user_id}/link", token=house.token("ann")).json()["link"]
    return house.post("/auth/setup", {"token": made.partition("#")[2]}).json()


def test_an_account_ends_for_who_says_its_password(house):
    bob, token = house.add("Bob"), house.token("bob")
    assert said(end(house, token)) == (403, "wrong_password")
    assert said(end(house, token, password="wrong and long enough")) == (403, "wrong_password")
    assert end(house, token, password=GOOD).json()["task"]
    assert house.user(bob).disabled and house.get("/people", token=token).status_code == 401


def test_an_account_without_a_password_ends_for_who_signed_in_just_now(house):
    bob = house.add("Bob", password=None, subject="bob at a service")
    came = by_link(house, bob)
    house.clock.pass_by(minutes=11)
    renewed = house.post("/auth/refresh", {"refresh_token": came["refresh_token"]}).json()
    for proof in ({}, {"password": GOOD}, {"totp": "123456"}):  # to renew is no sign-in
        refused = end(house, renewed["access_token"], **proof)
        assert said(refused) == (403, "sign_in_again"), proof
    assert not house.user(bob).disabled
    fresh = by_link(house, bob)["access_token"]
    house.clock.pass_by(minutes=9)
    assert end(house, fresh).json()["task"]
    assert house.user(bob).disabled


@pytest.mark.parametrize("password", [GOOD, None])
def test_the_second_factor_is_asked_for_at_the_end_of_an_account(house, password):
    bob = house.add("Bob", subject="bob at a service")
    token = house.token("bob")
    secret = house.access.settled(lambda conn: house.access.second.offer(conn, bob))
    shown = {"code": totp.at_step(secret, house.clock.ms() // 30_000)}
    assert house.call("put", "/account/totp", shown, token=token).status_code == 200
    proof = {"password": password} if password else {}
    if not password:
        house.access.settled(lambda conn: people.change(conn, bob, password=None))
    house.clock.pass_by(minutes=30)
    assert said(end(house, token, **proof)) == (401, "totp_needed")
    assert said(end(house, token, **proof, totp="000000")) == (401, "totp")
    now = totp.at_step(secret, house.clock.ms() // 30_000)
    if password:
        assert said(end(house, token, totp=now)) == (403, "wrong_password")
    assert not house.user(bob).disabled
    assert end(house, token, **proof, totp=now).json()["task"]
    assert house.user(bob).disabled
