"""The entry point of `imgtar` and of `python -m imgtar`."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

# Until the command line has its own handlers, an interrupt ends the program without a traceback.
signal.signal(signal.SIGINT, lambda number, _frame: os._exit(128 + number))


def main() -> NoReturn:
    """Runs the command line and ends the process with its exit code."""
    from imgtar.cli.run import run

    code = run(sys.argv[1:])
    if sys.flags.dev_mode:  # let the interpreter look for what was left open
        sys.exit(code)
    # Everything is written and flushed: the system takes the memory back faster than a million values one by one.
    os._exit(code)


if __name__ == "__main__":
    main()
