"""The progress bar: on standard error, only where that is a terminal."""

from __future__ import annotations

import os
import sys
import time

_EVERY = 0.1  # seconds between two drawings
_PATIENCE = 0.5  # seconds that a run may take without a bar
_LONGEST, _SHORTEST = 30, 8  # columns of the bar


class Bar:
    """Draws how much is read, how fast, and how long the rest takes; of a fleet also how many archives are done.

    `finish` removes what was drawn.

    Each drawing fits the terminal as wide as it is then. The cursor is left at the start of the line: a terminal that
    becomes narrower breaks the line behind the cursor, so that the next drawing clears all of it.
    """

    def __init__(self) -> None:
        self._total: int | None = None
        self._done = 0
        self._archives = self._complete = 0
        self._started = self._drawn = time.monotonic()
        self._visible = False

    def start(self, total: int | None) -> None:
        self._total, self._done = total, 0
        self._started = time.monotonic()
        self._drawn = self._started + _PATIENCE

    def expect(self, archives: int) -> None:
        self._archives, self._complete = archives, 0

    def complete(self) -> None:
        self._complete += 1

    def advance(self, size: int) -> None:
        self._done += size
        now = time.monotonic()
        if now - self._drawn >= _EVERY:
            self._drawn = now
            self._visible = True
            sys.stderr.write(f"\x1b[J{self._line(now - self._started, _columns() - 1)}\r")
            sys.stderr.flush()

    def _line(self, seconds: float, width: int) -> str:
        """The line in at most `width` columns: without the bar, then without its end, where these are few."""
        from imgtar.text import human_size

        rate = self._done / seconds if seconds else 0.0
        words = f"{human_size(self._done)}, {human_size(int(rate))}/s"
        if self._archives:
            words = f"{self._complete:,} of {self._archives:,} archives, {words}"
        if not self._total:
            return f"imgtar: {words}"[:width]
        share = min(1.0, self._done / self._total)
        left = f", {(self._total - self._done) / rate:.0f} s left" if rate and share < 1 else ""
        words = f"{share:4.0%} {words}{left}"
        columns = min(_LONGEST, width - len(f"imgtar: [] {words}"))
        if columns < _SHORTEST:
            return f"imgtar: {words}"[:width]
        filled = int(share * columns)
        return f"imgtar: [{'#' * filled}{'.' * (columns - filled)}] {words}"

    def finish(self) -> None:
        """Removes the bar from the terminal."""
        if self._visible:
            sys.stderr.write("\r\x1b[J")
            sys.stderr.flush()
            self._visible = False


def progress_for(*, quiet: bool) -> Bar | None:
    """A bar if standard error is a terminal that can clear a line, and `quiet` is not set; else None."""
    if quiet or sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    return Bar()


def _columns() -> int:
    """The width of the terminal now; 80 where it does not say."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80
