"""Words that people send: how long they may be, and nothing in them that is no letter."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

PRINTABLE = r"^[^\u0000-\u001f\u007f]*$"
NAMES = r"^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$"

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=NAMES)]
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=PRINTABLE)]
Password = Annotated[str, Meta(min_length=1, max_length=500)]
Token = Annotated[str, Meta(min_length=1, max_length=2000, pattern=PRINTABLE)]
Code = Annotated[str, Meta(min_length=1, max_length=32, pattern=PRINTABLE)]
Moment = Annotated[datetime, Meta(tz=True)]
