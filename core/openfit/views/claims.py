"""What kind of claim a daily value is and how sure it is: as its source says it, never guessed."""

from typing import NamedTuple

from openfit_schema.entities import Tier
from openfit_schema.metrics import MetricDef

STATED = 1.0  # a person's own word, as in what analyses rest on
NOT_STATED = "not_stated"  # devices say a number, and hardly ever how sure they are of it


class Claim(NamedTuple):
    """Without a confidence there is a reason. No tier where it is not known how it was made."""

    tier: Tier | None
    confidence: float | None
    reason: str | None


def claim(definition: MetricDef, method: str | None) -> Claim:
    """Of a value by the method of its source; no method is no value, which is sure of nothing."""
    if method is None:
        return Claim(None, 0.0, None)
    tier: Tier | None = "RELATIVE" if definition.relative else TIERS.get(method)
    return Claim(tier, STATED, None) if method == "manual" else Claim(tier, None, NOT_STATED)


TIERS: dict[str, Tier] = {"reported": "AUTH", "manual": "AUTH"}
