"""Numbers, instants and texts as XML takes them."""

import re
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from openfit_fileimport.writing.outing import Float, Int

# What XML 1.0 has no way to say, not even escaped.
NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    return NOT_XML.sub("", text)


def escaped(text: str) -> str:
    return escape(clean(text))


def attribute(text: str) -> str:
    """With its quotes."""
    return quoteattr(clean(text))


def stamps(t: Int) -> list[str]:
    """`2026-03-01T07:00:00Z`, with milliseconds where there are any."""
    seconds = np.datetime_as_string((t // 1000).astype("datetime64[s]"))
    return [
        f"{second}Z" if not ms else f"{second}.{ms:03}Z"
        for second, ms in zip(seconds.tolist(), (t % 1000).tolist(), strict=True)
    ]


def stamp(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")


def numbers(values: Float, decimals: int) -> list[str]:
    """As short as they can be; an empty text where there is none."""
    rounded = np.round(values, decimals) + 0.0  # no -0
    return ["" if v != v else plain(v, decimals) for v in rounded.tolist()]


def plain(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"
