"""The GitLab template and the hooks of pre-commit, and that docs/ci.md uses them as they are."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from imgtar.cli.registry import NAMES
from tests.installation.building import environment
from tests.installation.test_action import ACTION, HOSTILE, MYSQL, SCRIPT, Runner
from tests.paths import ROOT

PAGE = (ROOT / "docs/ci.md").read_text()
TEMPLATE: dict[str, Any] = yaml.safe_load((ROOT / "templates/imgtar.yml").read_text())[".imgtar"]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH: imgtar, and a stand-in for an installation, which tests/installation/test_offline.py tests."""
    folder = tmp_path / "programs"
    folder.mkdir()
    program = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m imgtar "$@"\n'
    for name, text in (("imgtar", program), ("python3", '#!/bin/sh\necho "$@"\n'), ("pip", '#!/bin/sh\necho "$@"\n')):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def run_job(programs: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs the script of the template as GitLab's runner does, in an empty folder."""
    workspace = programs.parent / "workspace"
    workspace.mkdir(exist_ok=True)
    path = f"{programs}:{environment()['PATH']}"
    ci = {"CI_BUILDS_DIR": str(workspace.parent), "CI_JOB_ID": "7", "PATH": path}
    variables = environment(**ci, **{**TEMPLATE["variables"], "REPORT_ARCHIVE": MYSQL, **settings})
    script = "set -e\n" + "\n".join(TEMPLATE["script"])
    return subprocess.run(["sh", "-c", script], cwd=workspace, env=variables, capture_output=True, text=True)


def test_the_job_is_one() -> None:
    assert set(TEMPLATE) == {"image", "variables", "script", "artifacts"}
    assert all(isinstance(value, str) for value in TEMPLATE["variables"].values())
    script = "\n".join(TEMPLATE["script"])
    assert set(re.findall(r"\bREPORT_\w+", script)) == set(TEMPLATE["variables"])


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
@pytest.mark.parametrize(
    ("shell", "script"),
    [("bash", SCRIPT.read_text()), ("sh", "\n".join(TEMPLATE["script"]))],
    ids=["action", "template"],
)
def test_shellcheck_finds_nothing(shell: str, script: str) -> None:
    made = subprocess.run(["shellcheck", f"--shell={shell}", "-"], input=script, text=True, stdout=-1)
    assert made.returncode == 0, made.stdout


def test_the_job_reports_and_fails_as_imgtar_does(programs: Path) -> None:
    made = run_job(programs, REPORT_FAIL_ON="medium", REPORT_ARGS="--top\n3\n")
    assert made.returncode == 1
    assert "10 layers" in made.stdout
    workspace = programs.parent / "workspace"
    assert {path.name for path in workspace.iterdir()} == {"imgtar.json", "imgtar.html"}
    made = run_job(programs, REPORT_COMMAND="check", REPORT_ARGS="--max-layers=99", REPORT_REQUIREMENT="tools/imgtar")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith(f"-I -m venv {programs.parent}/imgtar-7\n")
    assert "install --quiet --disable-pip-version-check -- tools/imgtar\n" in made.stdout
    told = {*TEMPLATE["artifacts"]["paths"], TEMPLATE["artifacts"]["reports"]["junit"]}
    assert {path.name for path in workspace.iterdir()} == told


@pytest.mark.parametrize("text", HOSTILE)
def test_no_setting_is_a_command(programs: Path, text: str) -> None:
    for name in ("ARCHIVE", "COMMAND", "ARGS", "FAIL_ON"):
        assert run_job(programs, **{f"REPORT_{name}": text}).returncode in (2, 3)
    run_job(programs, REPORT_REQUIREMENT=text)
    assert not list(programs.parent.glob("**/pwned"))


def test_the_hooks_are_some() -> None:
    for hook in HOOKS:
        assert set(hook) == {"id", "name", "description", "entry", "language", "files", "require_serial"}
        program, command, *_ = shlex.split(hook["entry"])
        assert program == "imgtar"
        assert command in NAMES
        assert hook["language"] == "python"
        for name in ("a.tar", "b/c.tar.gz", "d.tgz", "e.tar.zst"):
            assert re.search(hook["files"], name)
        for name in ("a.tar.txt", "tar", "a.zip"):
            assert not re.search(hook["files"], name)


def test_a_hook_checks_each_archive_that_it_gets(programs: Path) -> None:
    (programs.parent / "imgtar.toml").write_text("[check]\nmax-layers = 3\n")
    by_id = {hook["id"]: hook for hook in HOOKS}
    for name, code in (("imgtar-check", 1), ("imgtar-audit", 1)):
        words = shlex.split(by_id[name]["entry"])
        call = [programs / words[0], *words[1:], MYSQL, MYSQL]
        made = subprocess.run(call, cwd=programs.parent, env=environment(), capture_output=True, text=True)
        assert made.returncode == code, made.stderr


def blocks() -> list[Any]:
    """The YAML blocks of the page; steps that stand alone too."""
    return [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def found(value: Any, key: str) -> list[Any]:
    """Every mapping with this key, wherever it is."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] * (isinstance(value, dict) and key in value) + [one for part in inside for one in found(part, key)]


def test_the_page_uses_them_as_they_are() -> None:
    steps = [step for step in found(blocks(), "uses") if step["uses"] == "./tools/imgtar"]
    assert len(steps) == 3
    for step in steps:
        assert set(step["with"]) <= set(ACTION["inputs"])
    jobs = [job for job in found(blocks(), "extends") if job["extends"] == ".imgtar"]
    assert len(jobs) == 2
    for job in jobs:
        assert set(job["variables"]) <= set(TEMPLATE["variables"])
    hooks = [hook["id"] for block in found(blocks(), "hooks") for hook in block["hooks"]]
    assert hooks == [hook["id"] for hook in HOOKS]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)) == set(ACTION["inputs"])


def test_the_page_needs_no_published_imgtar() -> None:
    assert not re.search(r"install (-\S+ )*imgtar\b", PAGE)
    assert not re.search(r"uses: (?!actions/|github/|\./)", PAGE)


@pytest.mark.slow
def test_the_steps_of_the_page_run(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    runner.install()
    for name in ("app.tar", "released.tar"):
        (runner.workspace / name).write_bytes(Path(MYSQL).read_bytes())
    codes = []
    for step in found(blocks(), "uses"):
        if step["uses"] == "./tools/imgtar":
            given = {name.replace("-", "_"): value for name, value in step["with"].items()}
            codes.append(runner.run(**given).returncode)
    assert codes == [0, 0, 0]
    assert {"report.json", "report.html", "report.sarif"} <= {path.name for path in runner.workspace.iterdir()}
