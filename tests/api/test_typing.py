"""The library is typed: a program of a user passes mypy in its strict mode, and does what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api import user_program
from tests.paths import FIXTURES, ROOT

MYSQL = FIXTURES / "mysql.tar"


@pytest.mark.slow
def test_the_program_passes_mypy_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    program = (ROOT / "tests/api/user_program.py").read_text()
    wrong = tmp_path / "wrong.py"
    wrong.write_text(f"{program}\n\nimgtar.inspect(3)\nNUMBER: int = api.audit('x').document.judged_on\n")
    right = tmp_path / "right.py"
    right.write_text(program)
    for path, code in ((right, 0), (wrong, 1)):
        ran = subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(tmp_path), str(path)],
            cwd=tmp_path,
            env={**os.environ, "MYPYPATH": str(ROOT), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == code, ran.stdout + ran.stderr
    lines = len(program.splitlines())
    assert [f"wrong.py:{line}: error" in ran.stdout for line in (lines + 3, lines + 4)] == [True, True]


def test_the_program_does_what_it_says() -> None:
    assert user_program.largest_layer(MYSQL) == (3, 1_049_110)
    assert "secret.private-key" in user_program.risks(MYSQL.read_bytes())
    facts = user_program.facts(str(MYSQL))
    assert facts["verified"] == "verified"
    assert facts["equal"] is True
    assert facts["found"] == ["deleted"]
    assert facts["passed"] is False
    assert user_program.explain(str(MYSQL)) == "nothing"
    assert user_program.explain("none.tar").startswith("input.missing (3): none.tar: no such file; ")
