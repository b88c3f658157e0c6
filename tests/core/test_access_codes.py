"""Codes by mail, registration, second factors: what proves that it is really somebody."""

import re
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from openfit.access import mail
from openfit.access.addresses import normal
from openfit.access.limits import Doors
from openfit.errors import Refused, SetupError
from openfit.store import codes, people
from support.access import GOOD, Post, house_on
from support.ports import free_port


@pytest.fixture
def house(tmp_path, database_url):
    with house_on(tmp_path / "data", database_url) as house:
        house.set_up()
        house.access.mailer = Post()
        yield house


@pytest.fixture
def one(tmp_path, sqlite_url):
    with house_on(tmp_path / "data", sqlite_url) as house:
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


def other(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


# Codes -------------------------------------------------------------------------------------------


def test_a_code_signs_in_once(house):
    code = asked(house, " ANN@example.org ")
    answer = shown(house, code)
    assert (answer.status_code, answer.json()["user"]["id"]) == (200, 1)
    assert house.get("/account", token=answer.json()["access_token"]).status_code == 200
    again = shown(house, code)
    assert (again.status_code, again.json()["code"]) == (401, "code")
    [to, _, text] = house.access.mailer.sent[0]
    assert (to, code in text) == ("ann@example.org", True)


def test_a_code_is_over_after_ten_minutes(house):
    code = asked(house)
    house.clock.pass_by(minutes=10)
    assert shown(house, code).status_code == 401


def test_only_the_latest_code_is_one(house):
    first = asked(house)
    second = asked(house)
    if first != second:
        assert shown(house, first).status_code == 401
    assert shown(house, second).status_code == 200


def test_five_tries_an_hour_that_no_new_code_resets(house):
    for _ in range(2):
        wrong = other(asked(house))
        assert [shown(house, wrong).status_code for _ in range(2)] == [401, 401]
    code = asked(house)
    assert shown(house, other(code)).status_code == 401
    refused = shown(house, code)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    house.clock.pass_by(hours=1)
    assert shown(house, asked(house)).status_code == 200


def test_the_tries_are_still_counted_after_a_restart(house):
    code = asked(house)
    assert [shown(house, other(code)).status_code for _ in range(5)] == [401] * 5
    house.settle()
    house.access.doors = Doors(house.clock.seconds)  # as a new process has them
    assert shown(house, code).json()["code"] == "code"
    with house.hub.engine.connect() as conn:
        assert codes.find(conn, 1, "sign_in").tries >= 5
    assert asked(house) is None


def test_five_codes_an_hour_are_mailed_to_an_address(house):
    assert all(asked(house) for _ in range(5))
    refused = house.post("/auth/request-otp", {"email": "ann@example.org"})
    assert refused.status_code == 429
    house.access.doors = Doors(house.clock.seconds)
    assert asked(house) is None  # a restart does not forget what was sent
    house.clock.pass_by(hours=1)
    assert asked(house)


def test_an_unknown_address_is_answered_like_a_known_one(house):
    """Asking, showing a wrong code, and the limits on both."""

    def everything(email):
        answers = [house.post("/auth/request-otp", {"email": email}) for _ in range(6)]
        house.settle()
        answers += [shown(house, "000000", email) for _ in range(6)]
        return [(answer.status_code, answer.text) for answer in answers]

    house.add("Bob", disabled=True)
    known = everything("ann@example.org")
    assert [status for status, _ in known] == [202] * 5 + [429] + [401] * 5 + [429]
    house.access.doors = Doors(house.clock.seconds)  # as from another address
    assert everything("stranger@example.org") == known
    house.access.doors = Doors(house.clock.seconds)
    assert everything("bob@example.org") == known
    assert {to for to, *_ in house.access.mailer.sent} == {"ann@example.org"}


def test_codes_are_kept_as_a_keyed_hash(house):
    code = asked(house)
    with house.hub.engine.connect() as conn:
        stored = codes.find(conn, 1, "sign_in").code_hash
    assert re.fullmatch(r"[0-9a-f]{64}", stored)
    assert stored == house.access.keyring.code_hash("sign_in", 1, "", code)
    other_key = type(house.access.keyring)(b"x" * 32)
    assert other_key.code_hash("sign_in", 1, "", code) != stored


def test_without_mail_a_code_is_shown_on_the_console_in_setup_mode_alone(
    tmp_path, sqlite_url, capsys
):
    with house_on(tmp_path, sqlite_url) as house:
        house.add("Bob")
        assert house.get("/auth/methods").json()["code"] is True  # the owner is not set up yet
        assert house.post("/auth/request-otp", {"email": "bob@example.org"}).status_code == 202
        house.settle()
        said = capsys.readouterr().out
        code = re.search(r"'Bob' is (\d{6})", said)[1]
        assert "bob@example.org" not in said
        assert shown(house, code, "bob@example.org").status_code == 200
        house.set_up()
        refused = house.post("/auth/request-otp", {"email": "bob@example.org"})
        assert (refused.status_code, refused.json()["code"]) == (400, "no_mail")
        assert house.get("/auth/methods").json() == {
            "password": True, "code": False, "oidc": False, "registration": "invitation",
            "setup": False,
        }  # fmt: skip
    with house_on(tmp_path, sqlite_url, setup=True) as house:
        assert house.post("/auth/request-otp", {"email": "bob@example.org"}).status_code == 202
        house.settle()
        assert re.search(r"'Bob' is \d{6}", capsys.readouterr().out)


# Mail --------------------------------------------------------------------------------------------


@pytest.fixture
def server():
    """A mail server on loopback that wants a name and a password."""

    class Inbox:
        def __init__(self):
            self.messages = []

        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            self.messages.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
            return "250 OK"

    def known(server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"hub", b"p@ss/")
        return AuthResult(success=good)

    inbox = Inbox()
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=known,
        auth_required=True,
        auth_require_tls=False,
    )
    controller.start()
    inbox.port = controller.port
    yield inbox
    controller.stop()


