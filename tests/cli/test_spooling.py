"""The line about the temporary file."""

from __future__ import annotations

import pytest

from imgtar.cli.spooling import spooling


def test_the_line_names_the_input_and_the_directory(capsys: pytest.CaptureFixture[str]) -> None:
    spooling("a\x1b.tar", quiet=False)("/var/tmp")
    assert capsys.readouterr().err == "copying a\\x1b.tar to a temporary file without a name in /var/tmp\n"
    spooling("-", quiet=True)("/var/tmp")
    assert capsys.readouterr().err == ""
