"""What an installation holds: with a compiler, and without one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.paths import ROOT

pytestmark = pytest.mark.slow

needs_compiler = pytest.mark.skipif(shutil.which(os.environ.get("CC", "cc")) is None, reason="needs a C compiler")


def built(folder: Path, **environment: str) -> Path:
    """The wheel of the checkout, unpacked: what `pip install .` would put into an environment."""
    source = folder / "source"
    ignored = shutil.ignore_patterns("*.so", "*.pyd", "__pycache__")
    shutil.copytree(ROOT / "imgtar", source / "imgtar", ignore=ignored)
    shutil.copytree(ROOT / "docs/man", source / "docs/man")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment}
    subprocess.run([*command, "--wheel-dir", str(folder), str(source)], env=environment, check=True)
    (wheel,) = folder.glob("imgtar-*.whl")
    installed = folder / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    return installed


def run(installed: Path, *arguments: str) -> bytes:
    environment = {name: value for name, value in os.environ.items() if name != "IMGTAR_COMPILED"}
    environment["PYTHONPATH"] = str(installed)
    command = [sys.executable, "-m", "imgtar", *arguments]
    return subprocess.run(command, cwd=installed, env=environment, check=True, stdout=subprocess.PIPE).stdout


def files(folder: Path, *without: str) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in found if "__pycache__" not in path.parts and path.suffix not in without}


@needs_compiler
def test_an_installation_with_a_compiler_has_the_compiled_walker(tmp_path: Path) -> None:
    installed = built(tmp_path)
    assert run(installed, "--version").rstrip().endswith(b"(compiled walker)")
    assert len(list((installed / "imgtar/formats/tar").glob("_ordinary.*"))) == 1
    assert len(list((installed / "imgtar/audit/secrets").glob("_spans.*"))) == 1
    (pages,) = installed.glob("imgtar-*.data/data/share/man/man1")
    assert files(pages) == files(ROOT / "docs/man")
    assert files(installed / "imgtar", ".so", ".pyd") == files(ROOT / "imgtar", ".so", ".pyd", ".c")


def test_an_installation_without_a_compiler_works_as_well(tmp_path: Path) -> None:
    installed = built(tmp_path, CC="false")
    assert run(installed, "--version").rstrip().endswith(b"(Python walker)")
    assert not list((installed / "imgtar/formats/tar").glob("_ordinary.*"))
    fixture = str(ROOT / "tests/fixtures/mysql.tar")
    with_compiler = subprocess.run(
        [sys.executable, "-m", "imgtar", fixture, "--format", "json"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    assert run(installed, fixture, "--format", "json") == with_compiler.stdout
