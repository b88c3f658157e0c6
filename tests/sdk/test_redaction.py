"""Secrets in every form in which they get about, and nothing else taken away."""

import base64
import html
import io
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_sdk import ApiKey, AuthState
from openfit_sdk.output import MAX_LINE, pieces
from openfit_sdk.redaction import MOST, Redactor

PRINTABLE = st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f")
SECRETS = st.text(PRINTABLE, min_size=8, max_size=60)
FORMS = {
    "plain": lambda s, before: s,
    "quoted": lambda s, before: urllib.parse.quote(s),
    "quoted whole": lambda s, before: urllib.parse.quote(s, safe=""),
    "form": lambda s, before: urllib.parse.quote_plus(s),
    "JSON": lambda s, before: json.dumps(s)[1:-1],
    "JSON in its own letters": lambda s, before: json.dumps(s, ensure_ascii=False)[1:-1],
    "Python": lambda s, before: repr(s)[1:-1],
    "HTML": lambda s, before: html.escape(s),
    "hexadecimal": lambda s, before: s.encode().hex(),
}


def knowing(*secrets):
    redactor = Redactor()
    redactor.learn(AuthState(extra={"all": list(secrets)}))
    return redactor


@pytest.mark.parametrize("form", FORMS)
@given(secret=SECRETS)
def test_each_form_of_a_secret_is_hidden(form, secret):
    written = FORMS[form](secret, b"")
    assert knowing(secret).hide(f"<{written}>") == "<…>"


@given(secret=SECRETS, before=st.binary(max_size=7), after=st.binary(max_size=5))
def test_a_secret_is_hidden_wherever_it_stands_in_base64(secret, before, after):
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        told = knowing(secret).hide(encode(before + secret.encode() + after).decode())
        assert "…" in told
        assert len(told) <= 2 + len(base64.b64encode(before)) + len(base64.b64encode(after)) + 4


@given(st.text(max_size=200))
def test_nothing_else_is_taken_away(text):
    redactor = knowing("a secret that is nowhere 5f3e")
    assert redactor.hide(text) == text
    raw = text.encode(errors="surrogatepass")
    assert redactor.hide_bytes(raw) == raw


def test_a_redactor_that_knows_nothing_hides_nothing():
    assert Redactor().hide("token-of-somebody") == "token-of-somebody"
    silent = Redactor(active=False)
    silent.learn(ApiKey(key="token-of-somebody"))
    assert silent.hide("token-of-somebody") == "token-of-somebody"


def test_more_secrets_than_anybody_has_drop_the_oldest():
    redactor = knowing(*(f"secret-number-{n:05}" for n in range(MOST + 50)))
    hidden = [redactor.hide(f"secret-number-{n:05}") == "…" for n in range(MOST + 50)]
    assert sum(hidden) == MOST


@given(
    secret=st.text("abc%+", min_size=8, max_size=30),
    parts=st.lists(st.text("xyz \n", max_size=2 * MAX_LINE), max_size=4),
)
def test_no_cut_of_a_long_line_halves_a_secret(secret, parts):
    printed = secret.join(parts).encode()
    told = b"".join(pieces(io.BufferedReader(io.BytesIO(printed)), knowing(secret))).decode()
    assert told == "…".join(parts)
