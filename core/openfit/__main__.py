"""The command line's entry: errors become one line each and an exit code that means something."""

import sys

from openfit.errors import HubError


def main() -> None:
    """Run `openfit`."""
    from openfit.cli.commands import app

    try:
        app()
    except HubError as error:
        step = f" {error.next_step}" if error.next_step else ""
        print(f"openfit: {error.message}{step}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)


if __name__ == "__main__":
    main()
