"""Builds what people install, once for all workers of a test run."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.paths import ROOT

# Neither a registry nor a proxy is reached, whatever the machine says; pip keeps nothing of earlier runs.
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "",
}
_NOT_SOURCE = (
    *("tests", "wheels", "imgtar-venv", "build", "dist", "*.egg-info", "__pycache__", "*.so", "*.pyd"),
    *(".git", ".venv*", ".[a-z]*_cache", ".bench", ".hypothesis"),
)


def environment(**more: str) -> dict[str, str]:
    """The variables of a machine without a network, where nothing points at the checkout."""
    ours = ("PYTHONPATH", "IMGTAR_COMPILED", "PIP_", "CC", "CFLAGS")
    return {**{name: value for name, value in os.environ.items() if not name.startswith(ours)}, **OFFLINE, **more}


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` that `make` has filled; the first worker that asks makes it, and the others wait.

    A `make` that skips leaves the folder away, so each worker finds out for itself.
    """
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"installation-{name}"
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = Path(f"{folder}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


def build_sdist(folder: Path) -> None:
    """The source distribution of the checkout, and the same unpacked as `source`."""
    copy = folder / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_NOT_SOURCE))
    hook = "import sys, setuptools.build_meta as backend; backend.build_sdist(sys.argv[1])"
    command = [sys.executable, "-c", hook, str(folder)]
    subprocess.run(command, cwd=copy, env=environment(), check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(copy)
    with tarfile.open(one(folder, "imgtar-*.tar.gz")) as archive:
        archive.extractall(folder, filter="data")
    one(folder, "imgtar-*[0-9]").rename(folder / "source")


def build_wheel(source: Path, folder: Path, **variables: str) -> None:
    """The wheel of the source, as pip builds it for an installation."""
    copy = folder / "source"
    shutil.copytree(source, copy)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(copy)], env=environment(**variables), check=True)
    shutil.rmtree(copy)


def fetch_wheels(folder: Path, *requirements: str) -> None:
    """What is named and all that it needs, as for a machine without a network; skips where none can be had here."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--dest", str(folder)]
    fetched = subprocess.run([*command, *requirements], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if fetched.returncode:
        pytest.skip(f"needs wheels that pip cannot download here: {fetched.stderr[-200:]}")


def one(folder: Path, pattern: str) -> Path:
    """The one path in the folder that has this form."""
    (found,) = folder.glob(pattern)
    return found
