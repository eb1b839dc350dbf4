"""`explore` in a real terminal: a signal ends it, and the terminal is as it was."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import termios
from pathlib import Path

import pytest

from tests.cli.command import IMGTAR, environment

pytestmark = pytest.mark.slow

OTHER_SCREEN, FIRST_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"


def read_until(terminal: int, text: bytes, found: bytes = b"") -> bytes:
    """What the program writes until it has written `text`, or ends."""
    while text not in found:
        assert select.select([terminal], [], [], 60)[0], found
        try:
            found += os.read(terminal, 1 << 16)
        except OSError:  # the program has ended
            break
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(number: signal.Signals, fixtures: Path) -> None:
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    env = environment({"TERM": "xterm-256color"})
    line = [*IMGTAR, "explore", str(fixtures / "d20-scratch.tar")]
    process = subprocess.Popen(
        line,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=env,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # nohup ignores one of them
    )
    try:
        written = read_until(ours, b"imgtar inspect", read_until(ours, OTHER_SCREEN))
        assert termios.tcgetattr(theirs) != before
        process.send_signal(number)
        assert FIRST_SCREEN in read_until(ours, FIRST_SCREEN, written)
        assert process.wait(60) == 128 + number
        assert termios.tcgetattr(theirs) == before
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)
