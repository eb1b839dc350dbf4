"""The two widgets: a pane of lines with a cursor, and a bar of one line. Neither takes a `str` to show."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style as Paint
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from imgtar.explore.keys import MOVES, Key
from imgtar.explore.model.lines import FixedLines, Line, Lines, fitted, folded
from imgtar.explore.model.search import Span, divided, spans_of
from imgtar.report.table.drawing import Style

_PAINTS: dict[Style, Paint] = {
    "": Paint(),
    "bold": Paint(bold=True),
    "dim": Paint(dim=True),
    "red": Paint(color="red"),
    "green": Paint(color="green"),
    "yellow": Paint(color="yellow"),
    "cyan": Paint(color="cyan"),
    "alarm": Paint(color="red", bold=True),
}
_MOST_LINES = 6  # of a bar
_CURSOR = Paint(reverse=True)
_QUIET_CURSOR = Paint(underline=True)  # of a pane without the focus
_FOUND = Paint(bold=True, underline=True)  # a text that is looked for


def bindings(keys: tuple[Key, ...]) -> list[BindingType]:
    """The keys as textual wants them; Tab before the screen gets it, whose Tab knows no hidden pane."""
    return [Binding(key.names, key.action, key.meaning, show=False, priority="tab" in key.names) for key in keys]


def _strip(line: Line, columns: int, base: Paint, over: Paint, spans: Sequence[Span] = ()) -> Strip:
    segments = [
        Segment(cell.text, base + _PAINTS[cell.style] + (_FOUND if found else Paint()) + over)
        for cell, found in divided(line, spans)
    ]
    return Strip(segments).adjust_cell_length(columns, base + over)


class Bar(Widget):
    """The head of a pane, or what stands at the foot of the screen: one line, of which `cut_mark` ends a long one.

    `show_whole` takes more lines, at most so many as leave room for the panes.
    """

    DEFAULT_CSS = "Bar { height: 1; } Bar.foot { background: $panel; }"

    def __init__(
        self, line: Line = (), *, name: str | None = None, classes: str | None = None, cut_mark: str = "..."
    ) -> None:
        super().__init__(id=name, classes=classes)
        self._lines: Sequence[Line] = (line,)
        self._cut_mark = cut_mark

    def show(self, line: Line) -> None:
        """Shows another line."""
        self._show([line])

    def show_whole(self, line: Line) -> None:
        """Shows another line, folded into as many as it needs."""
        lines = list(folded(line, max(self.size.width, 1)))
        most = max(1, min(_MOST_LINES, self.screen.size.height // 3))
        if len(lines) > most:
            lines[most - 1 :] = [[cell for rest in lines[most - 1 :] for cell in rest]]
        self._show(lines)

    def _show(self, lines: Sequence[Line]) -> None:
        if len(lines) != len(self._lines):  # a new height arranges all panes again
            self.styles.height = len(lines)
        self._lines = lines
        self.refresh()

    def render_line(self, y: int) -> Strip:
        columns = self.size.width
        line = self._lines[y] if y < len(self._lines) else ()
        return _strip(fitted(line, columns, self._cut_mark), columns, self.rich_style, Paint())


class Pane(ScrollView, can_focus=True):
    """Lines, made as they come into sight; `cursor` is the number of the selected one.

    Who watches `cursor` is told what a person selects, and not what `show` does, and what it then draws is in the same
    frame; the answer to a message would be in the next one.
    """

    # The scrollbar is always there, and cannot be told from the background where all lines are in sight: one that comes
    # and goes would arrange all panes again.
    DEFAULT_CSS = """
    Pane {
        overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1;
        scrollbar-background: $background; scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
    }
    """
    BINDINGS = bindings(MOVES)

    cursor = reactive(0, repaint=False, init=False)
    virtual_size = reactive(Size(0, 0), repaint=False)  # the library's arranges all panes again when it changes

    class Widened(Message):
        """A pane has another width than when it got its lines."""

    def __init__(self, lines: Lines | None = None, *, has_cursor: bool = True, name: str | None = None) -> None:
        super().__init__(id=name)
        self.lines: Lines = FixedLines(()) if lines is None else lines
        self.has_cursor = has_cursor
        self._text = ""  # that is looked for
        self._columns = 0  # that it had when it got its lines
        self._base = Paint()  # what the stylesheet says; to find that out takes longer than to draw a line

    @property
    def columns(self) -> int:
        """The columns that a line may take."""
        return max(self.scrollable_content_region.width, 1)

    def show(self, lines: Lines, cursor: int = 0) -> None:
        """Shows other lines, with the cursor at one of them."""
        self.lines = lines
        self._columns = self.columns
        self.virtual_size = Size(0, len(lines))
        self.set_reactive(Pane.cursor, max(0, min(cursor, len(lines) - 1)))
        self._follow()
        self.refresh()

    def watch_virtual_size(self, size: Size) -> None:
        """Shows in the scrollbar how many lines there are."""
        self.vertical_scrollbar.window_virtual_size = size.height

    def mark(self, text: str) -> None:
        """Marks a text where it is drawn; an empty one marks nothing."""
        self._text = text
        self.refresh()

    def select(self, row: int) -> None:
        """Puts the cursor on a row, or on the one nearest to it."""
        self.cursor = max(0, min(row, len(self.lines) - 1))

    def watch_cursor(self, before: int, row: int) -> None:
        """Shows the selected line, and no other one as such."""
        self._follow()
        for changed in (before, row):
            self.refresh(Region(0, changed - round(self.scroll_offset.y), self.size.width, 1))

    def _follow(self) -> None:
        """Scrolls as far as it must: the cursor is in sight, and the pane is full if there are lines enough."""
        height = max(self.scrollable_content_region.height, 1)
        top = min(max(round(self.scroll_offset.y), self.cursor - height + 1), self.cursor)
        self.scroll_to(y=min(top, self.max_scroll_y), animate=False, force=True, immediate=True)

    def on_resize(self, _event: Resize) -> None:
        self._follow()
        if self.columns != self._columns:
            self.post_message(self.Widened())

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: Click) -> None:
        """Selects the row under the mouse."""
        if self.has_cursor:
            self.select(event.y + round(self.scroll_offset.y))

    def action_move(self, rows: int) -> None:
        if self.has_cursor:
            self.select(self.cursor + rows)
        else:
            self.scroll_relative(y=rows, animate=False, immediate=True)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(self.size.height - 1, 1))

    def action_first(self) -> None:
        self.action_move(-len(self.lines))

    def action_last(self) -> None:
        self.action_move(len(self.lines))

    def render_lines(self, crop: Region) -> list[Strip]:
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        number = y + round(self.scroll_offset.y)
        columns = self.columns
        if number >= len(self.lines):
            return Strip.blank(columns, self._base)
        over = Paint()
        if self.has_cursor and number == self.cursor:
            over = _CURSOR if self.has_focus else _QUIET_CURSOR
        spans = spans_of(self.lines, self._text, number, columns) if self._text else ()
        return _strip(self.lines.line(number, columns), columns, self._base, over, spans)