def test_a_code_travels_by_smtp(tmp_path, sqlite_url, server):
    url = f"smtp://hub:p%40ss%2F@127.0.0.1:{server.port}"
    with house_on(tmp_path, sqlite_url, smtp_url=url, mail_from="hub@example.org") as house:
        house.set_up()
        assert house.post("/auth/request-otp", {"email": "ann@example.org"}).status_code == 202
        house.settle()
        house.access.mailer.settle()
        [(to, message)] = server.messages
        assert (to, message["To"], message["From"]) == (
            ["ann@example.org"], "ann@example.org", "OpenFit <hub@example.org>",
        )  # fmt: skip
        code = re.match(r"\d{6}", message.get_payload())[0]
        assert code not in message["Subject"]
        assert shown(house, code).status_code == 200


def test_mail_that_cannot_be_sent_is_logged_without_address_or_code(tmp_path, sqlite_url, caplog):
    url = f"smtp://127.0.0.1:{free_port()}"
    with house_on(tmp_path, sqlite_url, smtp_url=url, mail_from="hub@example.org") as house:
        house.set_up()
        assert house.post("/auth/request-otp", {"email": "ann@example.org"}).status_code == 202
        house.settle()
        house.access.mailer.settle()
    assert "a mail was not sent: ConnectionRefusedError" in caplog.text
    assert "ann@" not in caplog.text and not re.search(r"\d{6}", caplog.text)


@pytest.mark.parametrize(
    "bad",
    [
        "a@b\r\nBcc: c@d",
        "a@example.org\nSubject: x",
        "a@example.org, b@example.org",
        "<a@example.org>",
        "a b@example.org",
        "a@",
        "@example.org",
        "a",
        "a@exa_mple.org",
        "ä@example.org",
        "a@" + "x" * 250 + ".org",
    ],
)
def test_nothing_that_could_end_a_header_is_an_address(one, bad):
    with pytest.raises(Refused):
        normal(bad)
    with pytest.raises(Refused):
        mail.compose("hub@example.org", bad, "s", "t")
    answer = one.post("/auth/request-otp", {"email": bad})
    assert answer.status_code == 400
    assert one.access.mailer.sent == []


def test_no_name_reaches_a_header():
    with pytest.raises(ValueError, match="newline|linefeed|carriage"):
        mail.compose("hub@example.org", "a@example.org", "hello\r\nBcc: b@example.org", "t")


def test_addresses_are_compared_as_the_network_spells_them():
    assert normal(" Ann@BÜCHER.example ") == "ann@xn--bcher-kva.example"


def test_encryption_is_only_left_out_to_this_very_machine(server):
    """The server offers no TLS; to another host the hub would not go on without."""
    there = mail.Server.parse(f"smtp://hub:p%40ss%2F@127.0.0.1:{server.port}")
    far = mail.Server("smtp", "127.0.0.2", server.port)
    message = mail.compose("hub@example.org", "a@example.org", "s", "t")
    mail.transmit(there, message)
    assert len(server.messages) == 1
    with pytest.raises((OSError, mail.smtplib.SMTPException)):
        mail.transmit(far, message)
    assert len(server.messages) == 1


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://x", "smtp://", "smtp://h:x", "smtp:/h"]
)
def test_a_wrong_mail_server_stops_the_start_with_a_clear_word(url):
    with pytest.raises(SetupError, match="OPENFIT_SMTP_URL"):
        mail.Mailer.from_settings(url, "hub@example.org")
    with pytest.raises(SetupError, match="OPENFIT_MAIL_FROM"):
        mail.Mailer.from_settings("smtp://localhost", None)


# Registering -------------------------------------------------------------------------------------


@pytest.fixture
def open_house(tmp_path, sqlite_url):
    with house_on(tmp_path / "data", sqlite_url, registration="open") as house:
        house.set_up()
        yield house


