"""The progress bar: it moves within a layer, fits the terminal as wide as it is now, and leaves nothing behind."""

from __future__ import annotations

import io
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from imgtar.answers.opening import open_session
from imgtar.answers.options import EVERYTHING, InspectOptions
from imgtar.cli import progress_bar
from imgtar.cli.progress_bar import Bar, progress_for
from tests.builders import docker_save, file, gzip, tar


class Recorder:
    """Keeps what the reading code tells."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.steps: list[int] = []

    def start(self, total: int | None) -> None:
        self.total = total

    def advance(self, size: int) -> None:
        self.steps.append(size)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A clock that goes on a second with every look, standard error as a text, and the width, which may change."""
    seconds = iter(range(1_000_000))
    monkeypatch.setattr(progress_bar.time, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(progress_bar, "sys", SimpleNamespace(stderr=io.StringIO()))
    columns = [80]
    monkeypatch.setattr(progress_bar, "_columns", lambda: columns[0])
    return columns


def drawn() -> list[str]:
    text: str = progress_bar.sys.stderr.getvalue()  # type: ignore[attr-defined]
    return [line for line in text.split("\x1b[J") if line]


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 200])
@pytest.mark.parametrize("total", [None, 4_000_000_000])
def test_a_drawing_fits_and_leaves_the_cursor_at_its_start(screen: list[int], columns: int, total: int | None) -> None:
    screen[0] = columns
    bar = Bar()
    bar.start(total)
    for _ in range(40):
        bar.advance(100_000_000)
    assert len(drawn()) == 40
    for line in drawn():
        assert line.startswith("imgtar: ")
        assert line.endswith("\r")
        assert len(line) - 1 < columns


def test_a_drawing_has_bar_share_size_rate_and_rest(screen: list[int]) -> None:
    bar = Bar()
    bar.start(1_000_000)
    bar.advance(500_000)
    assert drawn() == ["imgtar: [###############...............]  50% 500 kB, 500 kB/s, 1 s left\r"]


def test_a_fleet_shows_its_archives(screen: list[int]) -> None:
    bar = Bar()
    bar.expect(2_000)
    bar.start(1_000_000)
    bar.complete()
    bar.advance(500_000)
    assert drawn() == ["imgtar: [########........]  50% 1 of 2,000 archives, 500 kB, 500 kB/s, 1 s left\r"]


def test_a_terminal_that_becomes_narrower_gets_a_shorter_line(screen: list[int]) -> None:
    bar = Bar()
    bar.start(1_000_000)
    bar.advance(1)
    screen[0] = 50
    bar.advance(1)
    first, second = drawn()
    assert len(second) <= 50 < len(first)


def test_what_was_drawn_is_removed(screen: list[int]) -> None:
    bar = Bar()
    bar.start(10)
    bar.finish()
    assert drawn() == []
    bar.advance(1)
    bar.finish()
    assert progress_bar.sys.stderr.getvalue().endswith("\r\x1b[J")  # type: ignore[attr-defined]


def layers(*, compressed: bool) -> bytes:
    content = os.urandom(300_000)
    layer = tar(*(file(f"f{number}", content) for number in range(10)))
    return docker_save([gzip(layer) if compressed else layer])


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("compressed", [False, True])
def test_it_moves_within_a_layer(tmp_path: Path, *, compressed: bool, verify: bool) -> None:
    """Also where only headers are read: what lies before the header that is read counts as read."""
    path = tmp_path / "app.tar"
    path.write_bytes(layers(compressed=compressed))
    recorder = Recorder()
    open_session(str(path), InspectOptions(verify=verify, progress=recorder)).read(EVERYTHING)
    assert recorder.total is not None
    assert sum(recorder.steps) <= recorder.total
    assert sum(recorder.steps) > 0.95 * recorder.total
    assert max(recorder.steps) <= 600_000, recorder.steps


@pytest.mark.parametrize(
    ("quiet", "terminal", "term", "shown"),
    [
        (False, True, "xterm", True),
        (True, True, "xterm", False),
        (False, False, "xterm", False),
        (False, True, "dumb", False),
    ],
)
def test_there_is_a_bar_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, *, quiet: bool, terminal: bool, term: str, shown: bool
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(progress_bar, "sys", SimpleNamespace(stderr=stream))
    monkeypatch.setenv("TERM", term)
    assert (progress_for(quiet=quiet) is not None) == shown
