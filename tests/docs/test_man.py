"""The man pages in docs/man: troff reads them without warnings, and they have every command and option."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from imgtar.cli.registry import NAMES, command_line
from tests.paths import ROOT

PAGES = sorted((ROOT / "docs/man").glob("*.1"))


def shown(page: Path, columns: int) -> str:
    """The page as `man` shows it, without bold and underlining."""
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    command = ["groff", "-man", "-Tutf8", "-ww", "-P-c", "-P-b", "-P-u", f"-rLL={columns}n", str(page)]
    run = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert run.stderr == b""
    return run.stdout.decode()


def plain(text: str) -> str:
    """The text with one blank between words, and without the hyphens that troff adds at the end of a line."""
    return " ".join(re.sub("‐\n *", "", text).split())


def test_there_is_a_page_for_each_command() -> None:
    assert {page.stem for page in PAGES} == {"imgtar", *(f"imgtar-{name}" for name in NAMES)}


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_a_page_has_no_warning_and_its_sections(page: Path, columns: int) -> None:
    text = shown(page, columns)
    headings = [line for line in text.splitlines() if re.match(r"[A-Z]", line)][1:]
    commands = ["COMMANDS", "ENVIRONMENT"] if page.stem == "imgtar" else []
    rest = ["OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"]
    assert [line for line in headings if line.isupper()] == ["NAME", "SYNOPSIS", "DESCRIPTION", *commands, *rest]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_every_option_with_its_help(name: str) -> None:
    text = plain(shown(ROOT / f"docs/man/imgtar-{name}.1", 200))
    for option in command_line(name).params:
        if isinstance(option, click.Option):
            assert f"{', '.join(option.opts)} " in text
            assert plain(option.help or "").replace("`", "") in text
    for example in command_line(name).value.examples:
        assert plain(example.line) in text


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_the_index_of_man_takes_a_page(page: Path) -> None:
    if shutil.which("lexgrog") is None:
        pytest.skip("lexgrog is not installed")
    run = subprocess.run(["lexgrog", str(page)], capture_output=True, check=True, timeout=60, text=True)
    assert f'"{page.stem} - ' in run.stdout


def test_a_line_that_looks_like_a_request_is_text() -> None:
    """A description that begins with a dot, and the characters that troff changes, stay as they are written."""
    text = shown(ROOT / "docs/man/imgtar-check.1", 200)
    assert "--forbid-path '*.pem'" in text
    assert ".dive-ci" in text


def test_a_command_has_one_help_option_whatever_asks_for_it_first() -> None:
    line = command_line("ls")
    with click.Context(line, info_name="ls") as context:
        option = line.get_help_option(context)
    assert option is not None
    assert sorted(option.opts) == ["--help", "-h"]
