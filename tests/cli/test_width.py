"""How wide the text is: as COLUMNS or the terminal says, else 80 columns."""

from __future__ import annotations

import os
import pty
import sys
import termios
from collections.abc import Iterator

import pytest

from imgtar.cli.request import text_width


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The descriptor of a terminal of 132 columns that is the standard output of the process."""
    monkeypatch.delenv("COLUMNS", raising=False)
    keeper, descriptor = pty.openpty()
    termios.tcsetwinsize(descriptor, (40, 132))
    with os.fdopen(descriptor, "w") as stream:
        monkeypatch.setattr(sys, "__stdout__", stream)
        yield descriptor
    os.close(keeper)


@pytest.mark.usefixtures("terminal")
def test_the_terminal_says_how_wide_it_is() -> None:
    assert text_width() == 132


def test_a_terminal_of_no_width_has_80_columns(terminal: int) -> None:
    termios.tcsetwinsize(terminal, (0, 0))
    assert text_width() == 80


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("stated", "columns"), [("100", 100), ("0", 132), ("-5", 132), ("wide", 132), ("", 132), ("9" * 5_000, 132)]
)
def test_columns_come_before_the_terminal(monkeypatch: pytest.MonkeyPatch, stated: str, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", stated)
    assert text_width() == columns


def test_without_a_terminal_there_are_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    with open(os.devnull, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "__stdout__", stream)
        assert text_width() == 80
    assert text_width() == 80  # the stream is closed now
    monkeypatch.setattr(sys, "__stdout__", None)
    assert text_width() == 80