def test_a_hub_takes_in_whom_it_invited(house):
    closed = house.post("/auth/register", {"email": "bob@example.org", "password": GOOD})
    assert (closed.status_code, closed.json()["code"]) == (403, "by_invitation")
    owner = house.token("ann")
    wish = {"name": "Bob", "email": "Bob@example.org"}
    invited = house.post("/users", wish, token=owner)
    assert invited.status_code == 201
    token = invited.json()["link"].partition("/setup#")[2]
    assert [to for to, _, text in house.access.mailer.sent if token in text] == ["bob@example.org"]
    assert house.post("/auth/link", {"token": token}).json()["purpose"] == "invite"
    elsewhere = {"email": "eve@example.org", "password": GOOD, "invitation": token}
    assert house.post("/auth/register", elsewhere).json()["code"] == "email"
    body = elsewhere | {"email": "bob@example.org", "name": "Robert"}
    came = house.post("/auth/register", body)
    assert came.status_code == 201
    user = came.json()["user"]
    assert (user["id"], user["name"], user["role"]) == (invited.json()["id"], "Robert", "member")
    assert house.post("/auth/register", body).json()["code"] == "link"
    assert house.post("/users", wish, token=owner).json()["code"] == "email_taken"


def test_an_invitation_without_an_address_wants_a_password(one):
    """Else somebody could claim another's address and be found by it."""
    link = one.post("/users", {"name": "Bob"}, token=one.token("ann")).json()["link"]
    token = link.partition("#")[2]
    claim = {"token": token, "email": "victim@example.org"}
    assert one.post("/auth/setup", claim).json()["code"] == "password"
    taken = {"token": token, "email": "ann@example.org", "password": GOOD}
    assert one.post("/auth/setup", taken).json()["code"] == "email_taken"
    good = {"token": token, "email": "bob@example.org", "password": GOOD}
    assert one.post("/auth/setup", good).status_code == 200


def test_registering_a_known_address_keeps_the_account_and_its_password(open_house):
    new = {"email": "bob@example.org", "password": GOOD, "name": "Bob"}
    first = open_house.post("/auth/register", new)
    assert (first.status_code, first.json()["user"]["role"]) == (201, "member")
    again = open_house.post("/auth/register", new)
    assert again.json()["user"] == first.json()["user"]
    other_ = open_house.post("/auth/register", new | {"password": "of somebody else"})
    assert (other_.status_code, other_.json()["code"]) == (401, "sign_in")
    assert open_house.login("bob").status_code == 200
    with open_house.hub.engine.connect() as conn:
        assert len(people.all_users(conn)) == 2


def test_with_mail_an_address_is_proven_before_it_holds_a_password(open_house):
    open_house.access.mailer = Post()
    early = {"email": "bob@example.org", "password": GOOD}
    assert open_house.post("/auth/register", early).json()["code"] == "password_later"
    answers = []
    for email in ("bob@example.org", "bob@example.org", "ann@example.org"):
        answer = open_house.post("/auth/register", {"email": email})
        answers.append((answer.status_code, answer.text))
        open_house.settle()
    assert len(set(answers)) == 1 and answers[0][0] == 202
    codes_ = [re.search(r"\d{6}", text)[0] for _, _, text in open_house.access.mailer.sent]
    came = shown(open_house, codes_[1], "bob@example.org", password=GOOD)
    assert (came.status_code, came.json()["user"]["id"]) == (200, 2)
    assert open_house.login("bob").status_code == 200
    kept = shown(open_house, codes_[2], "ann@example.org", password="of somebody else")
    assert (kept.status_code, kept.json()["user"]["id"]) == (200, 1)
    assert open_house.login("ann").status_code == 200


# A new address -----------------------------------------------------------------------------------


def test_a_new_address_is_proven_by_a_code_sent_there(house):
    token = house.token("ann")
    wish = {"email": "new@example.org", "password": GOOD}
    wrong = house.post("/account/email", wish | {"password": "nope"}, token=token)
    assert wrong.status_code == 403
    assert house.post("/account/email", wish, token=token).json() == {"done": False}
    house.settle()
    [(to, _, text)] = house.access.mailer.sent
    code = re.search(r"^\d{6}$", text, re.MULTILINE)[0]
    assert to == "new@example.org"
    elsewhere = {"email": "other@example.org", "code": code}
    assert house.post("/account/email/confirm", elsewhere, token=token).status_code == 401
    assert shown(house, code).status_code == 401  # it is not for signing in
    confirm = {"email": "new@example.org", "code": code}
    assert house.post("/account/email/confirm", confirm, token=token).status_code == 204
    assert house.get("/account", token=token).json()["email"] == "new@example.org"
    house.add("Bob")
    wish["email"] = "bob@example.org"
    house.post("/account/email", wish, token=token)
    house.settle()
    code = re.search(r"^\d{6}$", house.access.mailer.sent[-1][2], re.MULTILINE)[0]
    confirm = {"email": "bob@example.org", "code": code}
    taken = house.post("/account/email/confirm", confirm, token=token)
    assert taken.json()["code"] == "email_taken"
