"""The part of the explorer that shows pages, with what is read for them in the background."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from textual.app import App
from textual.events import Key

from imgtar.contract.diff import DiffContent
from imgtar.contract.duplicates import DuplicatesContent
from imgtar.errors import ImgtarError
from imgtar.explore.background import in_background
from imgtar.explore.model.compare_page import ComparePage
from imgtar.explore.model.duplicates_page import DuplicatesPage, duplicates_asked
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.packages_page import Packages, PackagesPage, packages_asked
from imgtar.explore.model.page import Page, Target, TextPage
from imgtar.explore.model.preview import Content, ContentPage, read_content
from imgtar.explore.model.waste_page import WastePage
from imgtar.explore.pane import Bar
from imgtar.explore.views import PageView, Question, help_lines
from imgtar.filesystem.tree import FileEntry
from imgtar.report.table.drawing import Cell, Style
from imgtar.text import neutralise

R = TypeVar("R")
Compare = Callable[[str], DiffContent]  # an archive as a person names it; reads it, and raises ImgtarError


class PagedApp(App[None]):
    """Opens pages over what it shows. One question reads the archive at a time."""

    def __init__(self, explored: Explored, compare: Compare) -> None:
        super().__init__()
        self._compare = compare
        self.explored = explored
        self.settings = explored.settings(80)
        self.commands: Sequence[str] = ()  # that print what is shown
        self.left_out = ""  # what they print that is not shown
        self._is_reading = False
        self._duplicates: DuplicatesContent | None = None
        self._packages: Packages | None = None

    def go_to(self, target: Target) -> None:
        """Shows the path that was chosen on a page."""

    def name_commands(self) -> None:
        """Names the command lines at the foot, and what they print beside what is shown."""
        more = f"(prints {self.left_out}, too)   " if self.left_out else ""
        self._bar.show([Cell(f"{more}{'   '.join(self.commands)}")])

    def say(self, text: str, style: Style = "green") -> None:
        """Says something at the foot, until the next selection, in as many lines as it needs."""
        self._bar.show_whole([Cell(neutralise(text, ascii_only=not self.explored.unicode), style)])

    @property
    def _bar(self) -> Bar:
        return self.screen_stack[0].query_one("#foot", Bar)

    def tell(self, problem: ImgtarError, archive: str = "") -> None:
        """Says what went wrong, with an `archive` that a person named, and what to do."""
        name = f"{self.explored.shown(archive)}: " if archive else ""
        remedy = f"; {problem.remedy}" if problem.remedy else ""
        self.say(f"{name}{problem.message}{remedy}", "alarm")

    def open_page(self, page: Page) -> None:
        """Shows a page; the path that is chosen on it is shown then."""

        def chosen(target: Target | None) -> None:
            if target is not None:
                self.go_to(target)

        self.push_screen(PageView(page, self.settings), chosen)

    def on_key(self, event: Key) -> None:
        """Gives the question what was typed before it was there: a pane got that, and did not want it."""
        if isinstance(self.screen, Question) and event.character is not None and event.is_printable:
            event.prevent_default()
            self.screen.type(event.character)

    def read(self, what: str, work: Callable[[], Awaitable[R]], then: Callable[[R], None], archive: str = "") -> None:
        """Waits for work that reads the archive, or another `archive`, and calls `then` with its result.

        The foot says meanwhile what is read.
        """
        if self._is_reading:
            self.say("the archive is being read; try again when that is done", "alarm")
            return

        async def wait() -> None:
            self._is_reading = True
            self.say(f"reading {what}", "dim")
            try:
                result = await work()
            except ImgtarError as problem:
                self.tell(problem, archive)
                return
            finally:
                self._is_reading = False
            self.name_commands()
            then(result)

        self.run_worker(wait, group="reading")  # type: ignore[arg-type]  # the result is None

    def preview(self, path: bytes, entry: FileEntry, command: str) -> None:
        """Opens the content of a regular file."""

        def show(content: Content) -> None:
            self.open_page(ContentPage(self.explored, self.explored.path(path), content, command))

        self.read("the file", partial(in_background, lambda: read_content(self.explored, entry)), show)

    def action_waste(self) -> None:
        self.open_page(WastePage(self.explored))

    def action_duplicates(self) -> None:
        def show(found: DuplicatesContent) -> None:
            self._duplicates = found
            self.open_page(DuplicatesPage(self.explored, found))

        if self._duplicates is not None:
            show(self._duplicates)
        else:
            self.read("contents", partial(in_background, lambda: duplicates_asked(self.explored.session)), show)

    def action_packages(self) -> None:
        def show(found: Packages) -> None:
            self._packages = found
            self.open_page(PackagesPage(self.explored, found))

        if self._packages is not None:
            show(self._packages)
        else:
            self.read("packages", partial(in_background, lambda: packages_asked(self.explored.session)), show)

    async def action_compare(self) -> None:
        def compare(other: str | None) -> None:
            if other:

                def show(found: DiffContent) -> None:
                    self.open_page(ComparePage(self.explored, found, other))

                self.read("both archives", partial(in_background, lambda: self._compare(other)), show, other)

        await self.push_screen(Question("Compare with this archive:"), compare)

    def action_copy(self) -> None:
        self.copy_to_clipboard("\n".join(self.commands))
        self.say(f"copied: {'   '.join(self.commands)}")

    def action_help(self) -> None:
        self.open_page(TextPage("Keys", help_lines, ("imgtar explore --help",)))
