"""The child of `openfit demo`: `python -m openfit.demo IMPORT`; its input ends with its parent."""

import os
import sys
from contextlib import suppress

from openfit.config import Config
from openfit.demo.seeding import fill
from openfit.hub import open_hub

NICENESS = 10  # the page answers first

if __name__ == "__main__":
    os.nice(NICENESS)
    with suppress(KeyboardInterrupt):
        fill(open_hub(Config.from_env(demo=True)), sys.argv[1], sys.stdin.fileno())
