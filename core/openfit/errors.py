"""What the hub itself says when something cannot be done.

- HubError            `code` for programs, the message for people, `next_step` for both
  - SetupError        the surroundings are wrong: settings, folders, database
  - NotFound          no such thing, or not this user's
  - Refused           the request cannot be met as it stands
    - Conflict          something else is under way, or came first
    - Changed           what the request was made for is not as it was
    - TooLarge          more bytes than this place takes
    - TooOften          asked again before its time
    - TooSlow           the request itself did not arrive in time
    - Unfit             well formed, and yet not to be followed
"""


class HubError(Exception):
    """Becomes one line on the command line and `application/problem+json` in the API."""

    status = 500
    code = "internal"
    exit_code = 1
    headers: dict[str, str] | None = None  # of the answer

    def __init__(self, message: str, *, code: str = "", next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.next_step = next_step


class SetupError(HubError):
    """A setting, folder or database that does not allow a start."""

    status = 503
    code = "setup"
    exit_code = 78  # EX_CONFIG


class NotFound(HubError):
    status = 404
    code = "not_found"
    exit_code = 66  # EX_NOINPUT


class Refused(HubError):
    status = 400
    code = "refused"
    exit_code = 65  # EX_DATAERR


class Conflict(Refused):
    status = 409
    code = "conflict"


class Changed(Refused):
    status = 412
    code = "changed"


class TooLarge(Refused):
    status = 413
    code = "too_large"


class Unfit(Refused):
    status = 422
    code = "unfit"


class TooSlow(Refused):
    status = 408
    code = "too_slow"


class TooOften(Refused):
    """`headers` says when to come again."""

    status = 429
    code = "too_often"

    def __init__(self, message: str, *, next_step: str, retry_after: int) -> None:
        super().__init__(message, next_step=next_step)
        self.headers = {"retry-after": str(retry_after)}
