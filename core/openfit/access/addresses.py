"""Mail addresses, in the one form in which they are stored and compared."""

import re

from openfit.errors import Refused

# What mail servers of this century take, and nothing that could end a header.
SHAPE = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*")


def normal(email: str) -> str:
    """In lower case, its domain as the network spells it."""
    name, _, domain = email.strip().lower().rpartition("@")
    try:
        spelt = f"{name}@{domain.encode('idna').decode()}"
    except UnicodeError:
        spelt = ""
    if len(spelt) > 254 or not SHAPE.fullmatch(spelt):
        raise Refused(
            "That is not a mail address that this hub can write to.",
            code="email",
            next_step="Write it as name@example.org.",
        )
    return spelt
