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
    "secret|token|password|passwd|passphrase|api[_-]?key|secret[_-]?key|client[_-]?secret|"
    "signature|credentials?|authorization|cookie|set-cookie|otp|totp|refresh|session"
)
SHORT_NAMES = "code|key|state|sig|pin"  # words of prose too: secret before "=" and in JSON alone

EQUALS = r"(?:=|%3[dD])"
QUOTED = r"\\?[\"'](?:\\.|[^\"'\\])*\\?[\"']?"
BARE = r"[^\s&;,'\"<>(){}\[\]\\]+"
VALUE = rf"(?:{QUOTED}|(?:Bearer|Basic|Token)\s+{BARE}|{BARE})"

Replacement = str | Callable[[Match[str]], str]


def kept(found: Match[str]) -> str:
    """What names the secret stays; the secret goes."""
    return f"{found.group('name')}{GONE}"


def rule(pattern: str, replacement: Replacement = kept) -> tuple[re.Pattern[str], Replacement]:
    return re.compile(pattern, re.IGNORECASE), replacement


RULES = (
    rule(rf"(?P<name>(?:/|%2F)(?:{'|'.join(PREFIXES)})(?:/|%2F))(?:(?!%2F)[^/\s?#\"'<>,])+"),
    rule(r"(?P<name>[a-z][a-z0-9+.-]*://)[^/\s@:\"']*(?::[^/\s@]*)?@"),
    rule(r"(?P<name>\b(?:bearer|basic)(?:\s+|%20|\+))[^\s\"',;<>]+"),
    rule(r"\bof[a-z]{0,3}_[\w-]{6,}", GONE),
    rule(r"\b[srgwphl][a-z]{1,3}[_-](?:live_|test_|proj-)?(?=[\w-]*\d)[A-Za-z0-9_-]{16,}", GONE),
    rule(r"\beyJ[\w-]{4,}(?:\.[\w-]*){1,4}", GONE),
    rule(rf"(?P<name>[\w-]*(?:{NAMES})[\w-]*\\?[\"']?\s*(?:{EQUALS}|:)\s*)b?{VALUE}"),
    rule(rf"(?P<name>\b(?:\w+[_-])?(?:{SHORT_NAMES}){EQUALS}){VALUE}"),
    rule(rf"(?P<name>\\?[\"'](?:\w+[_-])?(?:{SHORT_NAMES})\\?[\"']\s*:\s*)b?{VALUE}"),
    rule(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", "[mail]"),
)


def redact(text: str) -> str:
    """The text without its secrets. Doing it twice changes nothing."""
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return text
