"""The guide shows what imgtar really prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.paths import ROOT

SHOWN = re.findall(r"```console\n\$ imgtar (.*?)\n(.*?)```", (ROOT / "docs/guide.md").read_text(), re.DOTALL)


def test_guide_shows_commands() -> None:
    assert len(SHOWN) >= 4


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_output_is_real(command: str, output: str) -> None:
    environment = {**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", "imgtar", *command.split()], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert ran.returncode in (0, 1)  # 1: diff found differences
    assert ran.stdout.decode() == output
