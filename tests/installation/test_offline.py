"""An installation on a machine without a network, by the commands of docs/install.md."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.installation.building import environment
from tests.installation.page import PAGE, commands
from tests.paths import FIXTURES, ROOT

pytestmark = pytest.mark.slow
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w-]", requirement)[0] for requirement in requirements}


def test_wheels_install_without_an_index(wheels: Path, tmp_path: Path) -> None:
    shutil.copytree(wheels, tmp_path / "wheels")
    install = commands("Wheels for a machine without a network")[1]
    assert "--no-index" in install
    run = subprocess.run(["bash", "-euc", install], cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1].startswith("imgtar ")
    program = tmp_path / "imgtar-venv/bin/imgtar"
    report = subprocess.run(
        [program, FIXTURES / "d20-classic-mysqlish.tar.zst"], env=environment(), check=True, stdout=-1
    )
    assert b"10 layers" in report.stdout
    index = tmp_path / re.search(r"`(imgtar-venv/share/\S+)`", PAGE)[1]  # type: ignore[index]
    assert index.read_text() == (ROOT / "docs/README.md").read_text()


def test_what_another_machine_needs_is_what_the_project_declares() -> None:
    fetch = commands("Wheels for a machine without a network")[2]
    told = set(fetch.split("--dest wheels \\\n")[1].split())
    assert told == names(PROJECT["dependencies"]) | {"setuptools"}


def test_every_extra_has_a_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| `pip install '\.\[(\w+)\]'` \|", PAGE, re.MULTILINE)
    assert [name for name, _ in rows] == [name for _, name in rows]
    assert {name for name, _ in rows} == set(PROJECT["optional-dependencies"]) - {"dev"}
