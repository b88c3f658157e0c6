"""What stands between somebody and what they ask for."""

from openfit import errors
from openfit.errors import HubError


class NotSignedIn(HubError):
    status = 401
    code = "no_token"
    exit_code = 77  # EX_NOPERM


class NotAllowed(HubError):
    status = 403
    code = "forbidden"
    exit_code = 77


class TooOften(errors.TooOften):
    def __init__(self, message: str, seconds: int, *, code: str = "") -> None:
        again = f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
        super().__init__(message, next_step=f"Try again in {again}.", retry_after=seconds)
        self.code = code or self.code


def wrong_sign_in() -> NotSignedIn:
    """The same words whatever was wrong, so that nobody learns who has an account."""
    return NotSignedIn(
        "That address and password do not belong together.",
        code="sign_in",
        next_step="Check both, or ask for a code by mail or for a link from who runs this hub.",
    )


def wrong_password() -> NotAllowed:
    """Of who is signed in already. What is wrong with a new one has the code `password`."""
    return NotAllowed(
        "That is not your password.", code="wrong_password", next_step="Try it again."
    )


def wrong_code() -> NotSignedIn:
    return NotSignedIn(
        "That code does not open this account, or no longer.",
        code="code",
        next_step="Check the digits of the latest mail, or ask for a new code.",
    )


def wrong_link() -> NotSignedIn:
    return NotSignedIn(
        "This link was used already, is too old, or was replaced by a newer one.",
        code="link",
        next_step='Who runs the hub makes a new one with "openfit user link".',
    )


def session_over() -> NotSignedIn:
    return NotSignedIn("This session is over.", code="session_over", next_step="Sign in again.")
