"""What must never stand in a log: secrets, whole, wherever a message carries them.

One registry, applied to every record by a filter on every handler (see logs.py). A secret is
replaced whole; no beginning or end of it is kept to recognise it by.
"""

import re
from collections.abc import Callable
from re import Match

GONE = "[redacted]"

# Path prefixes whose next segment is a secret.
PREFIXES = ("webhooks", "share", "shares", "setup", "invite", "invitations", "links", "reset")

# Names whose value is a secret, in a query, a form, a header, JSON or Python's repr.
NAMES = (
    r"kvnr|versicherten|insurance(?:[\s_-]*(?:number|no|id))?|(?:member|policy)[_-]?(?:id|number)|"
    "secret|token|password|passwd|passphrase|api[_-]?key|secret[_-]?key|client[_-]?secret|"
    "signature|credentials?|authorization|cookie|set-cookie|otp|totp|refresh|session"
)
SHORT_NAMES = "code|key|state|sig|pin"  # words of prose too: secret before "=" and in JSON alone

EQUALS = r"(?:=|%3[dD])"
QUOTED = r"\\?[\"'](?:\\.|[^\"'\\])*\\?[\"']?"
BARE = r"[^\s&;,'\"<>(){}\[\]\\]+"
VALUE = rf"(?:{QUOTED}|(?:Bearer|Basic|Token)\s+{BARE}|{BARE})"

# How other services' secrets look. Case counts: `(?-i:…)`.
FOREIGN = (
    r"(?P<name>\b|bot)(?<!\d)\d{6,12}:[\w-]{30,}",  # Telegram
    r"(?P<name>\b)(?:AIza[\w-]{20,}|ya29\.[\w-]{10,}|GOCSPX-[\w-]{10,}|1//[\w-]{20,})",  # Google
    r"(?P<name>\b)(?-i:A(?:KIA|SIA|BIA|CCA|IDA|ROA)[A-Z0-9]{12,})",  # AWS
    r"(?P<name>\b)x(?:ox[a-z]|app)-[\w-]{8,}",  # Slack
    r"(?P<name>\bhooks\.slack\.com/services/)[\w/-]+",
    r"(?P<name>\bdiscord(?:app)?\.com/api/webhooks/)[\w/-]+",
    r"(?P<name>\b)github_pat_\w{10,}",
)

# What an insurance or a state knows somebody by: Germany, the United States (twice), Britain.
NUMBERS = (
    r"\b(?-i:[A-Z])\d{9}(?:\d{10})?\b",
    r"\b\d{3}-\d{2}-\d{4}\b",
    r"\b[1-9](?-i:[A-Z][A-Z0-9])\d-?(?-i:[A-Z][A-Z0-9])\d-?(?-i:[A-Z]{2})\d{2}\b",
    r"\b(?-i:[A-Z]{2}) ?(?:\d{2} ?){3}(?-i:[A-D])\b",
)

# Pages whose links end in a secret behind `#`; behind any other a long word is one.
PAGES = r"(?:setup|grants|join|invite)(?:\#|%23)"

Replacement = str | Callable[[Match[str]], str]


def kept(found: Match[str]) -> str:
    """What names the secret stays; the secret goes."""
    return f"{found.group('name')}{GONE}"


def rule(pattern: str, replacement: Replacement = kept) -> tuple[re.Pattern[str], Replacement]:
    return re.compile(pattern, re.IGNORECASE), replacement


RULES = (
    *map(rule, FOREIGN),
    rule(rf"(?P<name>(?:/|%2F)(?:{'|'.join(PREFIXES)})(?:/|%2F))(?:(?!%2F)[^/\s?#\"'<>,])+"),
    rule(rf"(?P<name>(?:/|%2F){PAGES})[^\s\"'<>,]+"),
    rule(r"(?P<name>(?:/|%2F)[\w-]+(?:\#|%23))(?=[\w-]*[A-Z0-9])[\w-]{20,}"),
    rule(r"(?P<name>[a-z][a-z0-9+.-]*://)[^/\s@:\"']*(?::[^/\s@]*)?@"),
    rule(r"(?P<name>\b(?:bearer|basic)(?:\s+|%20|\+))[^\s\"',;<>]+"),
    rule(r"\bof[a-z]{0,3}_[\w-]{6,}", GONE),
    rule(r"\b[srgwphl][a-z]{1,3}[_-](?:live_|test_|proj-)?(?=[\w-]*\d)[A-Za-z0-9_-]{16,}", GONE),
    rule(r"\beyJ[\w-]{4,}(?:\.[\w-]*){1,4}", GONE),
    rule(rf"(?P<name>[\w-]*(?:{NAMES})[\w-]*\\?[\"']?\s*(?:{EQUALS}|:)\s*)b?{VALUE}"),
    rule(rf"(?P<name>\b(?:\w+[_-])?(?:{SHORT_NAMES}){EQUALS}){VALUE}"),
    rule(rf"(?P<name>\\?[\"'](?:\w+[_-])?(?:{SHORT_NAMES})\\?[\"']\s*:\s*)b?{VALUE}"),
    *(rule(number, GONE) for number in NUMBERS),
    rule(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", "[mail]"),
)


def redact(text: str) -> str:
    """The text without its secrets. Doing it twice changes nothing."""
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return text
