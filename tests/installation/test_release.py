"""scripts/release: everything that a release consists of, and the same bytes wherever it is built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.installation.building import environment, made_once, one
from tests.paths import FIXTURES, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("git") is None, reason="needs git")]
MOMENT = 1_700_000_000


def git(folder: Path, *arguments: str) -> None:
    who = {f"GIT_{role}_{what}": "imgtar" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    when = {f"GIT_{role}_DATE": f"{MOMENT} +0200" for role in ("AUTHOR", "COMMITTER")}
    subprocess.run(
        ["git", *arguments], cwd=folder, env=environment(**who, **when), check=True, stdout=subprocess.DEVNULL
    )


def run(repository: Path, *arguments: str, umask: int = 0o022, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(repository / "scripts/release"), *arguments]
    return subprocess.run(
        command, cwd=repository.parent, env=environment(**variables), capture_output=True, text=True, umask=umask
    )


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, sdist: Path, wheels: Path) -> Path:
    """A repository with one commit, and in `release` and `again` what two runs of the script make of it."""

    def make(folder: Path) -> None:
        first, second = folder / "first", folder / "other place/second"
        shutil.copytree(sdist / "source", first)
        shutil.rmtree(first / "imgtar.egg-info")
        shutil.copy(ROOT / "scripts/release", first / "scripts")
        git(first, "init", "--quiet")
        git(first, "add", "--all", "--force")
        git(first, "commit", "--quiet", "--message", "a commit")
        second.parent.mkdir()
        git(folder, "clone", "--quiet", "first", str(second))
        made = run(first, str(folder / "release"), "--wheels", str(wheels))
        assert made.returncode == 0, made.stderr
        made = run(second, str(folder / "again"), "--wheels", str(wheels), umask=0o077, TZ="Asia/Tokyo", LC_ALL="C")
        assert made.returncode == 0, made.stderr
        assert made.stdout == (folder / "release/SHA256SUMS").read_text()

    return made_once(tmp_path_factory, "release", make)


def test_two_runs_make_the_same_bytes(folder: Path) -> None:
    names = {path.name for path in (folder / "release").iterdir()}
    assert {path.name for path in (folder / "again").iterdir()} == names
    assert len(names) == 6
    for name in names:
        assert (folder / "release" / name).read_bytes() == (folder / "again" / name).read_bytes(), name


def test_the_checksums_are_those_of_all_other_files(folder: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder / "release", check=True)
    told = {line.split("  ")[1] for line in (folder / "release/SHA256SUMS").read_text().splitlines()}
    assert told | {"SHA256SUMS"} == {path.name for path in (folder / "release").iterdir()}


def test_the_source_distribution_says_nothing_about_the_machine(folder: Path) -> None:
    with tarfile.open(one(folder / "release", "*.tar.gz")) as archive:
        members = archive.getmembers()
    assert {info.mtime for info in members} == {MOMENT}
    assert {(info.uid, info.gid, info.uname, info.gname) for info in members} == {(0, 0, "", "")}
    assert {info.mode for info in members} == {0o644, 0o755}
    for path in (folder / "release").iterdir():
        content = path.read_bytes()
        assert os.fsencode(folder) not in content
        assert os.fsencode(ROOT) not in content


def test_the_bill_of_materials_names_what_the_one_file_has(folder: Path, wheels: Path) -> None:
    document = json.loads(one(folder / "release", "*.cdx.json").read_bytes())
    told = {(row["name"], row["version"]) for row in document["components"]}
    expected = [path.name.lower().split("-")[:2] for path in wheels.glob("*.whl")]
    assert told == {(name, version) for name, version in expected}
    assert document["bomFormat"] == "CycloneDX"
    rows = one(folder / "release", "*.requirements.txt").read_text().splitlines()
    assert {tuple(row.split(" ")[0].split("==")) for row in rows} == {pair for pair in told if pair[0] != "imgtar"}


def test_the_one_file_runs(folder: Path, tmp_path: Path) -> None:
    command = [one(folder / "release", "*.pyz"), FIXTURES / "d20-scratch.tar"]
    made = subprocess.run(command, env=environment(XDG_CACHE_HOME=str(tmp_path)), capture_output=True)
    assert made.returncode == 0, made.stderr


def test_only_a_commit_is_released_and_nothing_is_overwritten(folder: Path, tmp_path: Path) -> None:
    assert "release exists" in run(folder / "first", str(folder / "release")).stderr
    repository = tmp_path / "repository"
    shutil.copytree(folder / "first", repository)
    (repository / "README.md").write_text("changed")
    made = run(repository, str(tmp_path / "made"))
    assert made.returncode == 1
    assert made.stderr == "scripts/release: commit or remove first:\n M README.md\n\n"
    assert not (tmp_path / "made").exists()
