"""What the hub itself says when something cannot be done.

- HubError            `code` for programs, the message for people, `next_step` for both
  - SetupError        the surroundings are wrong: settings, folders, database
  - NotFound          no such thing, or not this user's
  - Refused           the request cannot be met as it stands
"""


class HubError(Exception):
    """Becomes one line on the command line and `application/problem+json` in the API."""

    status = 500
    code = "internal"
    exit_code = 1

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
