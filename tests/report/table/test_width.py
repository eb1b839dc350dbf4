"""No line of a text is longer than the terminal, however long the names of the image are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imgtar.cli.main import run
from imgtar.text import width
from tests.paths import FIXTURES
from tests.report.rendering import named_image, truncated
from tests.runs import REPORTS, flags, line_of

LONG = ("x" * 300, "y " * 150, "日本" * 100, "w" * 90 + "/" + "z" * 90)
WHOLE = {"ls", "du", "dockerfile"}  # a path is never cut, nor an instruction: other programs read the lines
WHOLE_LISTS = {("extract", "--list")}  # the same
DIGEST = re.compile(r"[0-9a-f]{64}")  # neither is a digest
CASES = [
    (command, *flag)
    for command, report in REPORTS.items()
    if command not in WHOLE and report.default_format == "table"
    for flag in ((), *((flag,) for flag in flags(command) if flag != "--no-trunc"))
    if (command, *flag) not in WHOLE_LISTS
]


@pytest.mark.parametrize("case", CASES, ids=" ".join)
@pytest.mark.parametrize("archive", [named_image(LONG), truncated()], ids=["long names", "truncated"])
def test_no_line_is_longer_than_the_terminal(
    archive: bytes,
    case: tuple[str, ...],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "app.tar").write_bytes(archive)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    command, *options = case
    assert run(line_of(command, "app.tar", *options)) in (0, 1, 4)
    lines = capfd.readouterr().out.splitlines()
    assert lines
    assert [line for line in lines if width(line) > 80 and not DIGEST.search(line)] == []


@pytest.mark.parametrize("columns", [24, 40])
@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        (
            "mysql.tar",
            [
                "64 B copied because only mode, owner or time changed, 55 B replaced,",
                "by dive's formula: 30.1 kB wasted (2.6 % of the layers above the lowest), efficiency 98.1 %;",
            ],
        ),
        ("d20-scratch.tar", ["none: every stored byte is in the final filesystem"]),
    ],
)
def test_sentences_about_waste_are_wrapped_and_not_cut(
    name: str, sentences: list[str], columns: int, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run(["inspect", str(FIXTURES / name)]) == 0
    section = capfd.readouterr().out.partition("\n  Waste")[2].partition("\n\n")[0].partition("BYTES")[0]
    words = " ".join(section.split())
    assert [sentence for sentence in sentences if sentence not in words] == []
    assert all(width(line) <= columns for line in section.splitlines()[1:])
    assert not re.search(r"[0-9]\n", section)  # a number stands beside its unit
