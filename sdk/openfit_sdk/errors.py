"""What can go wrong in a plugin, in four words that decide what the hub does.

- IntegrationError
  - TransientError     keep the position, try again later
  - ReauthRequired     stop, keep everything, show a button
  - PermanentError     stop until the plugin or its settings change
  - BadInput           set one item aside, go on
"""


class IntegrationError(Exception):
    """`message` is for people and says the next step; `detail` is for logs."""

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class TransientError(IntegrationError):
    """Time-out, 429, 5xx, a band out of range, a host that died."""

    def __init__(self, message: str, *, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, detail=detail)
        self.retry_after = retry_after


class ReauthRequired(IntegrationError):
    """The vendor refuses the saved sign-in."""


class PermanentError(IntegrationError):
    """A scope is missing, the API is gone, or the plugin has a bug."""


class BadInput(IntegrationError):
    """One raw item cannot be read. `code` is for programs, `at_byte` where reading stopped."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "bad_input",
        detail: str = "",
        at_byte: int | None = None,
    ) -> None:
        super().__init__(message, detail=detail)
        self.code = code
        self.at_byte = at_byte
