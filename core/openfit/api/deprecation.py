"""Routes that will go: said in each of their answers and in the document, long before."""

from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any

SHORTEST = timedelta(days=180)  # from the word to the end, see docs/api-policy.md


def deprecated(since: date, until: date, instead: str) -> dict[str, Any]:
    """For a route: `opt=reads() | deprecated(date(2027, 1, 1), date(2027, 9, 1), "/api/v1/x")`."""
    if until - since < SHORTEST:
        raise ValueError(f"{until} is too soon after {since}: a route stays {SHORTEST.days} days")
    began, ends = (datetime.combine(day, time(), UTC) for day in (since, until))
    said = {
        "deprecation": f"@{int(began.timestamp())}",  # RFC 9745
        "sunset": format_datetime(ends, usegmt=True),  # RFC 8594
        "link": f'<{instead}>; rel="successor-version"',
    }
    headers = [(name.encode(), value.encode()) for name, value in said.items()]
    return {"deprecated": headers}
