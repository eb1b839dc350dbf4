"""The source distribution, the wheel and the wheels that it needs: made once for all tests of this folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation.building import build_sdist, build_wheel, fetch_wheels, made_once, one
from tests.paths import ROOT


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and with its content as `source`."""
    return made_once(tmp_path_factory, "sdist", build_sdist)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory, sdist: Path) -> Path:
    """The wheel that pip builds of the source distribution."""
    folder = made_once(tmp_path_factory, "wheel", lambda folder: build_wheel(sdist / "source", folder))
    return one(folder, "imgtar-*.whl")


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """A folder with the wheel and those of the libraries that it needs."""
    return made_once(tmp_path_factory, "wheels", lambda folder: fetch_wheels(folder, str(wheel)))


@pytest.fixture(scope="session")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of setuptools, which builds imgtar where no index can be reached."""
    return one(made_once(tmp_path_factory, "backend", lambda folder: fetch_wheels(folder, "setuptools>=77")), "*.whl")


@pytest.fixture(scope="session")
def onefile(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Path:
    """The one-file build of these wheels."""

    def make(folder: Path) -> None:
        command = [sys.executable, str(ROOT / "scripts/onefile"), str(wheels), "--output", str(folder / "imgtar.pyz")]
        subprocess.run(command, check=True)

    return made_once(tmp_path_factory, "onefile", make) / "imgtar.pyz"
