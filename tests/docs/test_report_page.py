"""The report page's questions are answered by jq, and the CI page's commands are commands."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imgtar.cli.registry import report_types
from tests.paths import ROOT

PAGE = (ROOT / "docs/report.md").read_text()
QUESTIONS = re.findall(r"```sh\n(jq .*?)\n```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"imgtar (?:inspect|check) (?:[^\n]*\\\n)*[^\n]*", (ROOT / "docs/ci.md").read_text())


@pytest.fixture(scope="module")
def report() -> bytes:
    ran = subprocess.run(
        [sys.executable, "-m", "imgtar", "inspect", "--format", "json", "tests/fixtures/mysql.tar"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return ran.stdout


def test_there_are_twelve_questions() -> None:
    assert len(QUESTIONS) == 12


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
@pytest.mark.parametrize("question", QUESTIONS, ids=range(1, len(QUESTIONS) + 1))
def test_jq_answers(question: str, report: bytes) -> None:
    ran = subprocess.run(shlex.split(question), input=report, capture_output=True)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.strip()


def test_page_names_every_format() -> None:
    named = set(re.findall(r"`([a-z-]+)`", "\n".join(line for line in PAGE.splitlines() if line.startswith("| `"))))
    assert set(report_types()["inspect"].renderers) <= named


@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_commands_of_the_ci_page_run(command: str, tmp_path: Path) -> None:
    words = shlex.split(command.replace("\\\n", " ").strip("'").replace("$<", "app.tar").replace("$@", "report.html"))
    shutil.copy(ROOT / "tests/fixtures/d20-scratch.tar", tmp_path / "app.tar")
    ran = subprocess.run(
        [sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, env={"PYTHONPATH": str(ROOT), "PATH": ""}
    )
    written = [word.partition("=")[2] for word in words if "=" in word]
    assert written
    assert ran.returncode == 0
    assert [line.split(",")[0] for line in ran.stderr.decode().splitlines()] == [f"wrote {name}" for name in written]
    assert all((tmp_path / name).exists() for name in written)
