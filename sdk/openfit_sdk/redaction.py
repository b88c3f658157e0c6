"""Taking a plugin's own secrets out of what it says, in the forms in which they get about."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

from openfit_sdk.auth import secrets

HIDDEN = "…"
SHORTEST_FORM = 8
MOST = 200  # secrets of one host; each has about fifteen forms


class Redactor:
    """Knows the secrets that a host was given. One thread adds, others may hide meanwhile."""

    def __init__(self, active: bool = True) -> None:
        self._active = active
        self._known: dict[str, None] = {}
        self._text: re.Pattern[str] | None = None
        self._bytes: re.Pattern[bytes] | None = None
        self.longest = 0  # bytes

    def learn(self, *given: Any) -> None:
        """Every secret in these credentials and states."""
        found = secrets(*(each for each in given if each is not None))
        if not self._active or all(one in self._known for one in found):
            return
        self._known |= dict.fromkeys(found)
        for old in list(self._known)[:-MOST]:
            del self._known[old]
        written = {form for one in self._known for form in forms(one)}
        ordered = sorted(written, key=len, reverse=True)
        self._text = re.compile("|".join(map(re.escape, ordered)))
        self._bytes = re.compile(b"|".join(re.escape(form.encode()) for form in ordered))
        self.longest = max(len(form.encode()) for form in ordered)

    def hide(self, text: str) -> str:
        return self._text.sub(HIDDEN, text) if self._text is not None else text

    def hide_bytes(self, text: bytes) -> bytes:
        return self._bytes.sub(HIDDEN.encode(), text) if self._bytes is not None else text


def forms(secret: str) -> Iterator[str]:
    """As it is, in an address, in JSON, in Python's own quotes, in HTML, in hexadecimal, and in
    base64 wherever it begins in what was encoded."""
    packed = secret.encode(errors="replace")
    yield packed.decode()
    for quoted in (quote(packed), quote(packed, safe=""), quote_plus(packed)):
        yield quoted
        yield re.sub("%..", lambda found: found[0].lower(), quoted)
    for form in (json.dumps(secret), json.dumps(secret, ensure_ascii=False), repr(secret)):
        yield form[1:-1].encode(errors="replace").decode()
    yield escape(packed.decode())
    yield packed.hex()
    yield packed.hex().upper()
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            form = encode(bytes(before) + packed).decode()
            form = form[(0, 2, 3)[before] : (before + len(packed)) * 8 // 6]
            if len(form) >= SHORTEST_FORM:
                yield form
