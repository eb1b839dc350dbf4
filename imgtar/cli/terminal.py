"""The terminal of a program that draws a whole screen, given back as it was however the program ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

# The mouse, focus, pasted text and keys are told no more; lines wrap, the cursor is shown, the other screen ends (xterm
# Control Sequences; kitty, keyboard protocol).
_GIVEN_BACK = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[<u"
    b"\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l"
)


def restorer() -> Callable[[], None]:
    """What gives the terminal of standard input back as it is now. It raises OSError where there is none any more."""
    import termios

    where, screen = sys.stdin.fileno(), sys.stderr.fileno()  # the program may replace these files meanwhile
    settings = termios.tcgetattr(where)

    def restore() -> None:
        os.write(screen, _GIVEN_BACK)
        try:
            termios.tcsetattr(where, termios.TCSANOW, settings)
        except termios.error as error:
            raise OSError(str(error)) from None

    return restore
