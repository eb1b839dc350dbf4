"""Where the three panes stand: beside each other, or in a small terminal one at a time."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Resize

from imgtar.explore.pane import Bar, Pane
from imgtar.report.table.drawing import Cell, Style

_NAMES = ("layers", "files", "detail")
_NARROW = 60  # columns; a terminal with fewer shows one pane at a time
_LOW = 12  # rows; as well


class Layout(Horizontal):
    """The panes with their heads. One of them has the focus; `select` and the keys move it."""

    DEFAULT_CSS = """
    Layout #left { width: 45%; }
    Layout .part { height: 1fr; }
    Layout #right { width: 1fr; border-left: solid $panel; }
    Layout.small .part { display: none; }
    Layout.small #left, Layout.small #right { width: 1fr; border: none; }
    Layout.small.layers .upper, Layout.small.detail .lower, Layout.small.files #right { display: block; }
    Layout.small.files #left { display: none; }
    """

    def __init__(self, cut_mark: str) -> None:
        super().__init__()
        self._cut_mark = cut_mark

    def compose(self) -> ComposeResult:
        with Vertical(id="left"):
            with Vertical(classes="part upper"):
                yield Bar([Cell("Layers", "bold"), Cell("   ?: keys   q: end", "dim")], cut_mark=self._cut_mark)
                yield Pane(name="layers")
            with Vertical(classes="part lower"):
                yield Bar([Cell("Detail", "bold")])
                yield Pane(has_cursor=False, name="detail")
        with Vertical(classes="part", id="right"):
            yield Bar(name="files-head", cut_mark=self._cut_mark)
            yield Pane(name="files")

    @property
    def steps(self) -> Pane:
        """The rows of the layers."""
        return self.query_one("#layers", Pane)

    @property
    def files(self) -> Pane:
        """The tree."""
        return self.query_one("#files", Pane)

    @property
    def detail(self) -> Pane:
        """What is known of the selected row."""
        return self.query_one("#detail", Pane)

    def head_files(self, text: str, style: Style = "bold") -> None:
        """What stands above the files; escaped."""
        self.query_one("#files-head", Bar).show([Cell(text, style)])

    def on_mount(self) -> None:
        self._go_to("layers")

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < _NARROW or event.size.height < _LOW, "small")

    def on_descendant_focus(self) -> None:
        """A click moves the focus too."""
        self._mark(next(name for name in _NAMES if self.query_one(f"#{name}").has_focus))

    def move(self, step: int) -> None:
        """Moves the focus to the next pane, or to the one before."""
        there = next(number for number, name in enumerate(_NAMES) if self.has_class(name))
        self._go_to(_NAMES[(there + step) % len(_NAMES)])

    def focus_files(self) -> None:
        """Moves the focus to the files."""
        self._go_to("files")

    def _go_to(self, name: str) -> None:
        self._mark(name)
        self.query_one(f"#{name}", Pane).focus()

    def _mark(self, name: str) -> None:
        if not self.has_class(name):  # each change styles all panes again
            self.remove_class(*_NAMES, update=False)
            self.add_class(name)
