"""Interrupted at any moment: the right exit code, no traceback, no half file.

No test waits for a time. A run signals itself at a chosen event, or it holds still at a pipe that the test keeps.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.builders import directory, docker_save, file, layer
from tests.cli.command import IMGTAR, environment

pytestmark = pytest.mark.slow

SIGNALS = pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["INT", "TERM", "HUP"]
)
MANY = 20_000  # files; the tar and the report are many times larger than a pipe

# Runs imgtar and sends it a signal at an audit event: the n-th since imgtar handles signals, or the first of a name.
# Every import, every open file and every renaming is such an event.
SIGNALLED = """
import os, runpy, signal, sys
number, moment = int(sys.argv[1]), sys.argv[2]
if signal.getsignal(number) is signal.SIG_IGN:  # a shell ignores SIGINT for what it starts in the background
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
first, seen = signal.getsignal(number), 0
def hook(event, arguments):
    global seen
    if signal.getsignal(number) is not first:
        seen += 1
        if moment in (event, str(seen)):
            os.kill(os.getpid(), number)
sys.addaudithook(hook)
sys.argv[1:] = sys.argv[3:]
runpy.run_module("imgtar", run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("signals") / "many.tar"
    members = [directory("d/"), *(file(f"d/{number:06}", b"") for number in range(MANY))]
    path.write_bytes(docker_save([layer(*members)]))
    return path


def start(
    command: Sequence[str | Path], number: signal.Signals, *, stdin: int | None = None
) -> subprocess.Popen[bytes]:
    """Starts a process with the default handling of the signal, which a background shell would have turned off."""
    return subprocess.Popen(
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )


def signalled(number: signal.Signals, moment: str, image: Path, report: Path) -> tuple[int, bytes]:
    """Exit code and standard error of a run that gets the signal at the moment. It writes `report`."""
    command = [sys.executable, "-W", "error", "-c", SIGNALLED, str(int(number)), moment]
    with start([*command, "inspect", image, "-q", "-o", f"json={report}"], number) as process:
        _, said = process.communicate()
    return process.returncode, said


@SIGNALS
def test_a_signal_at_any_event_ends_it_cleanly(image: Path, tmp_path: Path, number: signal.Signals, code: int) -> None:
    report = tmp_path / "report.json"
    for doubled in range(20):
        ended, said = signalled(number, str(1 << doubled), image, report)
        assert said == b""
        if ended == 0:  # it was done before so many events
            break
        assert ended == code
        assert list(tmp_path.iterdir()) == []
    assert report.exists()
    assert doubled >= 6


@SIGNALS
def test_a_signal_before_the_file_has_its_name_leaves_none(
    image: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    assert signalled(number, "os.rename", image, tmp_path / "report.json") == (code, b"")
    assert list(tmp_path.iterdir()) == []


@SIGNALS
def test_a_signal_while_it_reads_ends_it_cleanly(image: Path, number: signal.Signals, code: int) -> None:
    content = image.read_bytes()
    with start([*IMGTAR, "-"], number, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(content[: len(content) // 2])
        process.stdin.flush()  # more than a pipe holds: it is read by now, and the rest is waited for
        process.send_signal(number)
        assert process.wait() == code
        assert process.stderr is not None
        assert process.stderr.read() == b""


@SIGNALS
def test_a_signal_while_it_writes_ends_it_cleanly(image: Path, number: signal.Signals, code: int) -> None:
    with start([*IMGTAR, image, "--format", "json"], number) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"{"  # the pipe is full from now on, and nobody reads on
        process.send_signal(number)
        assert process.wait() == code
        assert process.stderr is not None
        assert process.stderr.read() == b""
