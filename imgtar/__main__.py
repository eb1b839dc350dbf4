"""The entry point of `imgtar` and of `python -m imgtar`; importing it does nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn


def main(before_exit: Callable[[], object] = lambda: None) -> NoReturn:
    """Runs the command line and ends the process with its exit code; `before_exit` is called when all is written."""
    from imgtar.cli.signals import end_on_signals

    end_on_signals()  # before the long imports, which an interrupt would leave with a traceback
    from imgtar.runtime import tuned

    with tuned():
        from imgtar.cli.main import run

        code = run(sys.argv[1:])
        before_exit()
        if not sys.flags.dev_mode:
            # Everything is written and flushed: the system frees the memory faster than a million values one by one.
            os._exit(code)
    sys.exit(code)  # in development mode the interpreter looks for what was left open


if __name__ == "__main__":
    main()
