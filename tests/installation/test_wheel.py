"""What a wheel holds: with a compiler, and without one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.installation.building import build_wheel, environment, one
from tests.paths import ROOT

pytestmark = pytest.mark.slow

needs_compiler = pytest.mark.skipif(shutil.which(os.environ.get("CC", "cc")) is None, reason="needs a C compiler")


def unpacked(wheel: Path, folder: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, *arguments: str) -> bytes:
    command = [sys.executable, "-m", "imgtar", *arguments]
    variables = environment(PYTHONPATH=str(installed))
    return subprocess.run(command, cwd=installed, env=variables, check=True, stdout=subprocess.PIPE).stdout


def files(folder: Path, *without: str) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in found if "__pycache__" not in path.parts and path.suffix not in without}


@needs_compiler
def test_a_wheel_made_with_a_compiler_has_the_compiled_walker(wheel: Path, tmp_path: Path) -> None:
    installed = unpacked(wheel, tmp_path)
    assert run(installed, "--version").rstrip().endswith(b"(compiled walker)")
    assert len(list((installed / "imgtar/formats/tar").glob("_ordinary.*"))) == 1
    assert len(list((installed / "imgtar/audit/secrets").glob("_spans.*"))) == 1
    assert files(installed / "imgtar", ".so", ".pyd") == files(ROOT / "imgtar", ".so", ".pyd", ".c")


def test_a_wheel_made_without_a_compiler_works_as_well(sdist: Path, tmp_path: Path) -> None:
    build_wheel(sdist / "source", tmp_path, CC="false")
    installed = unpacked(one(tmp_path, "imgtar-*.whl"), tmp_path / "installed")
    assert run(installed, "--version").rstrip().endswith(b"(Python walker)")
    assert not list((installed / "imgtar/formats/tar").glob("_ordinary.*"))
    fixture = str(ROOT / "tests/fixtures/mysql.tar")
    with_compiler = subprocess.run(
        [sys.executable, "-m", "imgtar", fixture, "--format", "json"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    assert run(installed, fixture, "--format", "json") == with_compiler.stdout


def test_a_wheel_has_the_licenses_and_the_pages_beside_the_package(wheel: Path, tmp_path: Path) -> None:
    installed = unpacked(wheel, tmp_path)
    assert {path.name for path in installed.iterdir()} == {
        "imgtar",
        one(installed, "*.data").name,
        one(installed, "*.dist-info").name,
    }
    about = one(installed, "*.dist-info")
    licenses = {"LICENSE", "imgtar/report/assets/vendor/d3-hierarchy.LICENSE"}
    assert files(about) - {f"licenses/{name}" for name in licenses} == {
        *("METADATA", "RECORD", "WHEEL", "entry_points.txt", "top_level.txt")
    }
    assert {f"licenses/{name}" for name in licenses} <= files(about)
    share = one(installed, "*.data") / "data/share"
    assert files(share / "man/man1") == files(ROOT / "docs/man")
    pages = share / "doc/imgtar"
    assert files(pages) == {path.name for path in ROOT.glob("*.md")} | {
        f"docs/{path.name}" for path in (ROOT / "docs").iterdir() if path.is_file()
    }
