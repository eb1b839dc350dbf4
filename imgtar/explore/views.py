"""Screens over the panes: a page that covers them, and a question of one line."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Input

from imgtar.contract.content import TextSettings
from imgtar.explore.keys import KEYS, MOVES, PAGE_KEYS, Key
from imgtar.explore.model.lines import Line, slot
from imgtar.explore.model.page import JoinedLines, Page, Target
from imgtar.explore.model.search import next_line
from imgtar.explore.pane import Bar, Pane, bindings
from imgtar.report.table.drawing import Cell, Style, marks
from imgtar.text import cut, neutralise

_SHOWN = 13  # columns of a key in the help


class PageView(ModalScreen[Target | None]):
    """Shows a page; gives the path to go to, if the person chooses one of its lines."""

    CSS = "PageView { background: $background; }"
    BINDINGS = bindings(PAGE_KEYS)

    def __init__(self, page: Page, settings: TextSettings) -> None:
        super().__init__()
        self._page = page
        self._settings = settings
        self._text = ""  # that is looked for

    def compose(self) -> ComposeResult:
        cut_mark = marks(self._settings).cut
        yield Bar(name="title", cut_mark=cut_mark)
        yield Pane()
        yield Bar(name="commands", classes="foot", cut_mark=cut_mark)

    def on_mount(self) -> None:
        self._head()
        self._foot()
        self.watch(self._pane, "cursor", self._foot, init=False)

    @property
    def _pane(self) -> Pane:
        return self.query_one(Pane)

    def _head(self, said: str = "", style: Style = "dim") -> None:
        """Shows the title with what the keys do, or what a search says."""
        said = self._shown(said) if said else self._page.hint
        self.query_one("#title", Bar).show([Cell(self._page.title, "bold"), Cell(f"   {said}" if said else "", style)])

    def _foot(self) -> None:
        self._bar.show([Cell(self._shown("   ".join(self._page.commands)))])

    def _say(self, text: str, style: Style = "green") -> None:
        self._bar.show_whole([Cell(self._shown(text), style)])

    @property
    def _bar(self) -> Bar:
        return self.query_one("#commands", Bar)

    def _shown(self, text: str) -> str:
        return neutralise(text, ascii_only=not self._settings.unicode)

    def on_pane_widened(self, message: Pane.Widened) -> None:
        """Writes the page for the width of the terminal; the cursor stays on its row as far as that is there."""
        message.stop()
        self._show(self._pane.cursor)

    def _show(self, row: int = 0) -> None:
        """Shows the lines, with the cursor at a row; at first it is at the first path, where there are paths."""
        pane = self._pane
        lines = self._page.lines(pane.columns)
        pane.has_cursor = isinstance(lines, JoinedLines)
        pane.show(lines, row or (lines.first if isinstance(lines, JoinedLines) else 0))

    def turn(self, step: int) -> None:
        """Shows the next form of the page, or the one before."""
        turned = self._page.turned(step)
        if turned is not None:
            self._page = turned
            self._head()
            self._foot()
            self._show()

    def action_choose(self) -> None:
        lines = self._pane.lines
        if not isinstance(lines, JoinedLines):
            self.dismiss(None)
            return
        target = lines.target(self._pane.cursor) if len(lines) else None
        if target is None:
            self._say("this line is about no path", "alarm")
        else:
            self.dismiss(target)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard("\n".join(self._page.commands))
        self._say(f"copied: {'   '.join(self._page.commands)}")

    async def action_search(self) -> None:
        def search(text: str | None) -> None:
            if text is not None:
                self._text = text
                self._pane.mark(text)
                self._find(1, self._pane.cursor)

        await self.app.push_screen(Question("Look for this text:", self._text), search)

    def action_next(self, step: int) -> None:
        self._find(step, self._pane.cursor + step)

    def _find(self, step: int, start: int) -> None:
        """Goes to the first line from `start` on that has the text."""
        pane = self._pane
        if not self._text or not len(pane.lines):
            return
        row = next_line(pane.lines, self._text, start, step, pane.columns)
        if row is None:
            self._head(f"not found: {self._text}", "alarm")
            return
        pane.select(row)
        self._head(f"line {row + 1:,} of {len(pane.lines):,}   n: the next   N: the one before", "green")


class Question(ModalScreen[str | None]):
    """Asks for one line; None if the person gives none. Who asks waits until it is there, and handles no key before."""

    CSS = "Question { align: center bottom; } Question Input { height: 1; border: none; }"
    BINDINGS = [("escape", "dismiss(None)", "back")]  # noqa: RUF012 (textual's)

    def __init__(self, question: str, value: str = "") -> None:
        super().__init__()
        self._question = question
        self._value = value

    def compose(self) -> ComposeResult:
        yield Bar([Cell(self._question, "bold")], classes="foot")
        yield Input(self._value, select_on_focus=False)

    def on_mount(self) -> None:
        """What is typed replaces the value."""
        self.query_one(Input).action_select_all()

    def type(self, character: str) -> None:
        """Puts in a character where the cursor is."""
        box = self.query_one(Input)
        box.replace(character, *box.selection)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


def help_lines(columns: int) -> list[Line]:
    """The keys with their meanings."""
    return [
        *(_key_line(key, columns) for key in (*MOVES, *KEYS)),
        [],
        [Cell("On a page", "bold")],
        *(_key_line(key, columns) for key in PAGE_KEYS),
    ]


def _key_line(key: Key, columns: int) -> Line:
    return [slot(key.shown, _SHOWN, "bold"), Cell(cut(key.meaning, max(columns - _SHOWN, 1)))]
