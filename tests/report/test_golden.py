"""Every format of every command, as it was looked at: `pytest --update-golden` writes the files anew.

A format that is registered and has no golden file fails here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.cli.registry import report_types
from tests.cli.command import imgtar
from tests.paths import ROOT
from tests.report.rendering import truncated
from tests.runs import COMPARING, line_of

pytestmark = pytest.mark.slow

GOLDEN = ROOT / "tests/golden"
NAMES = ["d20-scratch.tar", "d26-duplayers.tar", "ctr5-export-platform.tar", "truncated.tar"]
DAY = "1795564800"  # 2026-11-25
ALONE = {
    "schema": ["schema"],
    "rules": ["audit", "--list-rules"],
    "explain": ["explain", "tar.truncated"],
    "cache": ["cache", "info", "folder"],
}  # what reads no image
GATES = ["--max-layers", "1", "--min-efficiency", "0.9", "--max-size", "20kB", "--forbid-path", "b*", "--require-user"]
CONFIGURATION = """\
[check]
max-layers = 1
min-efficiency = 0.9
max-size = "20kB"
forbid-path = ["b*"]
require-user = true
"""
CASES = [
    pytest.param(name, command, form, id=f"{name}-{command}-{form}")
    for command, report in report_types().items()
    if command != "summary"  # it is about many archives: tests/fleet/test_summary.py
    for form in report.renderers
    for name in (NAMES[:1] if command in ALONE else NAMES)
]


@pytest.mark.parametrize(("name", "command", "form"), CASES)
def test_report_is_the_golden_one(
    name: str, command: str, form: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place = tmp_path / name
    source = ROOT / "tests/fixtures" / name
    place.write_bytes(truncated() if name == "truncated.tar" else source.read_bytes())
    gates = GATES if command == "check" else []
    line = ALONE.get(command) or line_of(command, name)
    if command == "report":
        (tmp_path / "imgtar.toml").write_text(CONFIGURATION)
    if command in COMPARING:
        (tmp_path / "before.tar").write_bytes((ROOT / "tests/fixtures/d20-scratch.tar").read_bytes())
        line = [command, "before.tar", name]
    arguments = [*line, "--format", form, *gates]
    settings = {"COLUMNS": "80", "SOURCE_DATE_EPOCH": DAY}
    ran = imgtar(*arguments, cwd=tmp_path, env=settings, fresh=name == NAMES[0])
    assert ran.returncode in ((4,) if name == "truncated.tar" and command not in ALONE else (0, 1)), ran.stderr
    golden = GOLDEN / name / f"{command}.{form}"
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(ran.stdout)
    assert golden.exists(), "look at the report, then run pytest --update-golden"
    assert ran.stdout == golden.read_bytes()


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"{name}/{command}.{form}" for name, command, form in (case.values for case in CASES)}
    assert {str(path.relative_to(GOLDEN)) for path in GOLDEN.rglob("*") if path.is_file()} == wanted
