"""Screens over the panes: a text that covers them, and a question of one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Input

from imgtar.explore.keys import CLOSING, KEYS, MOVES
from imgtar.explore.model.lines import FixedLines, Line, slot
from imgtar.explore.pane import Bar, Pane, bindings
from imgtar.report.table.drawing import Cell
from imgtar.text import cut

_SHOWN = 13  # columns of a key in the help


class TextView(ModalScreen[None]):
    """A text of any length: `make` writes it for so many columns, `foot` names the command that prints the same."""

    CSS = "TextView { background: $background; }"
    BINDINGS = bindings(CLOSING)

    def __init__(self, title: Line, make: Callable[[int], Sequence[Line]], foot: Line) -> None:
        super().__init__()
        self._title = title
        self._make = make
        self._foot = foot

    def compose(self) -> ComposeResult:
        yield Bar(self._title)
        yield Pane(has_cursor=False)
        yield Bar(self._foot, classes="foot")

    def on_pane_widened(self) -> None:
        """Writes the text for the width of the terminal."""
        pane = self.query_one(Pane)
        pane.show(FixedLines(self._make(pane.columns)))


class Question(ModalScreen[str | None]):
    """Asks for one line; None if the person gives none."""

    CSS = "Question { align: center bottom; } Question Input { height: 1; border: none; }"
    BINDINGS = [("escape", "dismiss(None)", "back")]  # noqa: RUF012 (textual's)

    def __init__(self, question: str, value: str = "") -> None:
        super().__init__()
        self._question = question
        self._value = value

    def compose(self) -> ComposeResult:
        yield Bar([Cell(self._question, "bold")], classes="foot")
        yield Input(self._value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


def help_lines(columns: int) -> list[Line]:
    """The keys with their meanings."""
    return [
        [slot(key.shown, _SHOWN, "bold"), Cell(cut(key.meaning, max(columns - _SHOWN, 1)))] for key in (*MOVES, *KEYS)
    ]
