"""The GitHub Action: its inputs reach imgtar as they are, and whatever they say, no shell reads them as a command."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.installation.building import environment
from tests.paths import FIXTURES, ROOT
from tests.report.test_ci_commands import hostile_image

pytestmark = pytest.mark.slow
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
SCRIPT = ROOT / "scripts/action"
MYSQL = str(FIXTURES / "mysql.tar")
COMMAND = "touch pwned"
HOSTILE = (f"$({COMMAND})", f"`{COMMAND}`", f"'; {COMMAND}; '", f'"; {COMMAND}; "', f"; {COMMAND} #", f"| {COMMAND}")


class Runner:
    """A folder that stands for the runner of a job: its files, and an environment that has imgtar already."""

    def __init__(self, folder: Path, checkout: Path = ROOT, **variables: str) -> None:
        self.workspace = folder / "workspace"
        self.temporary = folder / "temporary"
        self.checkout = checkout
        self.variables = variables
        self.output = folder / "output"
        self.summary = folder / "summary"
        for path in (self.workspace, self.temporary):
            path.mkdir()
        self.output.touch()
        self.summary.touch()

    def install(self) -> None:
        """Puts this checkout's imgtar where the script looks for an earlier step's."""
        number = subprocess.run(["cksum"], input=f"{self.checkout}\n", capture_output=True, text=True).stdout.split()[0]
        program = self.temporary / f"imgtar-{number}/bin/imgtar"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m imgtar "$@"\n')
        program.chmod(0o755)

    def run(self, image: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Runs the step of the action with these inputs, and the defaults of the others."""
        given = {name: str(value.get("default", "")) for name, value in ACTION["inputs"].items()}
        given |= {"image": image, **{name.replace("_", "-"): value for name, value in inputs.items()}}
        [step] = ACTION["runs"]["steps"]
        variables = {
            name: given[re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", value)[1]]  # type: ignore[index]
            for name, value in step["env"].items()
        }
        runner = {
            "GITHUB_ACTION_PATH": str(self.checkout),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.temporary),
        }
        # As a runner calls `shell: bash`.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        all_variables = environment(**runner, **variables, **self.variables)
        return subprocess.run(command, cwd=self.workspace, env=all_variables, capture_output=True, text=True)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    made = Runner(tmp_path)
    made.install()
    return made


def test_the_action_is_one() -> None:
    assert set(ACTION) == {"name", "description", "author", "inputs", "outputs", "runs"}
    for value in ACTION["inputs"].values():
        assert set(value) <= {"description", "required", "default"}
        assert value["description"]
        assert ("default" in value) != value.get("required", False)
    assert ACTION["runs"]["using"] == "composite"
    [step] = ACTION["runs"]["steps"]
    assert set(step) == {"id", "shell", "run", "env"}
    assert "${{" not in step["run"]
    assert set(step["env"].values()) == {f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
    used = set(re.findall(r"\bINPUT_\w+", SCRIPT.read_text()))
    assert used == set(step["env"])
    for output in ACTION["outputs"].values():
        assert re.fullmatch(rf"\$\{{\{{ steps\.{step['id']}\.outputs\.exit-code \}}\}}", output["value"])


def test_the_script_uses_nothing_that_old_shells_lack() -> None:
    subprocess.run(["bash", "-n", SCRIPT], check=True)
    newer_than_bash_3 = r"mapfile|readarray|declare -A|\$\{\w+[,^]|&>>"
    assert not re.search(rf"{newer_than_bash_3}|\beval\b", SCRIPT.read_text())


def test_a_report_goes_to_the_log_and_to_the_summary(runner: Runner) -> None:
    made = runner.run(MYSQL)
    assert made.returncode == 0, made.stderr
    assert "10 layers" in made.stdout
    assert runner.summary.read_text().startswith("# Image report: ")
    assert runner.output.read_text() == "exit-code=0\n"
    assert not list(runner.temporary.glob("imgtar-summary*"))


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"fail_on": "medium"}, 1),
        ({"fail_on": "high"}, 0),
        ({"command": "check", "args": "--max-layers\n3\n"}, 1),
        ({"command": "check"}, 2),
        ({"command": "history", "summary": "false"}, 0),
        ({"command": "verify", "args": "--limit\nlayers=3"}, 5),
    ],
)
def test_the_exit_code_is_that_of_imgtar(runner: Runner, inputs: dict[str, str], code: int) -> None:
    assert runner.run(MYSQL, **inputs).returncode == code
    assert runner.output.read_text() == f"exit-code={code}\n"
    assert (runner.summary.read_text() == "") == (code == 2 or inputs.get("summary") == "false")


def test_several_images_and_arguments_with_spaces(runner: Runner) -> None:
    shutil.copy(MYSQL, runner.workspace / "two words.tar")
    report = runner.workspace / "a report.json"
    made = runner.run(f"{MYSQL}\ntwo words.tar\n", args="-o\njson=a report.json\n")
    assert made.returncode == 0, made.stderr
    assert "two words.tar" in made.stdout
    assert report.stat().st_size > 1000


@pytest.mark.parametrize("text", HOSTILE)
def test_no_input_is_a_command(runner: Runner, text: str) -> None:
    (runner.workspace / f"{text}.tar".replace("/", "")).write_bytes(hostile_image(text))
    assert runner.run(f"{text}.tar").returncode == 0
    for inputs in ({"args": text}, {"args": f"--top\n{text}"}, {"command": text}, {"fail_on": text}):
        assert runner.run(MYSQL, **inputs).returncode in (2, 3)  # no such option, no such image
    assert runner.run(MYSQL, summary=text).returncode == 0
    assert not list(runner.workspace.glob("**/pwned"))
    assert not re.search(r"(?m)^(?!exit-code=\d+$)", runner.output.read_text().rstrip("\n"))


def test_an_image_is_never_an_option(runner: Runner) -> None:
    assert runner.run("--version").returncode == 3
    assert runner.run("-o\njson=x.json").returncode == 3
    assert not (runner.workspace / "x.json").exists()


def test_a_summary_that_the_runner_would_refuse_is_one_line(runner: Runner) -> None:
    program = next(runner.temporary.glob("imgtar-*/bin/imgtar"))
    program.write_text('#!/bin/sh\nhead -c 2000000 /dev/zero >"${5#markdown=}"\n')
    assert runner.run(MYSQL).returncode == 0
    assert runner.summary.read_text().startswith("The report is too large for a summary")
    assert len(runner.summary.read_text().splitlines()) == 1


def test_it_installs_its_own_checkout_and_imports_nothing_of_the_job(
    sdist: Path, wheels: Path, backend: Path, tmp_path: Path
) -> None:
    checkout = tmp_path / "action"
    shutil.copytree(sdist / "source", checkout)
    links = tmp_path / "wheels"
    shutil.copytree(wheels, links, ignore=shutil.ignore_patterns("imgtar-*"))
    shutil.copy(backend, links)
    runner = Runner(tmp_path, checkout, PIP_FIND_LINKS=str(links), CC="false")
    for name in ("venv", "imgtar", "pip", "json", "setuptools"):
        (runner.workspace / f"{name}.py").write_text("raise SystemExit('imported')")
    made = runner.run(MYSQL)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "10 layers" in made.stdout
