"""Measures the explorer in a terminal: the time from a key to the last byte of what it paints.

    python scripts/bench_explore.py IMAGE [ROUNDS]

The figures of docs/explore.md come from here, with the image growth-1m of scripts/bench_images.py. The machine must be
quiet: the times are those of a clock. Beside them stands the processor time of the explorer.
"""

from __future__ import annotations

import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path
from typing import NamedTuple

ROWS, COLUMNS = 40, 120
PATIENCE = 30.0  # seconds
QUIET = 0.15  # seconds without output, after which a screen is painted
LISTED = rb"Files (?:of|after)[^\x1b]*paths"
UP, DOWN, PAGE_UP, PAGE_DOWN = (b"\x1b[" + end for end in (b"A", b"B", b"5~", b"6~"))


class Step(NamedTuple):
    """Keys that belong to one question, and what the screen shows when they have been answered."""

    name: str
    keys: bytes
    until: bytes = b""


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, *words: str) -> None:
        self.process, self._terminal = pty.fork()
        if not self.process:
            os.execve(sys.executable, [sys.executable, *words], os.environ | {"TERM": "xterm-256color"})
        ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def painted(self, start: float, until: bytes) -> float:
        """Reads until what is waited for is shown and all is quiet; the seconds from `start` to the last byte."""
        found, last = b"", start
        while True:
            done = bool(found) and re.search(until, found) is not None
            if not select.select([self._terminal], [], [], QUIET if done else PATIENCE)[0]:
                if not done:
                    raise SystemExit(f"{until!r} is not painted")
                return last - start
            found += os.read(self._terminal, 1 << 16)
            last = time.perf_counter()

    def appears(self, words: bytes) -> None:
        """Reads until the words are shown."""
        found = b""
        while words not in found:
            if not select.select([self._terminal], [], [], PATIENCE)[0]:
                raise SystemExit(f"{words!r} is not painted")
            found += os.read(self._terminal, 1 << 16)

    def press(self, step: Step) -> tuple[float, float]:
        """Seconds of the clock until the last byte, and of the processors until all is quiet."""
        used, start = self._used(), time.perf_counter()
        os.write(self._terminal, step.keys)
        return self.painted(start, step.until), self._used() - used

    def _used(self) -> float:
        threads = Path(f"/proc/{self.process}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def steps(rounds: int) -> Iterator[Step]:
    """What a person does, again and again; the focus is on the layers at first."""
    layers = (*[DOWN] * 3, *[UP] * 3)
    yield from (Step("another layer, for the first time", key, LISTED) for key in layers[:3])
    again = (*layers[3:], *layers[:3]) * (rounds // 6)
    yield from (Step("another layer, again", key, LISTED) for key in (*again, *layers[3:]))
    yield Step("", b"\t")
    yield from (Step("", b"l") if number % 2 else Step("", b"j") for number in range(1, 6))
    yield from (Step("cursor", key) for _ in range(rounds) for key in (DOWN, UP))
    yield from (Step("open or close a directory", b" ") for _ in range(2 * rounds))
    yield from (Step("page", key) for _ in range(rounds) for key in (PAGE_DOWN, PAGE_UP))
    yield from (Step("sort", b"s", LISTED) for _ in range(rounds))
    for _ in range(max(rounds // 10, 3)):
        yield Step("", b"/")
        yield Step("", b"9999")
        yield Step("filter", b"\r", rb"with 9999: ")
        yield Step("all paths again", b"\x1b", LISTED)


def main() -> None:
    image, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "imgtar", "inspect", image], stdout=subprocess.DEVNULL, check=True)
    inspected = time.perf_counter()
    terminal = Terminal("-m", "imgtar", "explore", image)
    terminal.appears(b"Layers")
    print(f"first screen {time.perf_counter() - inspected:.2f} s after the start, inspect {inspected - start:.2f} s")
    terminal.painted(time.perf_counter(), LISTED)
    times: dict[str, list[tuple[float, float]]] = {}
    for step in steps(rounds):
        times.setdefault(step.name, []).append(terminal.press(step))
    memory = re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{terminal.process}/status").read_text())
    os.write(terminal._terminal, b"q")
    os.waitpid(terminal.process, 0)
    times.pop("")
    for name, found in times.items():
        painted, used = (sorted(1000 * seconds for seconds in column) for column in zip(*found, strict=True))
        middle, late = len(found) // 2, min(len(found) - 1, len(found) * 95 // 100)
        print(
            f"{name:34} {len(found):4} times   p50 {painted[middle]:7.0f} ms   p95 {painted[late]:7.0f} ms"
            f"   processor p50 {used[middle]:7.0f} ms"
        )
    print(f"peak memory {int(memory[1]) // 1000 if memory else 0} MB")


if __name__ == "__main__":
    main()
