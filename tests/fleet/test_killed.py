"""A run that is killed leaves what the next one needs."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.command import IMGTAR, environment
from tests.fleet.running import files, images

pytestmark = pytest.mark.slow


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    """kill -9 in the middle; the run that goes on writes what an undisturbed one writes, and reads only the rest."""
    folder = tmp_path / "archives"
    images(folder, 120)
    line = [*IMGTAR, "fleet", str(folder), "--out", str(tmp_path / "out"), "--do", "inspect,audit", "--workers", "2"]
    env = environment({"SOURCE_DATE_EPOCH": "1795910400"})
    with subprocess.Popen(line, env=env, stderr=subprocess.DEVNULL) as run:
        done = 0
        while done < 5:
            assert run.poll() is None, "the run ended before it could be killed"
            done = sum(not path.name.endswith(".tmp") for path in tmp_path.glob("out/.fleet/rows/*/*"))
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)
    left = sum(not path.name.endswith(".tmp") for path in tmp_path.glob("out/.fleet/rows/*/*"))
    assert 5 <= left < 120
    assert files(tmp_path / "out") == {}
    again = subprocess.run([*line, "--resume"], env=environment({"SOURCE_DATE_EPOCH": "1796000000"}), check=False)
    assert again.returncode == 0
    line[line.index(str(tmp_path / "out"))] = str(tmp_path / "fresh")
    subprocess.run(line, env=env, check=True)
    assert files(tmp_path / "out") == files(tmp_path / "fresh")
