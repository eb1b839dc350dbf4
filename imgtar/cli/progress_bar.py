"""The progress bar: on standard error, only where that is a terminal."""

from __future__ import annotations

import sys
import time

_EVERY = 0.1  # seconds between two drawings
_PATIENCE = 0.5  # seconds that a run may take without a bar
_COLUMNS = 30


class Bar:
    """Draws how much is read, how fast, and how long the rest takes. `finish` removes what was drawn."""

    def __init__(self) -> None:
        self._total: int | None = None
        self._done = 0
        self._started = self._drawn = time.monotonic()
        self._visible = False

    def start(self, total: int | None) -> None:
        self._total, self._done = total, 0
        self._started = time.monotonic()
        self._drawn = self._started + _PATIENCE

    def advance(self, size: int) -> None:
        self._done += size
        now = time.monotonic()
        if now - self._drawn >= _EVERY:
            self._drawn = now
            self._visible = True
            sys.stderr.write(f"\r{self._line(now - self._started)}\x1b[K")
            sys.stderr.flush()

    def _line(self, seconds: float) -> str:
        from imgtar.text import human_size

        rate = self._done / seconds if seconds else 0.0
        words = f"{human_size(self._done)}, {human_size(int(rate))}/s"
        if not self._total:
            return f"imgtar: {words}"
        share = min(1.0, self._done / self._total)
        filled = int(share * _COLUMNS)
        left = f", {(self._total - self._done) / rate:.0f} s left" if rate and share < 1 else ""
        return f"imgtar: [{'#' * filled}{'.' * (_COLUMNS - filled)}] {share:4.0%} {words}{left}"

    def finish(self) -> None:
        """Removes the bar from the terminal."""
        if self._visible:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._visible = False


def progress_for(*, quiet: bool) -> Bar | None:
    """A bar if standard error is a terminal and `quiet` is not set; else None."""
    return Bar() if not quiet and sys.stderr is not None and sys.stderr.isatty() else None
