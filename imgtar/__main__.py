"""The entry point of `imgtar` and of `python -m imgtar`."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from imgtar.cli.signals import end_on_signals

gc.disable()  # one run makes many values that stay to its end, and next to no cycles
end_on_signals()  # before the long imports, which an interrupt would leave with a traceback


def main() -> NoReturn:
    """Runs the command line and ends the process with its exit code."""
    from imgtar.cli.main import run

    code = run(sys.argv[1:])
    if sys.flags.dev_mode:  # let the interpreter look for what was left open
        sys.exit(code)
    # Everything is written and flushed: the system takes the memory back faster than a million values one by one.
    os._exit(code)


if __name__ == "__main__":
    main()
