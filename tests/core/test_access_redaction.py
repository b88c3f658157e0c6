"""What a log hides of other companies' secrets, of people's numbers, and of this hub's links."""

import pytest
from openfit.watching.redaction import GONE, redact

TOKEN = "Zk3v9QeXw7-RtY_uI0pAsDfGhJkL1mNbVcXz2wQ4"
# Cut in two, so that nobody who looks for secrets in this repository finds them.
CUT = {
    "telegram": "123456789:AA~HdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "google key": "AI~zaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "google access": "ya~29.a0AfH6SMBx-9tSrke72PouQMnMX",
    "google client": "GO~CSPX-9tSrke72PouQMnMXa7eZSW0jkF",
    "google refresh": "1//0gxyz9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "aws": "AK~IAIOSFODNN7EXAMPLE",
    "aws session": "AS~IAIOSFODNN7EXAMPLE",
    "slack bot": "xo~xb-123456789012-123456789012-AbCdEfGhIjKl",
    "slack app": "xa~pp-1-A0123-456789-abcdef",
    "slack hook": "ho~oks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "discord hook": "https://discord.com/api/webhooks/123456789012345678/abcDEF-ghiJKL_mno",
    "github": "gi~thub_pat_11ABCDEFG0_abcdefghijklmnop",
}
FOREIGN = {whose: secret.replace("~", "") for whose, secret in CUT.items()}
FORMS = ["{}", "refused {} by the server", '{{"text": "{}"}}', "https://api.example.org/x/{}/y"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("whose", FOREIGN)
def test_anothers_secret_is_gone_whole(whose, form):
    said = redact(form.format(FOREIGN[whose]))
    secret = FOREIGN[whose].rpartition("/")[2]
    pieces = [secret[at : at + 6] for at in range(4, len(secret) - 6)]
    assert GONE in said and not any(piece in said for piece in pieces), said


def test_a_bots_address_keeps_its_way():
    said = redact(f"POST https://api.telegram.org/bot{FOREIGN['telegram']}/sendMessage 403")
    assert said == f"POST https://api.telegram.org/bot{GONE}/sendMessage 403"


@pytest.mark.parametrize(
    "number",
    [
        "A123456789", "KVNR=A123456789", "kvnr: a123456789", "Versichertennummer: 12345",
        '"insurance_id": "X-99-1"', "insurance number=4711abc", "078-05-1120", "QQ123456C",
        "QQ 12 34 56 C", "1EG4-TE5-MK73", "1EG4TE5MK73", "member_id=99887766",
    ],
)  # fmt: skip
def test_a_number_that_an_insurance_knows_somebody_by_is_gone(number):
    said = redact(f"row 7 has {number}, which is odd")
    digits = "".join(filter(str.isdigit, number))
    assert GONE in said and digits[-3:] not in said.replace("-", "").replace(" ", ""), said
    assert said.startswith("row 7 has ") and said.endswith("which is odd")


@pytest.mark.parametrize("path", ["setup", "grants", "join", "invite", "sign-in", "settings/keys"])
@pytest.mark.parametrize("hash", ["#", "%23"])
def test_what_stands_behind_the_hash_of_our_links_is_gone(path, hash):
    said = redact(f"open http://hub.example:8080/{path}{hash}{TOKEN} soon")
    assert said == f"open http://hub.example:8080/{path}{hash}{GONE} soon"
    assert redact(f"/setup{hash}short") == f"/setup{hash}{GONE}"


@pytest.mark.parametrize(
    "harmless",
    [
        "/sign-in#problem=oidc_unknown", "GET /api/v1/grants/{grant_id} 204",
        "2026-03-01 07:00:00 took 1234567890 ns", "sha256 a123456789bcdef0",
        "ride-2026-03-01.fit", "docs/accounts.md#households-and-coaches", "E123 is an error",
        "run 12-34-56", "position 51.12345678, 7.12345678", "build 1234567890123",
    ],
)  # fmt: skip
def test_what_looks_like_it_and_is_none_stays(harmless):
    assert redact(harmless) == harmless
