"""No secret stands in a log, however it got into the message."""

import io
import json
import logging
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.watching import logs
from openfit.watching.redaction import GONE, redact
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from support.asking import API, asking, hub_on

WORD = st.text(string.ascii_letters + string.digits, min_size=20, max_size=60)
KEY = WORD.map(lambda word: f"of_{word}")
JWT = st.tuples(WORD, WORD, WORD).map(lambda parts: "eyJ" + ".".join(parts))
SECRET = st.one_of(KEY, JWT, WORD)

# Everything around a secret that the hub, a library or a vendor's address was seen to write.
FORMS = [
    "Authorization: Bearer {}",
    "authorization: bearer   {}",
    "{{'authorization': 'Bearer {}'}}",
    "[(b'authorization', b'Bearer {}')]",
    'headers={{"Authorization": "Basic {}"}}',
    "GET /callback?code={}&state=abc HTTP/1.1",
    "https://api.example.com/token?client_secret={}",
    "https://example.com/#token={}",
    "/api/v1/webhooks/{}/push",
    "/api/v1/share/{}",
    "https://hub.example/setup/{}?x=1",
    "%2Fshare%2F{}%2Fview",
    "https://user:{}@example.com/path",
    "postgresql://openfit:{}@db.example/openfit",
    '{{"refresh_token": "{}", "expires_in": 3600}}',
    '{{"code":"{}"}}',
    '"{{\\"password\\": \\"{}\\"}}"',
    "password={}",
    "api_key={}&q=1",
    "secret: {}",
    "Cookie: session={}; theme=dark",
    "Set-Cookie: sid={}; HttpOnly",
    "X-Api-Key: {}",
    "token%3D{}%26x",
    "OAuthCode(code='{}', state='x')",
    "ApiKey(key='{}')",
    "otp={}",
]


@pytest.mark.parametrize("form", FORMS)
@given(secret=SECRET)
def test_a_secret_is_gone_whole(form, secret):
    said = redact(form.format(secret))
    assert secret not in said
    assert not any(secret[at : at + 8] in said for at in range(0, len(secret) - 8))
    assert GONE in said


@given(before=st.text(max_size=40), secret=st.one_of(KEY, JWT), after=st.text(max_size=40))
def test_our_own_keys_are_known_anywhere(before, secret, after):
    assert secret not in redact(f"{before} {secret} {after}")


@given(st.text(max_size=200))
def test_redacting_twice_changes_nothing_more(text):
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    "harmless",
    [
        "GET /api/v1/activities/{activity_id:str} 200",
        "worked for 3.2 s",
        "ride.fit ends at byte 48,112 of 51,020.",
        "exit code 1 after 3 tries",
        "The key id is 3f",
    ],
)
def test_what_is_no_secret_stays(harmless):
    assert redact(harmless) == harmless


def test_mail_addresses_are_no_matter_for_a_log():
    assert redact("sent to jane.doe+fit@mail.example.org now") == "sent to [mail] now"


@pytest.fixture
def written():
    """A handler as anybody might add one, sealed like the hub's own."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("openfit.test-of-logs")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logs.seal()
    yield logger, handler, stream
    logger.removeHandler(handler)


SECRET_KEY = "of_" + "Zx9" * 12


def test_arguments_and_tracebacks_are_redacted(written):
    logger, _, stream = written
    try:
        raise ValueError(f"refused {SECRET_KEY}")
    except ValueError:
        logger.exception("asked with %s and %r", SECRET_KEY, {"token": "hunter2hunter2"})
    text = stream.getvalue()
    assert "Traceback" in text and "refused [redacted]" in text
    assert SECRET_KEY not in text and "hunter2" not in text


def test_a_record_whose_arguments_do_not_fit_is_kept(written):
    logger, _, stream = written
    logger.warning("one %s two %s", SECRET_KEY)
    assert "one" in stream.getvalue() and SECRET_KEY not in stream.getvalue()


def test_a_line_of_json_has_its_fields(written):
    logger, handler, stream = written
    handler.setFormatter(logs.AsJson())
    named = logs.request_id.set("request-1")
    logger.info("done with %s", SECRET_KEY, extra={"route": "/api/v1/x", "status": 200, "ms": 1.5})
    logs.request_id.reset(named)
    line = json.loads(stream.getvalue())
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "openfit.test-of-logs",
        "message": "done with [redacted]",
        "request_id": "request-1",
        "route": "/api/v1/x",
        "status": 200,
        "ms": 1.5,
    }


def test_every_handler_is_sealed_those_of_the_server_too():
    foreign = logging.StreamHandler(io.StringIO())
    logging.getLogger("uvicorn.error").addHandler(foreign)
    logs.seal()
    assert any(isinstance(one, logs.Redacting) for one in foreign.filters)
    assert any(isinstance(one, logs.Redacting) for one in logging.lastResort.filters)
    logging.getLogger("uvicorn.error").removeHandler(foreign)


def test_a_request_is_logged_by_its_template_and_without_its_token(tmp_path, caplog):
    hub = hub_on(tmp_path, f"sqlite:///{tmp_path / 'openfit.db'}", log="json")
    with caplog.at_level(logging.INFO, "openfit.request"), asking(hub) as client:
        key = client.headers["authorization"].partition(" ")[2]
        client.get(f"{API}/activities/some-id", headers={"x-request-id": "request-22"})
    [record] = [one for one in caplog.records if one.name == "openfit.request"]
    assert record.getMessage() == "GET /api/v1/activities/{activity_id} 404"
    assert (record.status, record.user_id) == (404, 1)
    assert record.ms >= 0
    assert key not in caplog.text and "some-id" not in caplog.text


def test_a_bug_is_logged_with_its_trace_and_answered_without(tmp_path, caplog, monkeypatch):
    hub = hub_on(tmp_path, f"sqlite:///{tmp_path / 'openfit.db'}")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"with {SECRET_KEY}")

    monkeypatch.setattr("openfit.views.reading.activities", broken)
    logs.seal()
    with asking(hub) as client:
        answer = client.get(f"{API}/activities")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "RuntimeError" not in answer.text
    assert "RuntimeError" in caplog.text
    assert SECRET_KEY not in caplog.text


def test_what_a_statement_was_given_stands_in_no_error(tmp_path):
    hub = hub_on(tmp_path, f"sqlite:///{tmp_path / 'openfit.db'}")
    with hub.engine.connect() as conn, pytest.raises(OperationalError) as failed:
        conn.execute(text("SELECT * FROM nowhere WHERE rate = :rate"), {"rate": "heart rate 61"})
    assert "heart rate 61" not in str(failed.value)


def test_set_up_leaves_one_handler_and_says_nothing_of_libraries(capsys):
    kept, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        logs.set_up("json")
        logging.getLogger("uvicorn.error").warning("from uvicorn: Bearer abcdefghijk")
        logging.getLogger("httpx2").info("HTTP Request: GET https://x.example/?token=abc")
    finally:
        logging.getLogger().handlers[:] = kept
        logging.getLogger().setLevel(level)
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "from uvicorn: Bearer [redacted]"
