"""Interrupted at any moment: the right exit code, no traceback, no half file (hostile-input.md X25, X26)."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.builders import directory, docker_save, file, layer
from tests.cli.command import IMGTAR, environment


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image whose report takes a while."""
    path = tmp_path_factory.mktemp("signals") / "many.tar"
    members = [directory("d/"), *(file(f"d/{number:06}", b"") for number in range(60_000))]
    path.write_bytes(docker_save([layer(*members)]))
    return path


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["INT", "TERM", "HUP"]
)
def test_a_signal_ends_it_cleanly(image: Path, tmp_path: Path, number: signal.Signals, code: int) -> None:
    waits = random.Random(int(number))
    stopped = 0
    for _ in range(10):
        with subprocess.Popen(
            [*IMGTAR, image, "-o", f"json={tmp_path}/r.json", "--format", "json"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment(),
            preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # a background shell has it ignored
        ) as process:
            time.sleep(waits.uniform(0.08, 0.4))  # the interpreter itself starts in the first hundredths
            process.send_signal(number)
            _, said = process.communicate(timeout=30)
        assert said == b""
        assert process.returncode in (code, 0)  # 0: it was done already
        stopped += process.returncode == code
        assert [path.name for path in tmp_path.iterdir() if path.name != "r.json"] == []
    assert stopped


def test_an_early_interrupt_shows_no_traceback(image: Path) -> None:
    for delay in (0.025, 0.03, 0.035, 0.04, 0.05, 0.06, 0.08, 0.1):
        with subprocess.Popen(
            [*IMGTAR, image], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()
        ) as process:
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=30)
        if process.returncode == 130:
            assert said == b""
