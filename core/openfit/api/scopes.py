"""What each route asks of who calls it, said where the route is: `opt=reads("workout")`.

A key carries scopes. A grant carries families: those of the metric catalogue, `journal` and
`profile`. What belongs to no family is never seen by anyone but its owner.
"""

from typing import Any, Literal

Scope = Literal["read", "write", "account", "owner"]
SCOPES: tuple[Scope, ...] = ("read", "write", "account", "owner")

BY_METRIC = "*metric"  # the family of the metric that the path names
EACH = "*each"  # the handler leaves out what the caller's families do not hold

OPEN: dict[str, Any] = {"open": True}  # answers without a token, and says nothing about anyone
ACCOUNT: dict[str, Any] = {"scope": "account"}  # one's own ways in, keys, grants, deletion
OWNER: dict[str, Any] = {"scope": "owner"}  # the hub as a whole
SIGNED_IN: dict[str, Any] = {"session": True}  # beside a scope: no key reaches it

ONCE: dict[str, Any] = {"once": True}  # a GET that uses something up, so no HEAD stands for it
ANY_QUERY: dict[str, Any] = {"any_query": True}  # others call it in their own words


def reads(family: str | None = None) -> dict[str, Any]:
    """Reads a person's data: of this family, or what is only ever one's own."""
    return {"scope": "read", "family": family}


def writes(family: str | None = None) -> dict[str, Any]:
    """Changes a person's data, which no grant allows."""
    return {"scope": "write", "family": family}
