"""The Dockerfile: BuildKit reads it, and its steps make an environment that runs without a network and read-only.

No base image can be had here; the steps run one after another in folders that stand for those of the image.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from tests.installation.building import environment
from tests.installation.page import PAGE
from tests.oracles import Unavailable, build
from tests.paths import FIXTURES, ROOT

pytestmark = pytest.mark.slow
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def instructions() -> list[tuple[str, str]]:
    """The instructions as word and rest, with continued lines joined."""
    lines = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def values(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def test_buildkit_reads_it_without_a_warning(tmp_path_factory: pytest.TempPathFactory) -> None:
    if shutil.which("go") is None:
        pytest.skip("needs Go")
    try:
        program = build("dockerfile", tmp_path_factory.getbasetemp().parent)
    except Unavailable as problem:
        pytest.skip(f"needs the modules of BuildKit: {problem}")
    made = subprocess.run([program], input=json.dumps(DOCKERFILE) + "\n", capture_output=True, text=True, check=True)
    read: dict[str, Any] = json.loads(made.stdout)
    assert "error" not in read
    assert "warnings" not in read
    assert read["stages"] == ["${BUILD_BASE}", "${BASE}"]
    told = [(word, rest) for word, rest in instructions() if word != "FROM"]
    assert [one["name"] for one in read["commands"]] == [word for word, _ in told]


def test_the_image_runs_as_a_user_without_rights() -> None:
    final = [word for word, _ in instructions()]
    final = final[len(final) - final[::-1].index("FROM") :]
    assert "RUN" not in final  # nothing of the build is in the image but what COPY takes
    assert final.index("WORKDIR") < final.index("USER")  # so the user does not own the folder
    user, _, group = values("USER")[-1].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert json.loads(values("ENTRYPOINT")[-1]) == ["imgtar"]
    assert values("ARG")[:2] == ["BUILD_BASE=python:3.13", "BASE=python:3.13-slim"]


def in_context() -> list[str]:
    """The names at the top of the checkout that .dockerignore lets in."""
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    return [path.name for path in ROOT.iterdir() if any(fnmatch(path.name, pattern) for pattern in allowed)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that stands for the root of the image, with the build context in /source."""
    shutil.copytree(ROOT / "imgtar", tmp_path / "source/imgtar", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    for name in in_context():
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, tmp_path / "source")
    shutil.copytree(ROOT / "docs", tmp_path / "source/docs")
    return tmp_path


def test_the_steps_make_an_environment_that_runs(root: Path, wheels: Path, backend: Path) -> None:
    assert set(in_context()) >= {"LICENSE", "MANIFEST.in", "README.md", "docs", "imgtar", "pyproject.toml"}
    shutil.copytree(wheels, root / "source/wheels", ignore=shutil.ignore_patterns("imgtar-*"))
    shutil.copy(backend, root / "source/wheels")
    for command in values("RUN"):
        command = re.sub(r"(?<![\w.])/(opt|wheels|source)\b", rf"{root}/\1", command)
        variables = environment(PIP_FIND_LINKS=f"{root}/source/wheels", CC="false")
        run = subprocess.run(["sh", "-c", command], cwd=root / "source", env=variables, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
    [path] = values("ENV")
    program = root / path.removeprefix("PATH=/").partition(":")[0] / "imgtar"
    made = subprocess.run([program, "-"], env={}, input=(FIXTURES / "mysql.tar").read_bytes(), capture_output=True)
    assert made.returncode == 0, made.stderr
    assert not list((root / "opt/imgtar").rglob("pip"))


def test_the_page_shows_how_to_run_it_without_a_network() -> None:
    section = PAGE.split("\n## Container image\n")[1].split("\n## ")[0]
    runs = [shlex.split(line) for line in section.replace("\\\n", " ").splitlines() if line.startswith("docker run")]
    assert runs
    for words in runs:
        assert words[words.index("--network") + 1] == "none"
        assert "--read-only" in words
