"""What the API of a served hub answers, for pages to be held against."""

import json
import urllib.request
from typing import Any


def ask(served: Any, path: str) -> Any:
    request = urllib.request.Request(
        f"{served.url}/api/v1{path}", headers={"Authorization": f"Bearer {served.token}"}
    )
    return json.load(urllib.request.urlopen(request, timeout=20))
