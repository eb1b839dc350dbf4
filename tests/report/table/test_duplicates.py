"""The text of `duplicates`, its gate and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import docker_save, file, gzip, tar
from tests.cli.command import imgtar, one_line
from tests.paths import FIXTURES

COPIES = docker_save([tar(*(file(f"{letter}{number}", letter.encode() * 9) for number in range(6) for letter in "ab"))])


def lines(archive: bytes, folder: Path, *options: str, columns: int = 80) -> list[str]:
    (folder / "x.tar").write_bytes(archive)
    run = imgtar("duplicates", str(folder / "x.tar"), "--min-size", "0", *options, env={"COLUMNS": str(columns)})
    return run.stdout.decode().splitlines()[2:]


def test_long_groups_and_long_lists_are_counted(tmp_path: Path) -> None:
    assert lines(COPIES, tmp_path, "--top", "1") == [
        "90 B in 2 groups could be saved (83.3 % of the final filesystem)",
        "",
        "  BYTES  COPIES   LAYER  PATH",
        "   45 B  6 × 9 B  0 ADD  /a0",
        "                  0 ADD  /a1",
        "                  0 ADD  /a2",
        "                  0 ADD  /a3",
        "                         … 2 more",
        "  … 1 more (--top 0 shows all)",
    ]
    assert [line[25:] for line in lines(COPIES, tmp_path, "--top", "0")[3:]] == [
        f"/{letter}{number}" for letter in "ab" for number in range(6)
    ]


def test_a_long_path_is_cut_in_its_middle(tmp_path: Path) -> None:
    archive = docker_save([tar(*(file(f"{number}/{'d' * 90}/name", b"x") for number in range(2)))])
    short = lines(archive, tmp_path, columns=60)
    assert all(len(line) <= 60 for line in short)
    assert short[-1].endswith("d…/name")
    assert "d" * 90 in lines(archive, tmp_path, "--no-trunc", columns=60)[-1]


@pytest.mark.parametrize(("limit", "code", "verdict"), [
    ("43879", 0, "verdict: ok"),
    ("43878", 1, "verdict: failed duplicates 43,879 B > 43,878 B"),
    ("10kB", 1, "verdict: failed duplicates 43.9 kB > 10 kB"),
])  # fmt: skip
def test_the_verdict_is_the_last_line(limit: str, code: int, verdict: str) -> None:
    run = imgtar("duplicates", FIXTURES / "mysql.tar", "--min-size", "0", "--max-duplicates", limit)
    assert run.returncode == code
    assert run.stdout.decode().splitlines()[-1] == verdict
    assert (verdict in run.stderr.decode()) == bool(code)


def test_a_gate_on_what_was_not_read_fails(tmp_path: Path) -> None:
    whole = tar(file("a", b"x" * 5000), file("b", b"x" * 5000))
    text = lines(docker_save([gzip(whole[:5800])]), tmp_path, "--max-duplicates", "10kB")
    assert text[-1] == "verdict: failed duplicates at least 0 B: not all was read"


def test_a_pipe_is_read_as_a_file_is() -> None:
    line = ("duplicates", "--min-size", "0", "--all-layers", "--format", "csv")
    archive = FIXTURES / "mysql.tar"
    assert imgtar(*line, "-", stdin=archive.read_bytes()).stdout == imgtar(*line, archive).stdout


@pytest.mark.parametrize(("option", "value", "words"), [
    ("--min-size", "much", "--min-size much: not a size"),
    ("--max-duplicates", "-1", "--max-duplicates -1: not a size"),
    ("--within", "", "--within: '' matches nothing"),
])  # fmt: skip
def test_what_is_no_size_or_pattern_is_wrong_usage(option: str, value: str, words: str) -> None:
    run = imgtar("duplicates", FIXTURES / "mysql.tar", f"{option}={value}")
    assert run.returncode == 2
    assert words in one_line(run)
