"""What the source distribution holds, and what its metadata says."""

from __future__ import annotations

import tomllib
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from tests.installation.test_wheel import files
from tests.paths import ROOT

pytestmark = pytest.mark.slow

# What setuptools writes.
_MADE = {"PKG-INFO", "setup.cfg"}
_BUILDS = {"LICENSE", "MANIFEST.in", "pyproject.toml"}
# What people use out of the unpacked sources, or out of the checkout that a job has.
_USED = {".dockerignore", ".pre-commit-hooks.yaml", "Dockerfile", "action.yml", "templates/imgtar.yml"}
_SCRIPTS = {"scripts/action", "scripts/onefile", "scripts/onefile_main.py"}


def test_it_has_what_people_use_and_nothing_else(sdist: Path) -> None:
    held = {name for name in files(sdist / "source") if not name.startswith("imgtar.egg-info/")}
    package = {f"imgtar/{name}" for name in files(ROOT / "imgtar", ".so", ".pyd")}
    pages = {path.name for path in ROOT.glob("*.md")} | {f"docs/{name}" for name in files(ROOT / "docs")}
    assert held == package | pages | _BUILDS | _USED | _SCRIPTS | _MADE


@pytest.fixture
def metadata(sdist: Path) -> Message:
    return Parser().parsestr((sdist / "source/PKG-INFO").read_text())


def test_the_metadata_is_complete(metadata: Message) -> None:
    assert metadata["Name"] == "imgtar"
    assert metadata["Author"] == "imgtar contributors"
    assert metadata["License-Expression"] == "Apache-2.0 AND ISC"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert "oci" in metadata["Keywords"].split(",")
    assert "Programming Language :: Python :: 3.11" in metadata.get_all("Classifier", [])
    assert metadata.get_all("Project-URL") is None  # those who publish it have their own


def test_the_classifiers_begin_at_the_oldest_supported_version(metadata: Message) -> None:
    versions = [row.rpartition(" :: ")[2] for row in metadata.get_all("Classifier", []) if ":: 3." in row]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f">={versions[0]}" == project["requires-python"]
    assert versions == sorted(versions)
